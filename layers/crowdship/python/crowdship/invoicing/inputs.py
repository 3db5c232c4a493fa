"""Bodies of requests about invoices."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from crowdship.kernel.events import Value
from crowdship.kernel.money import Money, digits_of

MOST = 10_000_000_000
"""The most minor units of one payment: a guard against typing errors."""


def _payable(amount: Money) -> Money:
    digits_of(amount.currency)
    if not 0 < amount.amount <= MOST:
        raise ValueError(f"a payment is of 1 to {MOST} minor units, not of {amount.amount}")
    return amount


class PaymentAct(StrEnum):
    """Acts on an invoice's payments.

    ``announced`` is a payment that the bank has not confirmed, ``settled`` its confirmation; ``paid`` is both at once.
    """

    PAID = "paid"
    ANNOUNCED = "announced"
    SETTLED = "settled"
    RETURNED = "returned"
    CHARGED_BACK = "charged_back"
    WRITTEN_OFF = "written_off"


WITH_AMOUNT = frozenset({PaymentAct.PAID, PaymentAct.ANNOUNCED})


class PaymentInput(Value):
    """A payment of an invoice, what became of it, or a write-off.

    Parameters
    ----------
    reference : str or None
        The bank's reference; the same one is booked once. Every act but a write-off needs it.
    amount : Money or None
        What was paid; more than what is open stays as the merchant's credit.
    """

    act: PaymentAct
    reference: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$")] | None = Field(
        default=None, examples=["E2E-20260608-17"]
    )
    amount: Annotated[Money, AfterValidator(_payable)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.amount is not None) != (self.act in WITH_AMOUNT):
            raise ValueError(f"amount goes with {' and '.join(sorted(WITH_AMOUNT))}, and with no other act")
        if (self.reference is None) != (self.act is PaymentAct.WRITTEN_OFF):
            raise ValueError(f"reference names the payment; only {PaymentAct.WRITTEN_OFF} has none")
        return self
