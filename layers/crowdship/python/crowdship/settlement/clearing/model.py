"""Open item of a clearing account: a payout, claim or payment whose entries do not add up to zero yet."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Self

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Aggregate
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.settlement.accounts import (
    COLLECTIONS_IN_FLIGHT,
    DRIVER_HELD,
    PAYOUTS_IN_FLIGHT,
    TAX_WITHHELD,
    kind_of,
)
from crowdship.settlement.ledger import Phase, Posting, PostingKind

CLEARS_WITHIN = {
    PAYOUTS_IN_FLIGHT.group: timedelta(days=5),
    COLLECTIONS_IN_FLIGHT.group: timedelta(days=7),
    DRIVER_HELD.group: timedelta(days=60),
    TAX_WITHHELD.group: timedelta(days=46),
}
"""Time after which an item of an account is overdue: five days hold a weekend and a holiday, tax that is kept in a
month is deposited by the 15th of the next.
"""

LONGEST = timedelta(days=5)
"""The same for an account that has no row of its own."""


def item_id_for(account: str, item: str, currency: str) -> str:
    """Return the id of the one open item of an account with a name."""
    return derived_id("itm", account, item, currency)


class OpenItem(Aggregate):
    """An item that has not cleared.

    Parameters
    ----------
    amount : Money
        Debit less credit of its entries; never zero.
    opened_at : datetime
        Business time of the posting by which it last left zero.
    posting_id : str
        That posting.
    """

    account: str
    item: str
    amount: Money
    opened_at: Moment
    kind: PostingKind
    posting_id: str

    @property
    def overdue_at(self) -> datetime:
        """The moment from which on it is overdue."""
        return self.opened_at + CLEARS_WITHIN.get(kind_of(self.account).group, LONGEST)

    def is_overdue(self, now: datetime) -> bool:
        """Return whether it should have cleared before a moment."""
        return now >= self.overdue_at

    @classmethod
    def opened(cls, account: str, item: str, amount: Money, posting: Posting) -> Self:
        """Return the item that a posting opens."""
        return cls(
            id=item_id_for(account, item, amount.currency),
            account=account,
            item=item,
            amount=amount,
            opened_at=posting.time,
            kind=posting.kind,
            posting_id=posting.id,
        )

    def plus(self, amount: Money) -> Self:
        """Return the item with one more amount."""
        return self.with_changes(amount=self.amount + amount)


def items_in(posting: Posting) -> dict[tuple[str, str], Money]:
    """Return what a posting adds to items of clearing accounts, by account and item; only posted amounts count."""
    if posting.phase is not Phase.POSTED:
        return {}
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for entry in posting.entries:
        if entry.item is not None:
            sums[entry.account, entry.item] += entry.signed
    return {place: Money(amount=amount, currency=posting.currency) for place, amount in sums.items() if amount}
