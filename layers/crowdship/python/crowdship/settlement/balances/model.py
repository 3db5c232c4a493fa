"""Readings of an account: its balance, and its statement line by line."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.settlement.accounts import Side, kind_of
from crowdship.settlement.ledger import Phase, PostingKind
from crowdship.settlement.lines import Line, moment_key
from crowdship.settlement.sums import Columns, Key, Sheet, effects_of


class GroupTotal(Value):
    """Sums of all accounts of a kind in one currency; ``balance`` is debit less credit."""

    group: str
    debit: Money
    credit: Money
    balance: Money

    @classmethod
    def of(cls, key: Key, columns: Columns) -> Self:
        """Return the total of a group's columns."""

        def money(amount: int) -> Money:
            return Money(amount=amount, currency=key.currency)

        return cls(
            group=key.name,
            debit=money(columns.debit),
            credit=money(columns.credit),
            balance=money(columns.balance),
        )


class AccountState(Value):
    """Balance of an account in one currency, on its normal side: a driver's payable is positive if money is due.

    Parameters
    ----------
    posted : Money
        What is booked.
    reserved : Money
        What pending postings would take from it.
    available : Money
        The posted less the reserved amount.
    """

    account: str
    posted: Money
    reserved: Money
    available: Money

    @classmethod
    def of(cls, key: Key, columns: Columns) -> Self:
        """Return the state of an account's columns."""
        grows_by_debit = kind_of(key.name).normal_side is Side.DEBIT
        posted = columns.balance if grows_by_debit else -columns.balance
        reserved = columns.pending_credit if grows_by_debit else columns.pending_debit

        def money(amount: int) -> Money:
            return Money(amount=amount, currency=key.currency)

        return cls(account=key.name, posted=money(posted), reserved=money(reserved), available=money(posted - reserved))


class StatedLine(Value):
    """Effect of one posting on an account.

    Parameters
    ----------
    amount : Money
        Debit less credit that is posted.
    pending : Money
        Debit less credit that is reserved; the opposite once it is resolved.
    """

    posting_id: str
    kind: PostingKind
    phase: Phase
    period: Day
    time: Moment
    amount: Money
    pending: Money
    codes: tuple[str, ...]
    items: tuple[str, ...]
    delivery_id: str | None
    external_id: str | None
    note: str | None

    @property
    def cursor(self) -> str:
        """Its place in its day, which is that of the line it is made from."""
        return f"{moment_key(self.time)}#{self.posting_id}"

    @classmethod
    def of(cls, account: str, line: Line) -> Self | None:
        """Return what a line did to one account of its holder; None if it has no entry there."""
        figures, entries = [0, 0, 0, 0], []
        for one, column, amount in effects_of(line.phase, line.entries, line.releases):
            if one.account == account:
                figures[column] += amount
                entries.append(one)
        if not entries:
            return None
        columns = Columns.of(figures)
        return cls(
            posting_id=line.posting_id,
            kind=line.kind,
            phase=line.phase,
            period=line.period,
            time=line.time,
            amount=Money(amount=columns.balance, currency=line.currency),
            pending=Money(amount=columns.pending, currency=line.currency),
            codes=tuple(dict.fromkeys(one.code for one in entries)),
            items=tuple(dict.fromkeys(one.item for one in entries if one.item)),
            delivery_id=line.delivery_id,
            external_id=line.external_id,
            note=line.note,
        )


class AccountTotal(Value):
    """Posted and pending debit less credit of an account in one currency."""

    balance: Money
    pending: Money


class AccountStatement(Value):
    """An account over some days: what it held before, what was booked, and what it held after.

    ``opening`` and ``closing`` are those of the whole span on every page; ``next_cursor`` is null on the last one.
    """

    account: str
    first: Day
    last: Day
    opening: tuple[AccountTotal, ...]
    lines: tuple[StatedLine, ...]
    closing: tuple[AccountTotal, ...]
    next_cursor: str | None

    @classmethod
    def of(
        cls,
        account: str,
        first: date,
        last: date,
        opening: Sheet,
        closing: Sheet,
        lines: Iterable[StatedLine],
        next_cursor: str | None,
    ) -> Self:
        """Return the statement; an account that was empty in a currency is told with zero."""
        return cls(
            account=account,
            first=first,
            last=last,
            opening=_totals(opening, closing),
            lines=tuple(lines),
            closing=_totals(closing, closing),
            next_cursor=next_cursor,
        )


def _totals(sheet: Sheet, of: Sheet) -> tuple[AccountTotal, ...]:
    return tuple(
        AccountTotal(
            balance=Money(amount=sheet.get(key, Columns()).balance, currency=key.currency),
            pending=Money(amount=sheet.get(key, Columns()).pending, currency=key.currency),
        )
        for key in sorted(of)
    )
