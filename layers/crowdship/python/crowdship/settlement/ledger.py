"""The ledger: accounts, postings that balance, and what closed deliveries post. Entries are never edited."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from crowdship.deliveries.holds import Verdict
from crowdship.deliveries.outcome import outcome
from crowdship.deliveries.states import State
from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import DomainEvent, Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.pricing.model import Outcome, Price, settle_price
from crowdship.pricing.terms import Shares
from crowdship.shipment.options import Undeliverable

FEES = "platform:fees"
CASH = "platform:cash"
"""Payouts in clearing: credited when a payout is reserved."""

TIPPED = "delivery.tipped"
"""The event of a tip after the hand-over."""

TIP = "tip"
FEE = "fee"
ADJUSTED = "adjusted"
RETURNED = "payout_returned"
CARRIED = "carried"
PAID_OUT = "paid_out"
NETTED = "netted"
RECOVERED = "recovered"

SETTLING = frozenset({PAID_OUT, NETTED, RECOVERED})
"""Codes of the entries that settle an earlier period than the one they are booked in."""

Account = Annotated[
    str,
    StringConstraints(pattern=r"^(merchant:[^:]+:receivable|driver:[^:]+:(payable|receivable)|platform:(fees|cash))$"),
]


class OwnerKind(StrEnum):
    """Whose an account is."""

    MERCHANT = "merchant"
    DRIVER = "driver"
    PLATFORM = "platform"


class Side(StrEnum):
    """The two sides of a ledger."""

    DEBIT = "debit"
    CREDIT = "credit"


class Kind(StrEnum):
    """Why a posting was made."""

    DELIVERY = "delivery"
    TIP = "tip"
    ADJUSTMENT = "adjustment"
    PAYOUT = "payout"
    PAYOUT_REVERSAL = "payout_reversal"
    CARRY = "carry"


def merchant_receivable(merchant_id: str) -> str:
    """Return the account of what a merchant owes."""
    return f"merchant:{merchant_id}:receivable"


def driver_payable(driver_id: str) -> str:
    """Return the account of what a driver is owed."""
    return f"driver:{driver_id}:payable"


def driver_receivable(driver_id: str) -> str:
    """Return the account of what a driver owes: a negative payable is moved here and carried on."""
    return f"driver:{driver_id}:receivable"


def owner_of(account: str) -> str:
    """Return whose an account is: ``driver:<id>``, ``merchant:<id>`` or ``platform``."""
    return account.rpartition(":")[0]


def kind_of_owner(owner: str) -> OwnerKind:
    """Return which kind of owner this is."""
    return OwnerKind(owner.partition(":")[0])


def _positive(amount: Money) -> Money:
    if amount.amount <= 0:
        raise ValueError(f"an entry's amount is positive, not {amount}; its side says which way it goes")
    return amount


class Entry(Value):
    """One side of a posting.

    Parameters
    ----------
    amount : Money
        Above zero.
    code : str
        Which part of a price it is, or what it settles.
    """

    account: Account
    side: Side
    amount: Annotated[Money, AfterValidator(_positive)]
    code: str

    @property
    def signed(self) -> int:
        """Minor units, debits above zero and credits below."""
        return self.amount.amount if self.side is Side.DEBIT else -self.amount.amount


def entry(account: str, signed: Money, code: str) -> tuple[Entry, ...]:
    """Return the entry of a signed amount (a debit above zero, a credit below), or none for nothing."""
    if not signed.amount:
        return ()
    side = Side.DEBIT if signed.amount > 0 else Side.CREDIT
    return (Entry(account=account, side=side, amount=signed if signed.amount > 0 else -signed, code=code),)


def posting_id_for(cause: str) -> str:
    """Return the id of the one posting that a cause can lead to."""
    return derived_id("pst", cause)


class Posting(Value):
    """Entries that balance, with one cause; never changed once it is booked.

    Parameters
    ----------
    id : str
        Made from ``cause``, so that the same cause is booked once.
    cause : str
        What led to it: the id of an event, a statement, a payout or a posting, or a correction's reference.
    period : date
        The day it is booked in: the day of ``time``, or the next that was still open.
    """

    id: str
    cause: str
    kind: Kind
    time: Moment
    period: Day
    entries: tuple[Entry, ...] = Field(min_length=2)
    delivery_id: str | None = None
    external_id: str | None = None
    outcome: Outcome | None = None
    note: str | None = None
    booked_by: str | None = None

    @model_validator(mode="after")
    def _balanced(self) -> Self:
        currencies = {entry.amount.currency for entry in self.entries}
        if len(currencies) > 1:
            raise ValueError(f"a posting has one currency, not {sorted(currencies)}")
        if difference := sum(entry.signed for entry in self.entries):
            raise ValueError(f"posting {self.id} is out of balance by {difference}; debits must equal credits")
        return self

    @property
    def currency(self) -> str:
        """The currency of all entries."""
        return self.entries[0].amount.currency

    @property
    def owners(self) -> frozenset[str]:
        """Whose accounts it touches."""
        return frozenset(owner_of(entry.account) for entry in self.entries)

    @classmethod
    def caused_by(cls, cause: str, kind: Kind, time: datetime, entries: Iterable[Entry], **more: str | None) -> Self:
        """Return the posting that follows from a cause, on the day of ``time``."""
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
        """Return it in a later period, because its own was closed."""
        return self.model_copy(update={"period": period})


def posting_for(event: DomainEvent) -> Posting | None:
    """Return the posting of a delivery's event, or None while nothing is due.

    What was called off is due as it was told then; where that brings the goods back, once they are there. What is held
    is due once a person has released it.
    """
    data = event.data
    if not data["previous_state"] or not data["driver_id"]:
        return None
    if event.type == TIPPED:
        return _late_tip(event)
    if (held := data.get("hold")) and (held["decision"] or {}).get("verdict") != Verdict.RELEASED:
        return None
    ended = outcome(
        State(data["previous_state"]), State(data["state"]), data["reason"], Undeliverable(data["undeliverable"])
    )
    if ended is None:
        return None
    called_off = data["cancellation"]
    shares = Shares.model_validate(called_off["shares"]) if called_off else None
    due = settle_price(Price.model_validate(data["price"]), ended, shares)
    receivable, payable = merchant_receivable(data["merchant_id"]), driver_payable(data["driver_id"])
    entries = [
        *(e for part in due.charge for e in entry(receivable, part.amount, part.code)),
        *entry(receivable, due.tip, TIP),
        *(e for part in due.pay for e in entry(payable, -part.amount, part.code)),
        *entry(payable, -due.tip, TIP),
        *entry(FEES, due.pay_total - due.charge_total, FEE),
    ]
    if not entries:
        return None
    return Posting.caused_by(
        event.id,
        Kind.DELIVERY,
        event.time,
        entries,
        delivery_id=data["delivery_id"],
        external_id=data["external_id"],
        outcome=ended,
    )


def _late_tip(event: DomainEvent) -> Posting:
    """Return the posting of a tip that was given after the hand-over: it is the driver's whole."""
    data, tip = event.data, Money.model_validate(event.data["tipped"])
    entries = (
        *entry(merchant_receivable(data["merchant_id"]), tip, TIP),
        *entry(driver_payable(data["driver_id"]), -tip, TIP),
    )
    about = {"delivery_id": data["delivery_id"], "external_id": data["external_id"]}
    return Posting.caused_by(event.id, Kind.TIP, event.time, entries, **about)


