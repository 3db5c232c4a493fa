"""Offers, routes and boards as drivers and staff are told of them."""

from collections.abc import Iterable, Mapping
from typing import Self

from pydantic import Field, model_validator

from crowdship.deliveries.model import Delivery, Parcel, Priority, Requirements, State, Undeliverable, Window
from crowdship.dispatch.model import Answer, Candidate, DeclineReason, Offer, OfferState
from crowdship.dispatch.planning import RoundPlan
from crowdship.dispatch.rerouting import Rerouted, Sketch
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.kernel.money import Money
from crowdship.pricing.model import PricePart
from crowdship.routing.arrivals import Arrival
from crowdship.routing.model import PlanChange, Route, RouteCost, StopKind
from crowdship.tracking.model import Alert, AlertKind
from crowdship.tracking.views import StopTimes
from crowdship.zones.model import Policy

OPTIONS_SHOWN = 5
"""Drivers named for a delivery in a zone's plan."""


class OfferedDelivery(Value):
    """What a driver is told of a delivery before they take it: where and how big, not who."""

    delivery_id: str
    pickup: Point
    dropoff: Point
    pickup_window: Window
    dropoff_window: Window
    parcel: Parcel
    requirements: Requirements
    undeliverable: Undeliverable
    priority: Priority


class OfferView(Value):
    """An offer as the driver sees it: all the pay, part by part, and the tip."""

    offer_id: str
    policy: Policy
    expires_at: Moment
    pay_total: Money
    pay_parts: tuple[PricePart, ...]
    tip: Money
    deliveries: tuple[OfferedDelivery, ...]

    @classmethod
    def of(cls, offer: Offer, deliveries: Mapping[str, Delivery]) -> Self:
        """Return the view of an offer."""
        return cls(
            offer_id=offer.id,
            policy=offer.policy,
            expires_at=offer.expires_at,
            pay_total=offer.pay.total,
            pay_parts=offer.pay.parts,
            tip=offer.pay.tip,
            deliveries=tuple(
                OfferedDelivery(
                    delivery_id=delivery_id,
                    **{
                        name: getattr(deliveries[delivery_id], name)
                        for name in OfferedDelivery.model_fields
                        if name != "delivery_id"
                    },
                )
                for delivery_id in offer.delivery_ids
            ),
        )


class OfferList(Value):
    """A driver's offers, the one that runs out first first."""

    offers: tuple[OfferView, ...]


class DeclineInput(Value):
    """Why a driver passes."""

    reason: DeclineReason = DeclineReason.OTHER


class OfferOutcome(Value):
    """What became of an offer after an answer."""

    offer_id: str
    state: OfferState


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
        ``handover``, to fetch goods from another driver there and not where it was said before.
    handover : Point or None
        Where goods are that are on board or to be fetched from another driver. If left out, what is on board is where
        the driver was seen within the zone's ``position_minutes``, and what is to be fetched where it was said before.
    """

    revision: int = Field(ge=0)
    delivery_ids: tuple[str, ...] = Field(default=(), max_length=30)
    to: tuple[str, ...] = Field(default=(), max_length=30)
    handover: Point | None = None
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


class Explanation(Value):
    """Who was asked for a delivery last, who was not, and how they scored (seconds; less is better)."""

    offer_id: str
    state: OfferState
    asked: tuple[Candidate, ...]
    runners_up: tuple[Candidate, ...]
    declines: tuple[Answer, ...]


class StaffDelivery(Value):
    """Everything about a delivery but the people, how its last offer came about, and when its driver was where."""

    delivery: Delivery
    version: int
    last_offer: Explanation | None
    stops: tuple[StopTimes, ...]
    routes: tuple[ReroutedView, ...] = Field(default=(), description="What giving it to a driver changes, or would")

    @classmethod
    def of(
        cls,
        delivery: Delivery,
        offer: Offer | None,
        stops: tuple[StopTimes, ...],
        routes: Iterable[ReroutedView] = (),
    ) -> Self:
        """Return the view of a delivery, its last offer, its driver's times at its stops, and what changes."""
        explanation = offer and Explanation(
            offer_id=offer.id,
            state=offer.state,
            asked=offer.candidates,
            runners_up=offer.runners_up,
            declines=offer.declines,
        )
        return cls(
            delivery=delivery,
            version=delivery.stored_version,
            last_offer=explanation,
            stops=stops,
            routes=tuple(routes),
        )


