"""A world that has ended, as its stores tell it."""

from collections import Counter
from datetime import timedelta
from typing import Any

from benchmarks.money.world import World
from crowdship.claims.claim import Claim
from crowdship.claims.store import ClaimRow
from crowdship.invoicing.invoice import Invoice
from crowdship.invoicing.store import InvoiceRow
from crowdship.payouts.model import Payout
from crowdship.payouts.store import PayoutRow
from crowdship.settlement.accounts import AccountKind, kind_of
from crowdship.settlement.ledger import Posting
from crowdship.settlement.store import PostingRow
from crowdship.tax.store import DepositRow, OffsetRow


class Ended:
    """A world that has ended, as its stores tell it."""

    def __init__(self, world: World) -> None:
        self.world = world
        last = world.clock.now().date()
        self.periods = [*world.days, *(last + timedelta(days=ahead) for ahead in range(3))]
        self.postings: list[Posting] = [one for day in dict.fromkeys(self.periods) for one in PostingRow.of_period(day)]
        self.by_id = {posting.id: posting for posting in self.postings}
        self.sums: Counter[tuple[str, str]] = Counter()
        self.items: Counter[tuple[str, str]] = Counter()
        for posting in self.postings:
            for entry in posting.entries:
                self.sums[entry.account, entry.amount.currency] += entry.signed
                if entry.item:
                    self.items[kind_of(entry.account).group, entry.item] += entry.signed
        self.payouts: list[Payout] = _every(PayoutRow, _ids(world, "payouts", PayoutRow.SORT))
        self.claims: list[Claim] = _every(ClaimRow, _ids(world, "claims", ClaimRow.SORT))
        self.deposits = DepositRow.of_year(world.first.year)
        self.offsets = OffsetRow.of_year(world.first.year)
        self.invoices: list[Invoice] = _every(InvoiceRow, _ids(world, "invoicing", InvoiceRow.SORT))

    def of_kind(self, kind: AccountKind) -> dict[str, int]:
        """Return the open items of a clearing account."""
        return {item: amount for (group, item), amount in self.items.items() if group == kind.group and amount}


def _every(rows: Any, ids: list[str]) -> list[Any]:
    return [rows.load(one) for one in ids]


def _ids(world: World, room: str, sort: str) -> list[str]:
    rows = ((item["pk"]["S"], item["sk"]["S"]) for item in world.tables.tables[f"crowdship-{room}"].every())
    return sorted(pk for pk, sk in rows if sk == sort and "#" not in pk)
