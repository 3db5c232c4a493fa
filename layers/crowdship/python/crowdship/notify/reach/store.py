"""Rows of addresses, by their keys. They do not expire: a STOP holds until a START."""

from collections.abc import Callable

from crowdship.adapters.storage import Row, UnitOfWork, meta, persistently
from crowdship.notify.channel import Channel
from crowdship.notify.reach.model import Reach


class ReachRow(Row):
    """The reach of an address."""

    Meta = meta("notify")

    @classmethod
    def load(cls, key: str, channel: Channel) -> Reach:
        """Return what is known of an address."""
        row = cls.find(key, "REACH")
        return row.as_aggregate(Reach) if row else Reach.first(key, channel)

    @classmethod
    def change(cls, key: str, channel: Channel, change: Callable[[Reach], Reach]) -> tuple[Reach, Reach]:
        """Change what is known of an address; return it as it was and as it is."""

        def attempt() -> tuple[Reach, Reach]:
            before = cls.load(key, channel)
            after = change(before)
            if after != before:
                work = UnitOfWork()
                work.store(cls.holding(after, key, "REACH"))
                work.commit()
            return before, after

        return persistently(attempt)
