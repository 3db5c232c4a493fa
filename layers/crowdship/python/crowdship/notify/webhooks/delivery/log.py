"""The delivery log of an endpoint, page by page."""

from datetime import timedelta

from crowdship.adapters.clock import RunningClock
from crowdship.deliveries import service as deliveries
from crowdship.kernel.clock import Clock
from crowdship.kernel.cursors import cursor_of
from crowdship.notify.log_keys import KEPT, key_at
from crowdship.notify.sendings import Sending
from crowdship.notify.store import SendingRow
from crowdship.notify.webhooks.delivery.attempts import AttemptLine, AttemptState
from crowdship.notify.webhooks.delivery.store import AttemptRow
from crowdship.notify.webhooks.endpoints import service as endpoints
from crowdship.notify.webhooks.endpoints.model import ID_PREFIX
from crowdship.notify.webhooks.event_log.service import position_of

WALL = RunningClock()
MOST_LOOKED_AT = 500
"""Lines that one request reads at most while it looks for those of one state."""


def attempts(
    merchant_id: str,
    endpoint_id: str,
    *,
    cursor: str | None = None,
    limit: int = 50,
    state: AttemptState | None = None,
    wall: Clock = WALL,
) -> tuple[list[AttemptLine], str | None]:
    """Return attempts to send an endpoint something, the newest first, and the cursor of older ones."""
    endpoints.endpoint(merchant_id, endpoint_id)
    oldest, newest = key_at(wall.now() - KEPT), key_at(wall.now() + timedelta(seconds=1))
    asked = MOST_LOOKED_AT if state else limit
    before = min(position_of(cursor), newest) if cursor else newest
    if before <= oldest:
        return [], None
    rows = AttemptRow.backward(endpoint_id, oldest, before, asked)
    told: list[AttemptLine] = []
    for number, row in enumerate(rows):
        if state is None or row.line.state is state:
            told.append(row.line)
        if len(told) == limit and number + 1 < len(rows):
            return told, cursor_of(row.sk)
    return told, cursor_of(rows[-1].sk) if len(rows) == asked else None


def webhooks_of(delivery_id: str) -> list[Sending]:
    """Return what merchants' endpoints were sent of a delivery, in the order of its events.

    Raises
    ------
    NotFound
        If there is no such delivery.
    """
    found = SendingRow.of_events(deliveries.get(delivery_id).event_ids)
    return [sending for sending in found if sending.recipient.startswith(f"{ID_PREFIX}_")]
