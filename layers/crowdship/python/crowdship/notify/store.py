"""The notify table: what was sent to whom, and the form of its logs. Each part of webhooks has its own rows in it."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Self

from crowdship.adapters.storage import Row, UnitOfWork, meta
from crowdship.notify.channel import Channel
from crowdship.notify.log_keys import JUST_AFTER, day_of, expiry
from crowdship.notify.sendings import Happening, LastNotice, Sending


class SendingRow(Row):
    """A sending, under its event's id; a partition holds the few recipients of one event."""

    Meta = meta("notify")

    @classmethod
    def load(cls, event: Happening, recipient: str) -> Sending:
        """Return a sending as it is known, or one that has not begun."""
        row = cls.find(event.id, recipient)
        return row.as_aggregate(Sending) if row else Sending.first(event, recipient)

    @classmethod
    def known(cls, event_id: str, recipient: str) -> Sending | None:
        """Return a sending, or None if it has not begun or is forgotten."""
        row = cls.find(event_id, recipient)
        return row.as_aggregate(Sending) if row else None

    @classmethod
    def of_events(cls, event_ids: Iterable[str]) -> list[Sending]:
        """Return all sendings of some events, in the order of these."""
        return [row.as_aggregate(Sending) for event_id in event_ids for row in cls.query(event_id)]

    @classmethod
    def of_customer(cls, event_ids: Iterable[str]) -> list[Sending]:
        """Return the sendings of some events to a customer, in the order of these."""
        keys = [(event_id, channel) for event_id in event_ids for channel in (Channel.EMAIL, Channel.SMS)]
        rows = cls.batch_get(keys, consistent_read=True) if keys else ()
        known = {(row.pk, row.sk): row.as_aggregate(Sending) for row in rows}
        return [known[key] for key in keys if key in known]

    @classmethod
    def of_endpoint(cls, event_ids: Iterable[str], endpoint_id: str) -> dict[str, Sending]:
        """Return the sendings of some events to an endpoint, by event, as far as there are any."""
        keys = [(event_id, endpoint_id) for event_id in event_ids]
        rows = cls.batch_get(keys, consistent_read=True) if keys else ()
        return {row.pk: row.as_aggregate(Sending) for row in rows}

    @classmethod
    def keep(cls, sending: Sending, now: datetime, work: UnitOfWork | None = None) -> Sending:
        """Write a sending, guarded, together with what else is in a unit of work; return it as it is now stored."""
        work = work or UnitOfWork()
        work.store(cls.holding(sending, sending.event_id, sending.recipient, expires_at=expiry(now)))
        work.commit()
        return sending.with_changes(stored_version=sending.stored_version + 1)


class LastNoticeRow(Row):
    """The last notice of each name to a recipient."""

    Meta = meta("notify")

    @classmethod
    def load(cls, recipient_id: str, notice: str) -> LastNotice:
        """Return the last notice of a name to a recipient; an empty value if there was none."""
        row = cls.find(f"LAST-NOTICE#{recipient_id}", notice)
        return row.as_aggregate(LastNotice) if row else LastNotice.first(recipient_id, notice)

    @classmethod
    def keep(cls, last: LastNotice, now: datetime) -> None:
        """Write a last notice, guarded."""
        work = UnitOfWork()
        work.store(cls.holding(last, f"LAST-NOTICE#{last.recipient_id}", last.notice, expires_at=expiry(now)))
        work.commit()


class DayRow(Row):
    """A row of a log. Each owner and day has its own partition, so that no partition grows without an end."""

    KIND: str

    @classmethod
    def partition(cls, owner: str, key: str) -> str:
        """Return the partition of a key."""
        return f"{cls.KIND}#{owner}#{day_of(key)}"

    @classmethod
    def forward(cls, owner: str, after: str, before: str, limit: int) -> list[Self]:
        """Return up to ``limit`` rows with keys after one and before another, the oldest first."""
        first, last = day_of(after), day_of(before)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return list(cls._walk(owner, days, after + JUST_AFTER, before, limit, newest_first=False))

    @classmethod
    def backward(cls, owner: str, after: str, before: str, limit: int) -> list[Self]:
        """Return up to ``limit`` rows with keys after one and before another, the newest first."""
        first, last = day_of(after), day_of(before)
        days = [last - timedelta(days=n) for n in range((last - first).days + 1)]
        return list(cls._walk(owner, days, after + JUST_AFTER, before, limit, newest_first=True))

    @classmethod
    def _walk(
        cls, owner: str, days: Iterable[date], low: str, high: str, limit: int, *, newest_first: bool
    ) -> Iterator[Self]:
        left = limit
        for day in days:
            if left <= 0 or low >= high:
                return
            rows = cls.query(
                f"{cls.KIND}#{owner}#{day}",
                cls.sk.between(low, high),
                consistent_read=True,
                scan_index_forward=not newest_first,
                limit=left + 1,
            )
            for row in rows:
                if left and row.sk < high:  # the upper end of a key condition is included
                    left -= 1
                    yield row
