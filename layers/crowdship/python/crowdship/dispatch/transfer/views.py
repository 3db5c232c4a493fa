"""Routes that staff change by hand: what they ask for, and what comes of it."""

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
    """Where on a route a delivery comes, counted from 0 in the route as it then is."""

    pickup: int = Field(ge=0)
    dropoff: int = Field(ge=1)


class AssignInput(Value):
    """Who is to get a delivery.

    Parameters
    ----------
    position : Position or None
        Where on the driver's route it comes, both stops pinned there; where it costs least if left out.
    revision : int or None
        The revision of the driver's route that was looked at; needed with a position.
    dry_run : bool
        Whether to only see what would be.
    """

    driver_id: str
    position: Position | None = None
    revision: int | None = Field(default=None, ge=0)
    dry_run: bool = False

    @model_validator(mode="after")
    def _position_in_a_plan(self) -> Self:
        if self.position and self.revision is None:
            raise ValueError("position needs the revision of the route it is chosen in")
        return self

    @property
    def places(self) -> tuple[int, int] | None:
        """The position of both stops."""
        return (self.position.pickup, self.position.dropoff) if self.position else None


class RouteOrder(Value):
    """All open stops of a driver by id, in the order in which they are to be done, and which keep their places.

    For an hour no other order comes about by itself; what is pinned, and all before it, stays until it is unpinned.
    """

    revision: int = Field(ge=0)
    order: tuple[str, ...] = Field(max_length=200)
    pinned: tuple[str, ...] = Field(default=(), max_length=200)
    dry_run: bool = False


class TransferInput(Value):
    """What of a route others take over.

    Parameters
    ----------
    delivery_ids : tuple of str
        All if left out.
    to : tuple of str
        Who may take it; if left out, whoever on duty in the zone does so at the least cost. The driver alone, with a
        ``transfer_point``, to fetch goods from another driver there and not where it was said before.
    transfer_point : Point or None
        Where goods are that are on board or to be fetched from another driver. If left out, goods on board are where
        the driver's phone was within the zone's ``limits.position_minutes``, and goods to be fetched where it was said
        before.
    """

    revision: int = Field(ge=0)
    delivery_ids: tuple[str, ...] = Field(default=(), max_length=30)
    to: tuple[str, ...] = Field(default=(), max_length=30)
    transfer_point: Point | None = None
    dry_run: bool = False


class CostView(Value):
    """What a route costs in seconds; ``total_s`` in seconds of driving, by the zone's weights."""

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
    """A stop of a route, as it would go from now."""

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
    """Stops with their times, and what they cost."""

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
    """A stop that a change makes late, or later than it was already."""

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
    """What a new order changes, and the revision of the route now; with ``dry_run`` it would, and stays as it is."""

    dry_run: bool
    revision: int
    route: ReroutedView


class TransferView(Value):
    """What became, or with ``dry_run`` would become, of a route that others take over.

    Parameters
    ----------
    moved : dict
        Who has each delivery.
    fetched_there : tuple of str
        Deliveries whose goods are fetched from the driver who had them.
    reopened, stays : tuple of str
        What nobody can take: what was not fetched waits for a driver again, what was stays where it is.
    routes : tuple of ReroutedView
        The route given up first.
    """

    dry_run: bool
    moved: dict[str, str]
    fetched_there: tuple[str, ...]
    reopened: tuple[str, ...]
    stays: tuple[str, ...]
    routes: tuple[ReroutedView, ...]