def adjustment(reference: str, driver_id: str, amount: Money, note: str, now: datetime, by: str) -> Posting:
    """Return the posting that corrects what a driver is due, up (above zero) or down, at our own cost."""
    entries = (*entry(driver_payable(driver_id), -amount, ADJUSTED), *entry(FEES, amount, ADJUSTED))
    # The reference is free text: under its own name it could be taken for an event's id.
    cause = f"adjustment/{reference}"
    return Posting.caused_by(cause, Kind.ADJUSTMENT, now, entries, note=note, booked_by=by)


def totals(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Return the sum of amounts for each of their currencies."""
    by_currency: dict[str, int] = defaultdict(int)
    for money in amounts:
        by_currency[money.currency] += money.amount
    return tuple(Money(amount=amount, currency=currency) for currency, amount in sorted(by_currency.items()))


class AccountBalance(Value):
    """One account's sums over the periods asked for; ``balance`` is debit less credit."""

    account: str
    debit: Money
    credit: Money
    balance: Money

    @property
    def cursor(self) -> str:
        """Its place among the accounts."""
        return f"{self.account}#{self.balance.currency}"


class TrialBalance(Value):
    """All accounts; ``difference`` is debit less credit over all of them, per currency, and must be zero.

    Told page by page, it has some of the accounts, and ``next_cursor`` is null on the last page; groups and difference
    are always those of all.
    """

    accounts: tuple[AccountBalance, ...]
    groups: tuple[AccountBalance, ...]
    next_cursor: str | None = None
    difference: tuple[Money, ...]

    def page(self, after: str | None, limit: int) -> Self:
        """Return it with the accounts after a cursor, so many at most."""
        left = [line for line in self.accounts if after is None or line.cursor > after]
        following = left[limit - 1].cursor if len(left) > limit else None
        return self.model_copy(update={"accounts": tuple(left[:limit]), "next_cursor": following})

    @property
    def off_by(self) -> int:
        """Minor units by which it is out of balance, whatever the currency."""
        return sum(abs(money.amount) for money in self.difference)


def _group_of(account: str) -> str:
    """Return an account's group: ``driver:payable`` for all drivers' payables."""
    first, *_, last = account.split(":")
    return f"{first}:{last}"


def trial_balance(postings: Iterable[Posting]) -> TrialBalance:
    """Return the sums of all accounts, and by group of accounts."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    groups: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    signed: list[Money] = []
    for posting in postings:
        for item in posting.entries:
            currency, column = item.amount.currency, int(item.side is Side.CREDIT)
            sums[item.account, currency][column] += item.amount.amount
            groups[_group_of(item.account), currency][column] += item.amount.amount
            signed.append(Money(amount=item.signed, currency=currency))

    def balances(table: dict[tuple[str, str], list[int]]) -> tuple[AccountBalance, ...]:
        return tuple(
            AccountBalance(
                account=account,
                debit=Money(amount=debit, currency=currency),
                credit=Money(amount=credit, currency=currency),
                balance=Money(amount=debit - credit, currency=currency),
            )
            for (account, currency), (debit, credit) in sorted(table.items(), key=lambda item: "#".join(item[0]))
        )

    return TrialBalance(
        accounts=balances(sums),
        groups=balances(groups),
        difference=totals(signed),
    )
