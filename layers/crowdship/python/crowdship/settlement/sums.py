"""Sums of a day: debits and credits of each account, posted and pending, and what each owner's statement must say.

The postings of a shard are counted one by one. The counts of all shards are added part by part: accounts are spread
over ``PARTS`` by their holder, so that a part is the same in each shard, whatever their number.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from crowdship.kernel.events import Value
from crowdship.settlement.accounts import OwnerKind, Side, kind_of, owner_kind
from crowdship.settlement.ledger import Entry, Phase, Posting
from crowdship.settlement.lines import holder_of
from crowdship.settlement.statements import SumTally, line_for

PARTS = 64
"""Parts of a day's accounts. Stored balances are found by it, so it never changes."""


def part_of(account: str) -> int:
    """Return the part of a day in which an account, and the statement of its holder, is summed."""
    return int.from_bytes(hashlib.sha256(holder_of(account).encode()).digest()[:4]) % PARTS


class Key(NamedTuple):
    """An account, a group of accounts or an owner, in one currency."""

    name: str
    currency: str


class Columns(Value):
    """Debit and credit in minor units, posted and pending."""

    debit: int = 0
    credit: int = 0
    pending_debit: int = 0
    pending_credit: int = 0

    @property
    def balance(self) -> int:
        """Posted debit less credit."""
        return self.debit - self.credit

    @property
    def pending(self) -> int:
        """Pending debit less credit."""
        return self.pending_debit - self.pending_credit

    def __add__(self, other: Self) -> Self:
        return type(self)(
            debit=self.debit + other.debit,
            credit=self.credit + other.credit,
            pending_debit=self.pending_debit + other.pending_debit,
            pending_credit=self.pending_credit + other.pending_credit,
        )

    @property
    def figures(self) -> tuple[int, int, int, int]:
        """The four numbers, as they are stored."""
        return self.debit, self.credit, self.pending_debit, self.pending_credit

    @classmethod
    def of(cls, figures: Iterable[int]) -> Self:
        """Return columns from the four numbers."""
        debit, credit, pending_debit, pending_credit = figures
        return cls(debit=debit, credit=credit, pending_debit=pending_debit, pending_credit=pending_credit)


Sheet = dict[Key, Columns]
"""Columns by account or group."""


def effects_of(
    phase: Phase, entries: Iterable[Entry], releases: Iterable[Entry] = ()
) -> Iterator[tuple[Entry, int, int]]:
    """Yield what entries do to the columns: the entry, the column's index in ``figures``, and the amount to add."""
    first, sign = (0, 1) if phase is Phase.POSTED else (2, 1 if phase is Phase.PENDING else -1)
    for one in entries:
        yield one, first + (one.side is Side.CREDIT), sign * one.amount.amount
    for one in releases:
        yield one, 2 + (one.side is Side.CREDIT), -one.amount.amount


@dataclass
class Tally:
    """Counts of postings; it needs no posting after counting it."""

    postings: int = 0
    _accounts: dict[Key, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0, 0]))
    owners: dict[Key, SumTally] = field(default_factory=lambda: defaultdict(SumTally))

    def add(self, posting: Posting) -> None:
        """Count a posting."""
        self.postings += 1
        for one, column, amount in effects_of(posting.phase, posting.entries, posting.releases):
            self._accounts[Key(one.account, one.amount.currency)][column] += amount
        for owner in posting.owners:
            if owner_kind(owner) is not OwnerKind.PLATFORM and (line := line_for(owner, posting)):
                self.owners[Key(owner, posting.currency)].add(line)

    @classmethod
    def of(cls, postings: Iterable[Posting]) -> Self:
        """Return what is counted of some postings."""
        tally = cls()
        for posting in postings:
            tally.add(posting)
        return tally

    @property
    def accounts(self) -> Sheet:
        """The columns of each account."""
        return {key: Columns.of(figures) for key, figures in self._accounts.items()}


def groups_of(accounts: Sheet) -> Sheet:
    """Return the sums of all accounts of a kind."""
    groups: Sheet = {}
    for key, columns in accounts.items():
        group = Key(kind_of(key.name).group, key.currency)
        groups[group] = groups.get(group, Columns()) + columns
    return groups


def added(sheets: Iterable[Sheet]) -> Sheet:
    """Return the sums of some sheets."""
    total: Sheet = {}
    for sheet in sheets:
        for key, columns in sheet.items():
            total[key] = total.get(key, Columns()) + columns
    return total


def off_by(sheet: Sheet) -> dict[str, int]:
    """Return debit less credit over all accounts of a sheet, posted and pending, by currency; zeros if it balances."""
    posted: dict[str, int] = defaultdict(int)
    pending: dict[str, int] = defaultdict(int)
    for key, columns in sheet.items():
        posted[key.currency] += columns.balance
        pending[key.currency] += columns.pending
    return {currency: posted[currency] or pending[currency] for currency in sorted(posted)}


def differences(stored: Sheet, counted: Sheet) -> dict[Key, int]:
    """Return by how many minor units two sheets differ, for each key in which they do."""
    result = {}
    for key in sorted(stored.keys() | counted.keys()):
        pairs = zip(stored.get(key, Columns()).figures, counted.get(key, Columns()).figures, strict=True)
        if difference := sum(abs(one - other) for one, other in pairs):
            result[key] = difference
    return result