class BoardLine(Value):
    """An open delivery on a zone's board."""

    delivery_id: str
    state: State
    priority: Priority
    created_at: Moment
    search_until: Moment
    offer_id: str | None
    declined_by: tuple[str, ...]


class UnderWayLine(Value):
    """A delivery that a driver on duty has.

    Parameters
    ----------
    eta, eta_earliest, eta_latest : datetime or None
        When the driver is expected at the customer, from where they are now, and between when four of five times.
    late_s : int
        How much later than promised that is; 0 if it is not.
    position_age_s : int or None
        How long ago the driver's phone was heard of.
    """

    delivery_id: str
    state: State
    driver_id: str
    eta: Moment | None
    eta_earliest: Moment | None
    eta_latest: Moment | None
    promised_until: Moment
    late_s: int
    position_age_s: int | None

    @classmethod
    def of(cls, delivery: Delivery, expected: Arrival | None, driver_id: str, position_age_s: int | None) -> Self:
        """Return the line of a delivery that is expected at its customer; None if it goes back to the shop."""
        promised_until = delivery.dropoff_window.closes_at
        late_s = round((expected.at - promised_until).total_seconds()) if expected else 0
        return cls(
            delivery_id=delivery.id,
            state=delivery.state,
            driver_id=driver_id,
            eta=expected and expected.at,
            eta_earliest=expected and expected.earliest,
            eta_latest=expected and expected.latest,
            promised_until=promised_until,
            late_s=max(0, late_s),
            position_age_s=position_age_s,
        )


class AlertLine(Value):
    """What a dispatcher has to look at.

    Parameters
    ----------
    since : datetime
        Since when it is so; of a late arrival since when that is foreseen.
    seconds, limit_s : int
        How bad it is, and what the zone lets pass.
    """

    kind: AlertKind
    driver_id: str
    delivery_id: str
    stop_id: str
    since: Moment
    seconds: int
    limit_s: int

    @classmethod
    def of(cls, alert: Alert, driver_id: str) -> Self:
        """Return the line of a driver's alert."""
        return cls(driver_id=driver_id, delivery_id=alert.delivery_id, **alert.model_dump())


class UnconfirmedLine(Value):
    """A driver who has not confirmed a change of their plan."""

    driver_id: str
    unconfirmed_since: Moment
    revision: int
    confirmed_revision: int
    reasons: tuple[str, ...]

    @classmethod
    def of(cls, route: Route) -> Self | None:
        """Return the line of a route, or None if its driver knows the plan."""
        if route.unconfirmed_since is None:
            return None
        return cls(
            driver_id=route.id,
            unconfirmed_since=route.unconfirmed_since,
            revision=route.revision,
            confirmed_revision=route.confirmed_revision,
            reasons=tuple(dict.fromkeys(change.reason for change in route.pending)),
        )


class Board(Value):
    """What waits in a zone, what is under way, who is on duty, and what is to be looked at.

    Alerts come the worst first, drivers who have not confirmed a change the longest first.
    """

    zone_id: str
    open: tuple[BoardLine, ...]
    under_way: tuple[UnderWayLine, ...]
    on_duty: tuple[str, ...]
    alerts: tuple[AlertLine, ...]
    unconfirmed: tuple[UnconfirmedLine, ...]

    @classmethod
    def of(
        cls,
        zone_id: str,
        waiting: Iterable[Delivery],
        under_way: Iterable[UnderWayLine],
        on_duty: Iterable[str],
        alerts: Iterable[AlertLine],
        routes: Iterable[Route],
    ) -> Self:
        """Return the board of a zone."""
        names = [name for name in BoardLine.model_fields if name != "delivery_id"]
        lines = (BoardLine(delivery_id=d.id, **{name: getattr(d, name) for name in names}) for d in waiting)
        unconfirmed = sorted(filter(None, map(UnconfirmedLine.of, routes)), key=lambda line: line.unconfirmed_since)
        return cls(
            zone_id=zone_id,
            open=tuple(lines),
            under_way=tuple(under_way),
            on_duty=tuple(on_duty),
            alerts=tuple(alerts),
            unconfirmed=tuple(unconfirmed),
        )


