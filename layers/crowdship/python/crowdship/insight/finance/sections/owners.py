"""Sums of each merchant and driver: what is charged and what is due, by their statements.

A merchant stands with the name. A driver stands with the id alone: names of drivers are in the vault, and a mail can't
be erased from a mailbox. The console shows the name to those who may read it.
"""

import heapq
from collections.abc import Iterator

from crowdship.insight.finance.content import MOST_SHOWN, Column, Content, Figure, Kind, Row, Table
from crowdship.insight.finance.readings import OwnerSums
from crowdship.insight.finance.sections.scope import Scope
from crowdship.kernel.money import Money
from crowdship.settlement.accounts import OwnerKind, owner_id, owner_kind
from crowdship.settlement.trial_balance import totals

SUMS = ("trips", "tips", "extra", "corrections", "instant", "carried", "total")

OF_MERCHANTS = (
    Column("id"),
    Column("name"),
    *(Column(code, Kind.MONEY) for code in ("charges", "tips", "corrections", "total")),
    Column("currency"),
)
OF_DRIVERS = (
    Column("id"),
    *(Column(code, Kind.MONEY) for code in ("pay", "tips", "extra", "corrections", "instant", "carried", "total")),
    Column("currency"),
)
SOURCE = "settlement: statements"


def section(scope: Scope) -> Content:
    """Return the largest merchants and drivers, and everybody in the files."""
    merchants, drivers = _Largest(), _Largest()
    for owner in scope.sources.owners(scope.first, scope.last):
        (drivers if _is_driver(owner) else merchants).add(owner)
    figures = (
        *(Figure("charged", money, Kind.MONEY, "merchant:receivable") for money in merchants.totals),
        *(Figure("due", money, Kind.MONEY, "driver:payable") for money in drivers.totals),
    )
    tables = (
        Table(
            "merchants",
            OF_MERCHANTS,
            tuple(_merchant(scope, one) for one in merchants.shown),
            merchants.count,
            lambda: (_merchant(scope, one) for one in _of(scope, drivers=False)),
            SOURCE,
            ("name", "total"),
            "id",
        ),
        Table(
            "drivers",
            OF_DRIVERS,
            tuple(_driver(one) for one in drivers.shown),
            drivers.count,
            lambda: (_driver(one) for one in _of(scope, drivers=True)),
            SOURCE,
            ("id", "total"),
        ),
    )
    return Content("owners", "pay", figures, tables)


class _Largest:
    """The owners with the largest totals, and the sum of all."""

    def __init__(self) -> None:
        self.count = 0
        self._heap: list[tuple[int, str, OwnerSums]] = []
        self._sums: dict[str, int] = {}

    def add(self, one: OwnerSums) -> None:
        """Count an owner."""
        self.count += 1
        amount = one.sums.total.amount
        self._sums[one.currency] = self._sums.get(one.currency, 0) + amount
        entry = (amount, f"{one.owner}#{one.currency}", one)
        (heapq.heappush if len(self._heap) < MOST_SHOWN else heapq.heappushpop)(self._heap, entry)

    @property
    def shown(self) -> list[OwnerSums]:
        """The largest, the largest first."""
        return [one for _, _, one in sorted(self._heap, key=lambda entry: (-entry[0], entry[1]))]

    @property
    def totals(self) -> tuple[Money, ...]:
        """The sum of all, for each currency."""
        return totals(Money(amount=amount, currency=currency) for currency, amount in self._sums.items())


def _is_driver(one: OwnerSums) -> bool:
    return owner_kind(one.owner) is OwnerKind.DRIVER


def _of(scope: Scope, *, drivers: bool) -> Iterator[OwnerSums]:
    return (one for one in scope.sources.owners(scope.first, scope.last) if _is_driver(one) is drivers)


def _merchant(scope: Scope, one: OwnerSums) -> Row:
    identity = owner_id(one.owner)
    sums = one.sums
    return (
        identity,
        scope.sources.merchant_name(identity),
        sums.trips,
        sums.tips,
        sums.corrections,
        sums.total,
        one.currency,
    )


def _driver(one: OwnerSums) -> Row:
    return (owner_id(one.owner), *(getattr(one.sums, name) for name in SUMS), one.currency)
