"""Event types that an endpoint, or a reader of the event log, can ask for."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

MERCHANT_EVENTS = frozenset(
    {
        "delivery.created",
        "delivery.offered",
        "delivery.assigned",
        "delivery.reassigned",
        "delivery.ready",
        "delivery.updated",
        "delivery.en_route_to_pickup",
        "delivery.approaching_pickup",
        "delivery.arrived_at_pickup",
        "delivery.picked_up",
        "delivery.en_route_to_dropoff",
        "delivery.approaching",
        "delivery.eta_changed",
        "delivery.arrived_at_dropoff",
        "delivery.pin_locked",
        "delivery.delivered",
        "delivery.corrected",
        "delivery.cancelled",
        "delivery.expired",
        "delivery.failed",
        "delivery.returning",
        "delivery.returned",
        "delivery.tipped",
        "source.message_ignored",
        "claim.opened",
        "claim.decided",
        "claim.withdrawn",
        "refund.granted",
        "invoice.issued",
        "invoice.payment_recorded",
        "invoice.payment_returned",
        "invoice.overdue",
        "surge.changed",
    }
)
"""Event types that can be asked for by name. A test compares them with the schemas in ``events/``."""

ALL_EVENTS = "delivery.*"
ALL_OF_SOURCES = "source.*"
OF_MONEY = ("claim.*", "refund.*", "invoice.*")
ALL_OF_SURGE = "surge.*"
EVERYTHING = (ALL_EVENTS, ALL_OF_SOURCES, *OF_MONEY, ALL_OF_SURGE)
"""The filters of all kinds that there are."""

ALL = "*"
"""The filter of an endpoint that names none: all kinds that there are when an event is sent, not when it was made."""


def _known_filter(wanted: str) -> str:
    if wanted not in (ALL, *EVERYTHING) and wanted not in MERCHANT_EVENTS:
        raise ValueError(
            f"there may be {', '.join((ALL, *EVERYTHING))}, or any of {', '.join(sorted(MERCHANT_EVENTS))}"
        )
    return wanted


EventFilter = Annotated[str, StringConstraints(max_length=60), AfterValidator(_known_filter)]


def wanted(event_type: str, filters: Sequence[str]) -> bool:
    """Return whether any filter lets an event type through: its name, all of its kind (``delivery.*``), or ``*``.

    Examples
    --------
    >>> wanted("delivery.delivered", ["delivery.*"]), wanted("delivery.delivered", ["delivery.failed"])
    (True, False)
    """
    kind = f"{event_type.partition('.')[0]}.*"
    return event_type in filters or kind in filters or (ALL in filters and kind in EVERYTHING)
