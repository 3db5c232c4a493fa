"""Rows of the delivery log: attempts to send an endpoint something."""

from datetime import datetime

from crowdship.adapters.storage import UnitOfWork, meta
from crowdship.notify.log_keys import expiry, key_at
from crowdship.notify.sendings import Sending
from crowdship.notify.store import DayRow, SendingRow
from crowdship.notify.webhooks.delivery.attempts import AttemptLine


class AttemptRow(DayRow):
    """A line of an endpoint's delivery log."""

    Meta = meta("notify")
    KIND = "ATTEMPTS"

    @classmethod
    def of(cls, sending: Sending) -> "AttemptRow":
        """Return the line of a sending's last attempt."""
        line = AttemptLine.of(sending)
        key = f"{key_at(line.at)}#{line.event_id}#{line.number}"
        return cls(cls.partition(sending.recipient, key), key, body=line.model_dump_json(), expires_at=expiry(line.at))

    @property
    def line(self) -> AttemptLine:
        """The line."""
        return AttemptLine.model_validate_json(self.body)

    @classmethod
    def keep(cls, sending: Sending, now: datetime) -> Sending:
        """Write a sending to an endpoint after an attempt, together with the line in the endpoint's delivery log."""
        work = UnitOfWork()
        work.put(cls.of(sending), None)
        return SendingRow.keep(sending, now, work)
