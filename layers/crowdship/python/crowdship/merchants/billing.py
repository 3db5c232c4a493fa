"""Billing terms of a merchant: cycle, terms, tax, address, and the currency if it is a single one. Pure."""

from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from crowdship.kernel.events import Value
from crowdship.kernel.language import Language
from crowdship.kernel.money import CurrencyCode, Money
from crowdship.vault.model import AddressText, Email, ShortText


class BillingCycle(StrEnum):
    """Spans by which a merchant is billed: weeks from Monday, or calendar months, in UTC."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Tax(Value):
    """Tax on what a merchant is charged.

    Parameters
    ----------
    name : str
        As it stands on the invoice, such as ``VAT``.
    rate_bp : int
        Hundredths of a percent: 1900 is 19 %.
    registration : str or None
        The merchant's own registration number.
    """

    name: ShortText = Field(examples=["VAT"])
    rate_bp: int = Field(ge=0, le=5000, description="Hundredths of a percent: 1900 is 19 %")
    registration: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9 ./-]{1,29}$")] | None = None

    def on(self, base: Money) -> Money:
        """Return the tax on an amount, rounded half up to a whole minor unit.

        Examples
        --------
        >>> Tax(name="VAT", rate_bp=1900).on(Money(amount=1250, currency="EUR")).amount
        238
        """
        return base.times(Decimal(self.rate_bp) / 10_000, ROUND_HALF_UP)


class Billing(Value):
    """Billing terms of a merchant.

    Parameters
    ----------
    currency : str or None
        The one currency that the merchant is billed in; one invoice per currency of its zones if left out.
    terms_days : int
        Days after the invoice in which it is to be paid.
    email : str or None
        Where invoices go; the billing address of the account if left out.
    language : Language
        Of the documents and the mails with them.
    """

    cycle: BillingCycle = BillingCycle.MONTHLY
    currency: CurrencyCode | None = None
    terms_days: int = Field(default=14, ge=0, le=120)
    tax: Tax | None = None
    address: AddressText | None = None
    po_number: Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)] | None = None
    email: Email | None = None
    language: Language = Language.ENGLISH
