"""Accounts, postings that balance, statements, payouts, and what settling a period means.

A period is a day. Every entry on a driver's accounts either belongs to the period it is booked in, or settles
an earlier one (``SETTLING``). What a driver is due for a period is the sum of the former; once the period is
settled the latter bring it back to nothing. So a period is settled without a look at any other, in any order.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Protocol, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from crowdship.deliveries.model import State, outcome
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate, DomainEvent, Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.pricing.model import Outcome, Price, PricePart, settle_price

FEES = "platform:fees"
CASH = "platform:cash"
"""Payouts in clearing: credited when a payout is reserved."""

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
    period: date
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
    """Return the posting of a delivery's event, or None while nothing is due."""
    data = event.data
    if not data["previous_state"] or not data["driver_id"]:
        return None
    ended = outcome(State(data["previous_state"]), State(data["state"]))
    if ended is None:
        return None
    due = settle_price(Price.model_validate(data["price"]), ended)
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


def adjustment(reference: str, driver_id: str, amount: Money, note: str, now: datetime, by: str) -> Posting:
    """Return the posting that corrects what a driver is due, up (above zero) or down, at our own cost."""
    entries = (*entry(driver_payable(driver_id), -amount, ADJUSTED), *entry(FEES, amount, ADJUSTED))
    # The reference is free text: under its own name it could be taken for an event's id.
    cause = f"adjustment/{reference}"
    return Posting.caused_by(cause, Kind.ADJUSTMENT, now, entries, note=note, booked_by=by)


class Line(Value):
    """What one posting means to one owner.

    Parameters
    ----------
    parts : tuple of PricePart
        Above zero is what a driver earned, or what a merchant was charged.
    """

    posting_id: str
    kind: Kind
    time: Moment
    parts: tuple[PricePart, ...]
    delivery_id: str | None = None
    external_id: str | None = None
    outcome: Outcome | None = None
    note: str | None = None

    @property
    def currency(self) -> str:
        """The currency of all parts."""
        return self.parts[0].amount.currency

    @property
    def total(self) -> Money:
        """The sum of the parts."""
        return Money.total((part.amount for part in self.parts), self.currency)

    @property
    def tip(self) -> Money:
        """The tip among the parts."""
        return Money.total((part.amount for part in self.parts if part.code == TIP), self.currency)


def line_for(owner: str, posting: Posting) -> Line | None:
    """Return what a posting means to an owner in the period it is booked in, or None if it means nothing."""
    sign = -1 if kind_of_owner(owner) is OwnerKind.DRIVER else 1
    parts = tuple(
        PricePart(code=entry.code, amount=Money(amount=sign * entry.signed, currency=posting.currency))
        for entry in posting.entries
        if owner_of(entry.account) == owner and entry.code not in SETTLING
    )
    if not parts:
        return None
    return Line(
        posting_id=posting.id,
        kind=posting.kind,
        time=posting.time,
        parts=parts,
        delivery_id=posting.delivery_id,
        external_id=posting.external_id,
        outcome=posting.outcome,
        note=posting.note,
    )


class Sums(Value):
    """Lines of one currency, added up.

    Parameters
    ----------
    trips : Money
        A driver's pay or a merchant's charges, without tips.
    tips : Money
        Tips, which are the driver's whole.
    corrections : Money
        Adjustments, and payouts that came back.
    carried : Money
        A driver's debt from an earlier period; zero or below.
    """

    trips: Money
    tips: Money
    corrections: Money
    carried: Money

    @property
    def total(self) -> Money:
        """All together."""
        return self.trips + self.tips + self.corrections + self.carried

    @classmethod
    def of(cls, lines: Iterable[Line], currency: str) -> Self:
        """Return the sums of lines."""
        sums = dict.fromkeys(cls.model_fields, 0)
        for line in lines:
            for part in line.parts:
                if line.kind is Kind.DELIVERY:
                    name = "tips" if part.code == TIP else "trips"
                else:
                    name = "carried" if part.code == CARRIED else "corrections"
                sums[name] += part.amount.amount
        return cls(**{name: Money(amount=amount, currency=currency) for name, amount in sums.items()})


class Statement(Value):
    """What a driver earned or a merchant was charged in a period; never changed once it is written."""

    id: str
    period: date
    owner: str
    currency: str
    line_count: int
    sums: Sums

    @property
    def cursor(self) -> str:
        """Its place among the statements of the period."""
        return f"{self.owner}#{self.currency}"

    @property
    def driver_id(self) -> str | None:
        """The driver it is for, if it is a driver's."""
        kind, _, identity = self.owner.partition(":")
        return identity if kind == OwnerKind.DRIVER else None

    @property
    def payout_id(self) -> str | None:
        """The payout that settles it, if there is something to pay."""
        if self.driver_id is None or self.sums.total.amount <= 0:
            return None
        return payout_id_for(self.driver_id, self.period, self.currency)


