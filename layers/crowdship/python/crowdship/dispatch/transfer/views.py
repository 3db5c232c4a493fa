"""Requests and answers of routes that staff change by hand."""

from types import EllipsisType
from typing import Self

from pydantic import Field, model_validator

from crowdship.dispatch.resequence.rules import Rerouted, Sketch
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.routes.route import PlanChange, Route
from crowdship.routes.timetable import RouteCost
from crowdship.shipment.stop_kind import StopKind


class Position(Value):
    """Places of a delivery's stops on a route, counted from 0 in the route that has both."""

    pickup: int = Field(ge=0)
    dropoff: int = Field(ge=1)


class AssignInput(Value):
    """Assignment of a delivery to a driver.

    Parameters
    ----------
    position : Position or None
        Places on the driver's route, where both stops are then pinned; the places that cost least if left out.
    revision : int or None
        Revision of the driver's route in which the position was chosen; needed with a position.
    from_driver_id : str or None
        The driver who has it as far as the dispatcher knows, null for nobody; refused if it is no longer so. Left out,
        the delivery is taken from whoever has it.
    dry_run : bool
        True to see the result without writing it.
    """

    driver_id: str
    position: Position | None = None
    revision: int | None = Field(default=None, ge=0)
    from_driver_id: str | None = Field(default=None, max_length=64)
    dry_run: bool = False

    @model_validator(mode="after")
    def _position_in_a_plan(self) -> Self:
        if self.position and self.revision is None:
            raise ValueError("position needs the revision of the route in which it was chosen")
        return self

    @property
    def expected(self) -> str | EllipsisType | None:
        """The driver who has it as far as the dispatcher knows; an ellipsis if nothing is said."""
        return self.from_driver_id if "from_driver_id" in self.model_fields_set else ...

    @property
    def places(self) -> tuple[int, int] | None:
        """The position of both stops."""
        return (self.position.pickup, self.position.dropoff) if self.position else None


class RouteOrder(Value):
    """Order of all open stops of a driver, by id, and the stops that are pinned.

    The platform keeps this order for an hour. A pinned stop, and all before it, stays until it is unpinned.
    """

    revision: int = Field(ge=0)
    order: tuple[str, ...] = Field(max_length=200)
    pinned: tuple[str, ...] = Field(default=(), max_length=200)
    dry_run: bool = False


class TransferInput(Value):
    """Deliveries of a route that other drivers are to take over.

    Parameters
    ----------
    delivery_ids : tuple of str
        The deliveries; all of the route if left out.
    to : tuple of str
        Drivers who may take them over; if left out, all others on duty in the zone. Name the driver of the route alone,
        with a ``transfer_point``, to change the place at which this driver is to fetch goods from another driver.
    transfer_point : Point or None
        Place of goods that are on board, or that the driver was to fetch from another driver. If left out, the former
        are at the driver's position, no older than the zone's ``limits.position_minutes``, and the latter at the place
        that was named before.
    """

    revision: int = Field(ge=0)
    delivery_ids: tuple[str, ...] = Field(default=(), max_length=30)
    to: tuple[str, ...] = Field(default=(), max_length=30)
    transfer_point: Point | None = None
    dry_run: bool = False


class CostView(Value):
    """Cost of a route in seconds; ``total_s`` adds it up by the zone's weights, in seconds of driving."""

    driving_s: int
    waiting_s: int
    late_s: int
    total_s: int

    @classmethod
    def of(cls, cost: RouteCost, lateness_weight: float) -> Self:
        """Return the view of a cost."""
        total = cost.total(lateness_weight)
        return cls(
            driving_s=round(cost.driving_s),
            waiting_s=round(cost.waiting_s),
            late_s=round(cost.late_s),
            total_s=round(total),
        )


class SketchStop(Value):
    """A stop of a route, with its time if the route goes on from now."""

    stop_id: str
    kind: StopKind
    delivery_id: str
    point: Point
    opens_at: Moment
    closes_at: Moment
    eta: Moment | None
    late_s: int
    started: bool
    pinned: bool


class SketchView(Value):
    """Stops with their times, and their cost."""

    stops: tuple[SketchStop, ...]
    cost: CostView

    @classmethod
    def of(cls, sketch: Sketch, lateness_weight: float) -> Self:
        """Return the view of a sketch."""
        late = sketch.late_s
        names = SketchStop.model_fields.keys() - {"late_s"}
        stops = (
            SketchStop(late_s=round(late[stop.stop_id]), **{name: getattr(stop, name) for name in names})
            for stop in sketch.stops
        )
        return cls(stops=tuple(stops), cost=CostView.of(sketch.cost, lateness_weight))


class LaterStop(Value):
    """A stop that a change makes late, or later than before."""

    stop_id: str
    delivery_id: str
    late_before_s: int
    late_after_s: int


class ReroutedView(Value):
    """A driver's route before a change and after it."""

    driver_id: str
    before: SketchView
    after: SketchView
    later: tuple[LaterStop, ...]

    @classmethod
    def of(cls, change: Rerouted, lateness_weight: float) -> Self:
        """Return the view of a change."""
        later = (
            LaterStop(
                stop_id=stop.stop_id,
                delivery_id=stop.delivery_id,
                late_before_s=round(before),
                late_after_s=round(after),
            )
            for stop, before, after in change.later()
        )
        return cls(
            driver_id=change.driver_id,
            before=SketchView.of(change.before, lateness_weight),
            after=SketchView.of(change.after, lateness_weight),
            later=tuple(later),
        )


class StaffRoute(Value):
    """A driver's route as dispatchers see it; changes are asked for with its ``revision``."""

    driver_id: str
    zone_id: str
    revision: int
    confirmed_revision: int
    unconfirmed_since: Moment | None
    pending: tuple[PlanChange, ...]
    plan: SketchView

    @classmethod
    def of(cls, route: Route, sketch: Sketch, lateness_weight: float) -> Self:
        """Return the view of a route."""
        return cls(
            driver_id=route.id,
            zone_id=route.zone_id,
            revision=route.revision,
            confirmed_revision=route.confirmed_revision,
            unconfirmed_since=route.unconfirmed_since,
            pending=route.pending,
            plan=SketchView.of(sketch, lateness_weight),
        )


class RouteChanged(Value):
    """The route before and after a new order, and its revision; with ``dry_run`` nothing was written."""

    dry_run: bool
    revision: int
    route: ReroutedView


class TransferView(Value):
    """Result of a transfer; with ``dry_run`` nothing was written.

    Parameters
    ----------
    moved : dict
        New driver of each delivery, by delivery.
    fetched_there : tuple of str
        Deliveries whose goods are fetched from the driver who had them.
    reopened, stays : tuple of str
        Deliveries that no driver can take: before the pickup they wait for a driver again, after it they stay.
    routes : tuple of ReroutedView
        The routes before and after, first that of the driver who gives deliveries up.
    """

    dry_run: bool
    moved: dict[str, str]
    fetched_there: tuple[str, ...]
    reopened: tuple[str, ...]
    stays: tuple[str, ...]
    routes: tuple[ReroutedView, ...]
