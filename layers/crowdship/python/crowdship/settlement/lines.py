"""Lines: a posting as it stands on the accounts of one holder.

A holder is who a line is kept for: a merchant or driver with all their accounts, and each account of the platform for
itself (``platform:fees``), because most postings have an entry on one of those.
"""

from datetime import UTC, datetime
from typing import Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.pricing.model import Outcome
from crowdship.settlement.accounts import OwnerKind, owner_kind, owner_of
from crowdship.settlement.ledger import Entry, Phase, Posting, PostingKind


def holder_of(account: str) -> str:
    """Return the holder of an account.

    Examples
    --------
    >>> holder_of("driver:drv_1:payable"), holder_of("platform:fees")
    ('driver:drv_1', 'platform:fees')
    """
    owner = owner_of(account)
    return account if owner_kind(owner) is OwnerKind.PLATFORM else owner


def holders_of(posting: Posting) -> frozenset[str]:
    """Return the holders of a posting's accounts."""
    return frozenset(holder_of(account) for account in posting.accounts)


def moment_key(moment: datetime) -> str:
    """Return a moment as a text that sorts as moments do, to the microsecond."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


class Line(Value):
    """The part of a posting that concerns one holder: its entries on, and releases of, the holder's accounts."""

    posting_id: str
    kind: PostingKind
    time: Moment
    period: Day
    phase: Phase = Phase.POSTED
    entries: tuple[Entry, ...]
    releases: tuple[Entry, ...] = ()
    delivery_id: str | None = None
    external_id: str | None = None
    outcome: Outcome | None = None
    note: str | None = None
    booked_by: str | None = None

    @classmethod
    def of(cls, posting: Posting, holder: str) -> Self:
        """Return a posting's line for one of its holders."""

        def own(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
            return tuple(entry for entry in entries if holder_of(entry.account) == holder)

        return cls(
            posting_id=posting.id,
            kind=posting.kind,
            time=posting.time,
            period=posting.period,
            phase=posting.phase,
            entries=own(posting.entries),
            releases=own(posting.releases),
            delivery_id=posting.delivery_id,
            external_id=posting.external_id,
            outcome=posting.outcome,
            note=posting.note,
            booked_by=posting.booked_by,
        )

    @property
    def currency(self) -> str:
        """The currency of all its entries."""
        return (self.entries or self.releases)[0].amount.currency

    @property
    def cursor(self) -> str:
        """Its place in the order of the holder's lines of a day: by time, then by posting."""
        return f"{moment_key(self.time)}#{self.posting_id}"
