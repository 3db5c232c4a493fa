"""Rows of the event log."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from uuid import uuid4

from pynamodb.connection import Connection
from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from crowdship.adapters.settings import settings
from crowdship.adapters.storage import meta
from crowdship.kernel.errors import StaleWrite
from crowdship.notify.log_keys import expiry, key_at
from crowdship.notify.store import DayRow
from crowdship.notify.webhooks.bodies import WebhookMessage


@cache
def _appending() -> Connection:
    """Return a connection that gives up soon.

    Readers see a moment of the log once no append of that moment can still come, so a request must not take long.
    """
    return Connection(region=settings().region, connect_timeout_seconds=1, read_timeout_seconds=2, max_retry_attempts=0)


class EventRow(DayRow):
    """An event in its merchant's log, in the order of arrival, and a marker by event id that says where it is."""

    Meta = meta("notify")
    KIND = "EVENTS"

    @classmethod
    def append(cls, merchant_id: str, message: WebhookMessage, wall_now: Callable[[], datetime]) -> bool:
        """Append an event to a merchant's log; return False if it is there already.

        The event and its marker are written in one transaction, so there is never one without the other. The moment of
        arrival is taken for each request, so that it is never older than the request.

        Raises
        ------
        StaleWrite
            If somebody else is appending the same event at this moment.
        """
        now = wall_now()
        key = f"{key_at(now)}#{message.id}"
        pk, expires_at = cls.partition(merchant_id, key), expiry(now)
        marker = cls(_marker(message.id), "LOGGED", body=json.dumps([pk, key]), expires_at=expires_at)
        try:
            with TransactWrite(connection=_appending(), client_request_token=str(uuid4())) as transaction:
                transaction.save(marker, condition=cls.pk.does_not_exist())
                transaction.save(cls(pk, key, body=message.model_dump_json(), expires_at=expires_at))
        except TransactWriteError as error:
            codes = {reason.code for reason in error.cancellation_reasons if reason}
            if "ConditionalCheckFailed" in codes:
                return False
            if "TransactionConflict" in codes:
                raise StaleWrite(str(error)) from error
            raise
        return True

    @classmethod
    def of_events(cls, merchant_id: str, event_ids: Iterable[str]) -> list["EventRow"]:
        """Return those of some events that are in a merchant's log, in the order of arrival."""
        markers = list(cls.batch_get([(_marker(event_id), "LOGGED") for event_id in event_ids]))
        places = [(pk, sk) for pk, sk in (json.loads(row.body) for row in markers) if pk.split("#")[1] == merchant_id]
        return sorted(cls.batch_get(places) if places else (), key=lambda row: row.sk)

    @property
    def message(self) -> WebhookMessage:
        """The event."""
        return WebhookMessage.model_validate_json(self.body)


def _marker(event_id: str) -> str:
    return f"LOGGED#{event_id}"