def statements_for(period: date, postings: Iterable[Posting]) -> list[tuple[Statement, tuple[Line, ...]]]:
    """Return the statement of every merchant and driver that a period's postings touch, with its lines.

    Owners are in order, and each one's lines in the order of their times.
    """
    lines: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for posting in postings:
        for owner in posting.owners:
            if kind_of_owner(owner) is OwnerKind.PLATFORM:
                continue
            if line := line_for(owner, posting):
                lines[owner, posting.currency].append(line)
    result = []
    for (owner, currency), of_owner in sorted(lines.items()):
        ordered = tuple(sorted(of_owner, key=lambda line: (line.time, line.posting_id)))
        statement = Statement(
            id=derived_id("stm", period.isoformat(), owner, currency),
            period=period,
            owner=owner,
            currency=currency,
            line_count=len(ordered),
            sums=Sums.of(ordered, currency),
        )
        result.append((statement, ordered))
    return result


def carry_for(statement: Statement, now: datetime) -> Posting | None:
    """Return the posting that sets a driver's debt off against what was earned, and carries on the rest.

    A negative payable is never paid and never left standing: it becomes a receivable in a period that is
    still open, where it lowers what is due. None if there is no debt, old or new.
    """
    if statement.driver_id is None:
        return None
    total = statement.sums.total
    debt = -statement.sums.carried
    if not debt.amount and total.amount >= 0:
        return None
    nothing = Money.zero(statement.currency)
    to_pay, to_carry = (total, nothing) if total.amount > 0 else (nothing, -total)
    payable, receivable = driver_payable(statement.driver_id), driver_receivable(statement.driver_id)
    entries = (
        *entry(payable, total + debt - to_pay, NETTED),
        *entry(receivable, -debt, RECOVERED),
        *entry(receivable, to_carry, CARRIED),
    )
    return Posting.caused_by(statement.id, Kind.CARRY, now, entries, note=f"debt of {statement.period}")


def settling_ids(statement: Statement) -> tuple[str, ...]:
    """Return the ids of the postings that settle a driver's statement, of those that it may need."""
    if statement.driver_id is None:
        return ()
    causes = (statement.id, statement.payout_id)
    return tuple(posting_id_for(cause) for cause in causes if cause)


def left_standing(postings: Iterable[Posting], settling: Iterable[Posting]) -> dict[str, Money]:
    """Return what is left on drivers' accounts of a period that was settled: nothing, if all was paid or carried on.

    Parameters
    ----------
    postings : iterable of Posting
        Those of the period.
    settling : iterable of Posting
        Those that settle the period, whenever they were booked.
    """
    counted = [(item, item.code not in SETTLING) for posting in postings for item in posting.entries]
    counted += [(item, item.code in SETTLING) for posting in settling for item in posting.entries]
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for item, counts in counted:
        if counts and kind_of_owner(owner_of(item.account)) is OwnerKind.DRIVER:
            sums[item.account, item.amount.currency] += item.signed
    return {
        account: Money(amount=amount, currency=currency)
        for (account, currency), amount in sorted(sums.items())
        if amount
    }


class PayoutState(StrEnum):
    """Where a payout stands."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


def payout_id_for(driver_id: str, period: date, currency: str) -> str:
    """Return the id of the one payout a driver can have for a period; also its key at the rail."""
    return derived_id("pay", period.isoformat(), driver_id, currency)


class Payout(Aggregate):
    """Money on its way to a driver for a period."""

    driver_id: str
    period: date
    amount: Money
    state: PayoutState = PayoutState.PENDING
    transfer_id: str | None = None
    reason: str | None = None
    decided_at: Moment | None = None

    def reservation(self, now: datetime) -> Posting:
        """Return the posting that takes the money out of the driver's payable before it is sent."""
        entries = (
            *entry(driver_payable(self.driver_id), self.amount, PAID_OUT),
            *entry(CASH, -self.amount, PAID_OUT),
        )
        return Posting.caused_by(self.id, Kind.PAYOUT, now, entries, note=f"payout of {self.period}")

    def reversal(self, now: datetime) -> Posting:
        """Return the posting that gives a refused payout back: due again in the period it is booked in."""
        entries = (
            *entry(CASH, self.amount, RETURNED),
            *entry(driver_payable(self.driver_id), -self.amount, RETURNED),
        )
        cause = self.reservation(now).id
        return Posting.caused_by(cause, Kind.PAYOUT_REVERSAL, now, entries, note=f"payout of {self.period} came back")

    def sent(self, transfer_id: str, now: datetime) -> Self:
        """Return the payout as accepted by the rail."""
        return self._decided(PayoutState.SENT, now, transfer_id=transfer_id)

    def failed(self, reason: str, now: datetime) -> Self:
        """Return the payout as refused by the rail."""
        return self._decided(PayoutState.FAILED, now, reason=reason)

    def _decided(self, state: PayoutState, now: datetime, **changes: str) -> Self:
        if self.state is not PayoutState.PENDING:
            raise Conflict("payout_decided", f"Payout {self.id} is {self.state}; only a pending one can be {state}.")
        changed = self.with_changes(state=state, decided_at=now, **changes)
        data = changed.model_dump(mode="json", include={"driver_id", "period", "amount", "reason"})
        return changed.emitting(f"payout.{state}", now, {"payout_id": self.id, **data})