class PlannedOfferView(Value):
    """An offer that the next round would make."""

    delivery_ids: tuple[str, ...]
    policy: Policy
    asked: tuple[Candidate, ...]
    runners_up: tuple[Candidate, ...]
    dedicated: bool


class OptionView(Value):
    """A driver who could take a delivery, and what that adds to the cost of the plan, in seconds, part by part."""

    driver_id: str
    cost_s: float
    parts: dict[str, float]


class PlannedDelivery(Value):
    """Where a waiting delivery stands in the plan.

    Parameters
    ----------
    driver_id : str or None
        In whose trips it is planned.
    waits : str or None
        Why it is not offered now.
    options : tuple of OptionView
        The cheapest drivers for it, if all else stays as planned.
    difference_s : float or None
        How much dearer the cheapest other driver is.
    cannot : dict
        How many drivers on duty can't be asked, by reason.
    """

    delivery_id: str
    driver_id: str | None
    waits: str | None
    options: tuple[OptionView, ...]
    difference_s: float | None
    cannot: dict[str, int]


class IdleDriver(Value):
    """A driver for whom the plan has nothing: why, and the delivery that came closest."""

    driver_id: str
    reason: str
    delivery_id: str | None
    difference_s: float | None


class ZonePlan(Value):
    """What a zone's next round would do, and why."""

    zone_id: str
    offers: tuple[PlannedOfferView, ...]
    deliveries: tuple[PlannedDelivery, ...]
    idle: tuple[IdleDriver, ...]
    search_steps: int
    search_complete: bool

    @classmethod
    def of(cls, zone_id: str, plan: RoundPlan, cannot: Mapping[str, Mapping[str, int]]) -> Self:
        """Return the view of a plan; ``cannot`` counts by delivery and reason the drivers who can't be asked."""
        names = ("policy", "runners_up", "dedicated")
        offers = tuple(
            PlannedOfferView(
                delivery_ids=tuple(delivery.id for delivery in offer.deliveries),
                asked=offer.candidates,
                **{name: getattr(offer, name) for name in names},
            )
            for offer in plan.offers
        )
        explained = {why.order_id: why for why in plan.explained}
        lines = []
        for delivery_id, reasons in cannot.items():
            why = explained.get(delivery_id)
            options = why.options[:OPTIONS_SHOWN] if why else ()
            lines.append(
                PlannedDelivery(
                    delivery_id=delivery_id,
                    driver_id=why.driver_id if why else None,
                    waits=plan.waiting.get(delivery_id),
                    options=tuple(
                        OptionView(
                            driver_id=option.driver_id,
                            cost_s=round(option.cost, 1),
                            parts={name: round(value, 1) for name, value in option.parts.items()},
                        )
                        for option in options
                    ),
                    difference_s=None if why is None or why.difference is None else round(why.difference, 1),
                    cannot=dict(reasons),
                )
            )
        idle = tuple(
            IdleDriver(
                driver_id=why.driver_id,
                reason=why.reason,
                delivery_id=why.order_id,
                difference_s=None if why.difference is None else round(why.difference, 1),
            )
            for why in plan.idle
        )
        return cls(
            zone_id=zone_id,
            offers=offers,
            deliveries=tuple(lines),
            idle=idle,
            search_steps=plan.searched,
            search_complete=plan.complete,
        )
