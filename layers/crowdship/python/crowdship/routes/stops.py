"""Stops of a route: a point, an action and a window."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.shipment.stop_kind import StopKind
from crowdship.zones.model import TravelRules


class Stop(Value):
    """A point and an action.

    Parameters
    ----------
    opens_at, closes_at : datetime
        The window. A driver who is early waits; lateness has a cost.
    weight_g, volume_l : int
        Change of what is on board: positive at a pickup, negative otherwise.
    dwell_s : int
        Planned time at the stop.
    started : bool
        True if the driver is on the way there or there: the stop stays first.
    arrived_at : datetime or None
        The moment at which the driver reported to be there.
    pinned : bool
        True if a dispatcher keeps it where it is: it and all stops before it stay, and nothing comes before it.
    eta : datetime or None
        Planned start of service.
    announced_at : datetime or None
        The start of service that customer and merchant were told last; None at a pickup, which is not announced.
    """

    stop_id: str
    kind: StopKind
    delivery_id: str
    point: Point
    opens_at: Moment
    closes_at: Moment
    weight_g: int
    volume_l: int
    dwell_s: int
    started: bool = False
    arrived_at: Moment | None = None
    pinned: bool = False
    eta: Moment | None = None
    announced_at: Moment | None = None

    def begins_at(self, there_at: datetime) -> datetime:
        """Return when service begins for a driver who is there at a moment, or who arrived before."""
        return max(self.arrived_at or there_at, self.opens_at)

    def stay_s(self, now: datetime) -> float:
        """Return the seconds of service that are left: all, unless the driver is there.

        A stay that takes longer than planned is never taken to be over: at least a quarter of it is left.
        """
        if self.arrived_at is None:
            return self.dwell_s
        passed = max(0.0, (now - self.begins_at(now)).total_seconds())
        return max(self.dwell_s - passed, self.dwell_s / 4)


def fixed_head(stops: Sequence[Stop]) -> int:
    """Return the number of stops at the head that keep their place: a started one, and all up to the last pinned."""
    fixed = (place + 1 for place, stop in enumerate(stops) if stop.pinned or (stop.started and not place))
    return max(fixed, default=0)


def stop_id(delivery_id: str, kind: StopKind) -> str:
    """Return the id of a delivery's stop."""
    return f"{delivery_id}:{kind}"


def stop_of(identity: str) -> tuple[str, StopKind]:
    """Return the delivery and the kind of a stop, by its id."""
    delivery_id, _, kind = identity.partition(":")
    return delivery_id, StopKind(kind)


def stops_of(
    delivery: Delivery, rules: TravelRules, stay_s: Callable[[StopKind, Point], int] | None = None
) -> tuple[Stop, ...]:
    """Return the stops that a delivery still needs: pickup and drop-off, or what is left of them.

    Parameters
    ----------
    stay_s : callable, optional
        Seconds that a stop at a place takes, where more is known than the zone's rules say.
    """

    def stop(kind: StopKind, sign: int) -> Stop:
        at_pickup = kind is not StopKind.DROPOFF
        window = delivery.pickup_window if at_pickup else delivery.dropoff_window
        point = delivery.dropoff
        if at_pickup:
            point = delivery.collect_at if kind is StopKind.PICKUP else delivery.pickup
        closes_at = delivery.dropoff_window.closes_at if delivery.transfer_point else window.closes_at
        usual_s = rules.pickup_dwell_s if at_pickup else rules.dropoff_dwell_s
        return Stop(
            stop_id=stop_id(delivery.id, kind),
            kind=kind,
            delivery_id=delivery.id,
            point=point,
            opens_at=window.opens_at,
            closes_at=closes_at,
            weight_g=sign * delivery.parcel.weight_g,
            volume_l=sign * delivery.parcel.volume_l,
            dwell_s=stay_s(kind, point) if stay_s else usual_s,
        )

    if delivery.next_stop is StopKind.PICKUP:
        return (stop(StopKind.PICKUP, 1), stop(StopKind.DROPOFF, -1))
    return (stop(delivery.next_stop, -1),)


def amended(stops: Iterable[Stop], new: Mapping[str, Stop]) -> list[Stop]:
    """Return stops in their present order, some replaced by new versions, which keep progress and announced times.

    An arrival at a stop that is now elsewhere is not kept.
    """
    return [
        became.model_copy(
            update={
                "started": stop.started,
                "arrived_at": stop.arrived_at if became.point == stop.point else None,
                "pinned": stop.pinned,
                "announced_at": stop.announced_at,
            }
        )
        if (became := new.get(stop.stop_id))
        else stop
        for stop in stops
    ]