class PaymentRailUnavailable(Exception):  # noqa: N818 - the state machine retries by this name
    """The rail did not say what became of the payout; ask again with the same key."""


class PayoutRejected(Exception):  # noqa: N818 - the state machine catches this name
    """The rail refuses the payout for good."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PaymentRail(Protocol):
    """Where payouts leave for the drivers' accounts."""

    def transfer(self, payout: Payout) -> str:
        """Send a payout, once however often it is asked; return the rail's id of the transfer.

        Raises
        ------
        PayoutRejected
            If the rail refuses it.
        PaymentRailUnavailable
            If there is no answer that says whether it was sent.
        """
        ...


class CycleExecutions(Protocol):
    """What runs the steps of the cycle."""

    def start(self, period: date, attempt: int) -> tuple[str, bool]:
        """Return the ARN of an attempt's execution, and whether this started it."""
        ...

    def has_failed(self, execution_arn: str) -> bool:
        """Return whether an execution ended without success."""
        ...


class BooksDontBalance(Exception):  # noqa: N818
    """What was written does not agree with the log of postings; a person must look."""


class PayoutsUndecided(Exception):  # noqa: N818
    """Some payouts are neither sent nor refused; run the cycle again."""


class Progress(StrEnum):
    """How far the settlement of a period has come."""

    OPENED = "opened"
    CLOSED = "closed"
    PAYING = "paying"
    FINISHED = "finished"


class Settlement(Aggregate):
    """The settlement of one period.

    Parameters
    ----------
    attempt : int
        How many times staff had to start it: 2 and more after a failure.
    """

    period: date
    opened_at: Moment
    closed_at: Moment | None = None
    stated_at: Moment | None = None
    finished_at: Moment | None = None
    reported_at: Moment | None = None
    attempt: int = 0
    execution_arn: str | None = None

    @classmethod
    def of(cls, period: date, now: datetime) -> Self:
        """Return the settlement of a period that nobody settled yet."""
        return cls(id=derived_id("stl", period.isoformat()), period=period, opened_at=now)

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        if self.finished_at:
            return Progress.FINISHED
        if self.stated_at:
            return Progress.PAYING
        return Progress.CLOSED if self.closed_at else Progress.OPENED


class Overview(Value):
    """A settlement with what it wrote."""

    settlement: Settlement
    statements: tuple[Statement, ...]
    payouts: tuple[Payout, ...]

    @property
    def totals(self) -> tuple[Money, ...]:
        """What the payouts add up to, per currency."""
        return totals(payout.amount for payout in self.payouts)


class Earnings(Value):
    """What a driver earned in a period, and the payouts that settle it."""

    lines: tuple[Line, ...]
    payouts: tuple[Payout, ...]

    @property
    def sums(self) -> dict[str, Sums]:
        """The lines added up, by currency."""
        currencies = sorted({line.currency for line in self.lines})
        return {
            currency: Sums.of((line for line in self.lines if line.currency == currency), currency)
            for currency in currencies
        }


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


class TrialBalance(Value):
    """All accounts; ``difference`` is debit less credit over all of them, per currency, and must be zero."""

    accounts: tuple[AccountBalance, ...]
    groups: tuple[AccountBalance, ...]
    difference: tuple[Money, ...]

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
            for (account, currency), (debit, credit) in sorted(table.items())
        )

    return TrialBalance(
        accounts=balances(sums),
        groups=balances(groups),
        difference=totals(signed),
    )
