"""Key performance indicators (KPIs): each has an event, a value that is read from it, a unit and dimensions.

A KPI is one entry of ``KPIS``. Its metric has the KPI's name and counts the whole network; for each dimension there is
another metric of the same name with one series per value of the dimension.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from crowdship.kernel.events import DomainEvent, Value


class Unit(StrEnum):
    """Units as CloudWatch names them; it has none for minutes."""

    COUNT = "Count"
    SECONDS = "Seconds"
    NONE = "None"


class Dimension(StrEnum):
    """Fields by which a KPI may be split.

    CloudWatch bills each value of a dimension as a metric of its own. Only fields whose values staff create belong
    here, never ids of merchants, drivers or deliveries.
    """

    ZONE = "zone"


FIELD_OF: dict[Dimension, str] = {Dimension.ZONE: "zone_id"}
"""The field of an event's data that holds the value of a dimension."""


class Measurement(Value):
    """One value for one metric; without dimensions it is the whole network's."""

    name: str
    unit: Unit
    value: float
    dimensions: dict[str, str] = Field(default_factory=dict)


def once(event: DomainEvent) -> float:
    """Return 1: the event is counted."""
    return 1


def on_time(event: DomainEvent) -> float | None:
    """Return 1 if a delivery ended at or before the end of its promised window, else 0; the average is the share."""
    if is_repeated(event):
        return None
    return float(event.time <= _moment(event.data["dropoff_window"]["closes_at"]))


def seconds_since_order(event: DomainEvent) -> float:
    """Return the seconds from the creation of the delivery to the event."""
    return (event.time - _moment(event.data["created_at"])).total_seconds()


def minutes_since_order(event: DomainEvent) -> float | None:
    """Return the minutes from the creation of the delivery to the event."""
    return None if is_repeated(event) else seconds_since_order(event) / 60


def is_repeated(event: DomainEvent) -> bool:
    """Return whether a delivery was delivered before and that was taken back; an average can't lose the first value."""
    return "delivered" in event.data.get("corrected", ())


CORRECTED = "delivery.corrected"

FIRST_CHANGE = 2
"""Sequence of a delivery's first event after its creation."""


def seconds_to_first_offer(event: DomainEvent) -> float | None:
    """Return the seconds from the creation of the delivery to its first offer, None for later offers.

    An offer does not tell whether it is the first of a delivery, but the delivery's sequence does.
    """
    return seconds_since_order(event) if event.sequence == FIRST_CHANGE else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@dataclass(frozen=True)
class Kpi:
    """One indicator.

    Parameters
    ----------
    name : str
        Name of the metric, as the dashboard and alarms know it.
    event : str
        Type of the event that is measured.
    value : callable
        Reads the value from the event; None leaves the event out.
    dimensions : tuple of Dimension
        The splits that the KPI has besides the whole network's metric.
    """

    name: str
    event: str
    unit: Unit = Unit.COUNT
    value: Callable[[DomainEvent], float | None] = once
    dimensions: tuple[Dimension, ...] = ()

    def measure(self, event: DomainEvent) -> float | None:
        """Return the value that an event adds, or None if it adds nothing.

        An ending that a driver takes back is taken back from the count of such endings too.
        """
        if event.type == self.event:
            return self.value(event)
        ended = event.data["corrects"]["state"] if event.type == CORRECTED else None
        return -1 if self.value is once and self.event == f"delivery.{ended}" else None


BY_ZONE = (Dimension.ZONE,)

KPIS = (
    Kpi("DeliveriesCreated", "delivery.created", dimensions=BY_ZONE),
    Kpi("DeliveriesReassigned", "delivery.reassigned"),
    Kpi("DeliveriesDelivered", "delivery.delivered"),
    Kpi("DeliveriesFailed", "delivery.failed"),
    Kpi("DeliveriesCancelled", "delivery.cancelled"),
    Kpi("DeliveriesExpired", "delivery.expired", dimensions=BY_ZONE),
    Kpi("OnTime", "delivery.delivered", Unit.NONE, on_time, BY_ZONE),
    Kpi("ClickToDoorMinutes", "delivery.delivered", Unit.NONE, minutes_since_order, BY_ZONE),
    Kpi("SecondsToFirstOffer", "delivery.offered", Unit.SECONDS, seconds_to_first_offer, BY_ZONE),
    Kpi("OffersMade", "offer.made"),
    Kpi("OffersAccepted", "offer.accepted"),
    Kpi("OffersDeclined", "offer.declined"),
    Kpi("OffersExpired", "offer.expired"),
    Kpi("PayoutsSent", "payout.sent"),
    Kpi("PayoutsPaid", "payout.paid"),
    Kpi("PayoutsFailed", "payout.failed"),
    Kpi("PayoutsReturned", "payout.returned"),
    Kpi("PayoutsHeld", "payout.held"),
    Kpi("AlertsRaised", "tracking.alert_raised"),
)
"""All KPIs. A new one is an entry here, and its name in ``infra/alarms.py``, with an alarm or the reason for none."""


def measurements(event: DomainEvent) -> tuple[Measurement, ...]:
    """Return what an event adds to the metrics: for each of its KPIs the network's, then one for each dimension.

    A sandbox's event adds nothing.
    """
    if not event.livemode:
        return ()
    return tuple(one for kpi in KPIS for one in _measured(kpi, event))


def _measured(kpi: Kpi, event: DomainEvent) -> Iterator[Measurement]:
    value = kpi.measure(event)
    if value is None:
        return
    yield Measurement(name=kpi.name, unit=kpi.unit, value=value)
    for dimension in kpi.dimensions:
        of = {dimension.value: event.data[FIELD_OF[dimension]]}
        yield Measurement(name=kpi.name, unit=kpi.unit, value=value, dimensions=of)
