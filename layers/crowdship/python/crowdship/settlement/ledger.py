"""Ledger: entries, and postings whose debits equal their credits. A booked posting is never edited."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.pricing.model import Outcome
from crowdship.settlement.accounts import Side, kind_of, owner_of

TIP = "tip"
FEE = "fee"
ADJUSTED = "adjusted"
RETURNED = "payout_returned"
CARRIED = "carried"
PAID_OUT = "paid_out"
NETTED = "netted"
RECOVERED = "recovered"
WITHHELD = "withheld"
INSTANT_PAID = "instant_paid"
INSTANT_PAY_FEE = "instant_pay_fee"
INVOICE_PAID = "invoice_paid"
INVOICE_UNPAID = "invoice_unpaid"
WRITTEN_OFF = "written_off"
TAXED = "taxed"
MONTHLY_MINIMUM = "monthly_minimum"

SETTLING = frozenset(
    {
        PAID_OUT,
        WITHHELD,
        NETTED,
        RECOVERED,
        INVOICE_PAID,
        INVOICE_UNPAID,
        WRITTEN_OFF,
        TAXED,
        MONTHLY_MINIMUM,
    }
)
"""Codes of entries that settle an earlier period than the one they are booked in, or an invoice of earlier periods."""


class BooksDontBalance(Exception):  # noqa: N818
    """Something that was written does not agree with the log of postings; a person must look."""


class PostingKind(StrEnum):
    """Kinds of postings, by their causes."""

    DELIVERY = "delivery"
    DELIVERY_REVERSAL = "delivery_reversal"
    TIP = "tip"
    ADJUSTMENT = "adjustment"
    PAYOUT = "payout"
    PAYOUT_REVERSAL = "payout_reversal"
    CARRY = "carry"
    QUEST = "quest"
    BATCH_BONUS = "batch_bonus"
    PEAK_BONUS = "peak_bonus"
    GUARANTEE = "guarantee"
    HAND_OVER = "hand_over"
    PAY_FLOOR = "pay_floor"
    REFUND = "refund"
    CLAIM = "claim"
    CHARGEBACK = "chargeback"
    HOLD = "hold"
    HOLD_RELEASE = "hold_release"
    INSTANT_PAYOUT = "instant_payout"
    PAYOUT_SETTLED = "payout_settled"
    TAX_DEPOSIT = "tax_deposit"
    TAX_OFFSET = "tax_offset"
    MERCHANT_PAYMENT = "merchant_payment"
    MERCHANT_PAYMENT_REVERSAL = "merchant_payment_reversal"
    SALES_TAX = "sales_tax"
    WRITE_OFF = "write_off"
    MONTHLY_MINIMUM = "monthly_minimum"
    REVERSAL = "reversal"


class Phase(StrEnum):
    """Phases of a posting: one that counts, one that only reserves, and the end of a reservation without money."""

    POSTED = "posted"
    PENDING = "pending"
    VOIDED = "voided"


def _in_chart(account: str) -> str:
    kind_of(account)
    return account


def _positive(amount: Money) -> Money:
    if amount.amount <= 0:
        raise ValueError(f"an entry's amount must be positive, not {amount}; its side is debit or credit")
    return amount


class Entry(Value):
    """One line of a posting: an amount on one side of one account.

    Parameters
    ----------
    account : str
        In the chart of accounts, for example ``driver:drv_1:payable``.
    amount : Money
        Above zero.
    code : str
        The part of a price (``base``, ``distance``), or one of the codes of this module.
    item : str or None
        On a clearing account, the payout, claim or payment that must clear to zero; None on all others.

    Raises
    ------
    ValidationError
        If a clearing account's entry names no item, or another account's entry names one.
    """

    account: Annotated[str, AfterValidator(_in_chart)]
    side: Side
    amount: Annotated[Money, AfterValidator(_positive)]
    code: str
    item: str | None = Field(default=None, exclude_if=lambda item: item is None)

    @model_validator(mode="after")
    def _named_item(self) -> Self:
        if kind_of(self.account).clearing != (self.item is not None):
            needed = "needs an item" if self.item is None else "is no clearing account and has no items"
            raise ValueError(f"{self.account} {needed}")
        return self

    @property
    def signed(self) -> int:
        """Minor units: a debit is positive, a credit negative."""
        return self.amount.amount if self.side is Side.DEBIT else -self.amount.amount


def reversed_entry(booked: Entry) -> Entry:
    """Return the entry that takes another one back: the same amount on the other side."""
    other = Side.CREDIT if booked.side is Side.DEBIT else Side.DEBIT
    return booked.model_copy(update={"side": other})


def entry(account: str, signed: Money, code: str, item: str | None = None) -> tuple[Entry, ...]:
    """Return the entry of a signed amount: a positive one is a debit, a negative one a credit, zero is no entry."""
    if not signed.amount:
        return ()
    side = Side.DEBIT if signed.amount > 0 else Side.CREDIT
    amount = signed if signed.amount > 0 else -signed
    return (Entry(account=account, side=side, amount=amount, code=code, item=item),)


def posting_id_for(cause: str) -> str:
    """Return the id of the one posting that a cause can lead to."""
    return derived_id("pst", cause)


class Posting(Value):
    """Entries of one cause, whose debits equal their credits.

    Parameters
    ----------
    id : str
        Made from ``cause``, so that the same cause is booked once.
    cause : str
        Id of the event, statement, payout or posting that led to it, or an adjustment's reference.
    period : date
        The day (UTC) it is booked in: the day of ``time``, or the next day that was still open.
    value_on : date or None
        The day on which the bank moved the money, if it was known only after that day.
    phase : Phase
        A pending posting reserves amounts and moves none. It is resolved once: by a posted one, or by a voided one.
    resolves : str or None
        Id of the pending posting that it resolves.
    releases : tuple of Entry
        Of a posted one that resolves a pending one: the entries of that, which are no longer reserved.
    promise_id : str or None
        The promise of extra pay that it pays or takes back.
    """

    id: str
    cause: str
    kind: PostingKind
    time: Moment
    period: Day
    entries: tuple[Entry, ...] = Field(min_length=2)
    phase: Phase = Field(default=Phase.POSTED, exclude_if=lambda phase: phase is Phase.POSTED)
    resolves: str | None = Field(default=None, exclude_if=lambda pending: pending is None)
    releases: tuple[Entry, ...] = Field(default=(), exclude_if=lambda entries: not entries)
    delivery_id: str | None = None
    external_id: str | None = None
    promise_id: str | None = Field(default=None, exclude_if=lambda promise: promise is None)
    value_on: Day | None = Field(default=None, exclude_if=lambda day: day is None)
    outcome: Outcome | None = None
    note: str | None = None
    booked_by: str | None = None

    @model_validator(mode="after")
    def _balanced(self) -> Self:
        currencies = {entry.amount.currency for entry in (*self.entries, *self.releases)}
        if len(currencies) > 1:
            raise ValueError(f"a posting has one currency, not {sorted(currencies)}")
        for entries in (self.entries, self.releases):
            if difference := sum(entry.signed for entry in entries):
                raise ValueError(f"posting {self.id} is out of balance by {difference}; debits must equal credits")
        return self

    @model_validator(mode="after")
    def _resolving(self) -> Self:
        if self.phase is Phase.PENDING and self.resolves:
            raise ValueError("a pending posting resolves no other")
        if self.phase is Phase.VOIDED and not self.resolves:
            raise ValueError("a voided posting names the pending one that it resolves")
        if bool(self.releases) is not (self.phase is Phase.POSTED and self.resolves is not None):
            raise ValueError("a posting that posts a pending one releases its entries, and no other does")
        return self

    @property
    def currency(self) -> str:
        """The currency of all entries."""
        return self.entries[0].amount.currency

    @property
    def moved_on(self) -> date:
        """The day on which the bank moved the money, or that it is booked in."""
        return self.value_on or self.period

    @property
    def accounts(self) -> frozenset[str]:
        """The accounts that it has entries on or releases."""
        return frozenset(entry.account for entry in (*self.entries, *self.releases))

    @property
    def owners(self) -> frozenset[str]:
        """Owners of its accounts."""
        return frozenset(owner_of(account) for account in self.accounts)

    @classmethod
    def caused_by(cls, cause: str, kind: PostingKind, time: datetime, entries: Iterable[Entry], **more: Any) -> Self:
        """Return the posting of a cause, booked on the day of ``time``.

        Raises
        ------
        ValidationError
            If the entries don't balance, or have more than one currency.
        """
        return cls.model_validate(
            {
                "id": posting_id_for(cause),
                "cause": cause,
                "kind": kind,
                "time": time,
                "period": time.astimezone(UTC).date(),
                "entries": tuple(entries),
                **more,
            }
        )

    def moved_to(self, period: date) -> Self:
        """Return the posting in a later period, because its own was closed."""
        return self.model_copy(update={"period": period})
