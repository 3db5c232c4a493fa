"""Views of a zone's map, for staff."""

from typing import Self

from pydantic import Field

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import State
from crowdship.deliveries.views import DeliveryLine
from crowdship.dispatch.overview.urgency import Reason, Urgency
from crowdship.dispatch.rounds.waits import Wait
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.shipment.options import Priority
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.vehicles import VehicleKind
from crowdship.travel.conditions import KnownIncident
from crowdship.zones.pauses import Pause


class DriverOnMap(Value):
    """A driver on duty.

    Parameters
    ----------
    name : str or None
        Null if it was erased.
    position, position_at : Point and datetime, or None
        The newest position, and when it was received; null if none is known.
    heading, delivery_id : StopKind and str, or None
        The stop that comes next; null without work.
    stops : int
        Open stops.
    late_s : int
        Seconds by which the latest of their customers is expected to wait longer than promised.
    """

    driver_id: str
    name: str | None
    vehicle: VehicleKind
    position: Point | None
    position_at: Moment | None
    heading: StopKind | None
    delivery_id: str | None
    stops: int
    late_s: int
    suspended: bool


class DeliveryOnMap(Value):
    """A delivery that waits for a driver, or that a driver has.

    Parameters
    ----------
    merchant : str or None
        The merchant's name.
    driver_id : str or None
        The driver who has it.
    eta : datetime or None
        Expected arrival at the customer, from where the driver is now; null without a driver, or on the way back.
    late_s : int
        Seconds by which it is expected later than promised. Without a driver: the shortest trip, begun now.
    urgency : int
        Need of a dispatcher now, 0 to 100.
    reasons : tuple of Reason
        Reasons for the urgency, the weightiest first.
    waits : Wait or None
        Reason why it is not offered now; null if a driver has it.
    """

    delivery_id: str
    order_number: str | None
    merchant_id: str
    merchant: str | None
    state: State
    priority: Priority
    pickup: Point
    dropoff: Point
    driver_id: str | None
    eta: Moment | None
    promised_until: Moment
    late_s: int
    urgency: int = Field(ge=0, le=100)
    reasons: tuple[Reason, ...]
    waits: Wait | None

    @classmethod
    def of(
        cls,
        delivery: Delivery,
        merchant: str | None,
        eta: Moment | None,
        late_s: float,
        urgency: Urgency,
        waits: Wait | None,
    ) -> Self:
        """Return the view of a delivery."""
        return cls(
            delivery_id=delivery.id,
            order_number=delivery.order_number,
            merchant_id=delivery.merchant_id,
            merchant=merchant,
            state=delivery.state,
            priority=delivery.priority,
            pickup=delivery.pickup,
            dropoff=delivery.dropoff,
            driver_id=delivery.driver_id,
            eta=eta,
            promised_until=delivery.dropoff_window.closes_at,
            late_s=round(late_s),
            urgency=urgency.points,
            reasons=urgency.reasons,
            waits=waits,
        )


class ZoneMap(Value):
    """A zone now: drivers on duty, open deliveries and those under way, incidents, and the pause that stands.

    The most urgent delivery comes first.
    """

    zone_id: str
    as_of: Moment
    drivers: tuple[DriverOnMap, ...]
    deliveries: tuple[DeliveryOnMap, ...]
    incidents: tuple[KnownIncident, ...]
    paused: Pause | None


class FoundDriver(Value):
    """A driver whom a search found; the zone is that of their duty."""

    driver_id: str
    name: str | None
    zone_id: str | None
    on_duty: bool


class Found(Value):
    """Deliveries, the newest first, and drivers that a search found."""

    deliveries: tuple[DeliveryLine, ...]
    drivers: tuple[FoundDriver, ...]


class DriverName(Value):
    """The name of a driver; null if it was erased."""

    driver_id: str
    name: str | None


class DriverNames(Value):
    """Names of drivers."""

    drivers: tuple[DriverName, ...]
