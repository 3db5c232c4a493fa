"""Counting of a merchant's completed deliveries of a month, for contracts whose charge falls with the volume.

A delivery counts in the UTC month in which it was handed over, once, from the approval of the first contract with
tiers on; one that its driver takes back counts no longer in that month, also if the next one has begun. An order is
charged by the count at the moment at which it is priced: what was charged before does not change as the count grows.
"""

from datetime import UTC, date, datetime
from functools import partial

from crowdship.adapters.storage import persistently
from crowdship.kernel.events import DomainEvent
from crowdship.tariffs import current
from crowdship.tariffs.store import CountRow, month_of

CHANGES = {"delivery.delivered": 1, "delivery.corrected": -1}


def count(event: DomainEvent) -> None:
    """Count a delivery that was completed, or whose completion was taken back; the same event counts once."""
    number = CHANGES.get(event.type)
    if number is None or not event.livemode or not current.has_tiers(event.data["merchant_id"]):
        return
    if number < 0 and event.data["previous_state"] != "delivered":
        return
    persistently(partial(_once, event, number))


def _once(event: DomainEvent, number: int) -> None:
    if not CountRow.was_counted(event.id):
        CountRow.add(event.data["merchant_id"], month_of(_handed_over_on(event)), event.id, number, event.time)


def _handed_over_on(event: DomainEvent) -> date:
    corrects = event.data.get("corrects")
    return datetime.fromisoformat(corrects["at"]).astimezone(UTC).date() if corrects else event.time.date()
