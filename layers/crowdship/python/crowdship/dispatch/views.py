"""Offers, routes and boards as drivers and staff are told of them."""

from collections.abc import Iterable, Mapping
from typing import Self

from crowdship.deliveries.model import Delivery, Parcel, Priority, Requirements, State, Undeliverable, Window
from crowdship.dispatch.model import Answer, Candidate, DeclineReason, Offer, OfferState
from crowdship.dispatch.planning import RoundPlan
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.kernel.money import Money
from crowdship.pricing.model import PricePart
from crowdship.routing.arrivals import Arrival
from crowdship.routing.model import Route
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


class AssignInput(Value):
    """Who is to get a delivery."""

    driver_id: str


class Explanation(Value):
    """Who was asked for a delivery last, who was not, and how they scored (seconds; less is better)."""

    offer_id: str
    state: OfferState
    asked: tuple[Candidate, ...]
    runners_up: tuple[Candidate, ...]
    declines: tuple[Answer, ...]


class StaffDelivery(Value):
    """Everything about a delivery but the people, and how its last offer came about."""

    delivery: Delivery
    version: int
    last_offer: Explanation | None

    @classmethod
    def of(cls, delivery: Delivery, offer: Offer | None) -> Self:
        """Return the view of a delivery and its last offer."""
        explanation = offer and Explanation(
            offer_id=offer.id,
            state=offer.state,
            asked=offer.candidates,
            runners_up=offer.runners_up,
            declines=offer.declines,
        )
        return cls(delivery=delivery, version=delivery.stored_version, last_offer=explanation)


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
    """What waits in a zone, what is under way, who is on duty, and who has not confirmed a change, longest first."""

    zone_id: str
    open: tuple[BoardLine, ...]
    under_way: tuple[UnderWayLine, ...]
    on_duty: tuple[str, ...]
    unconfirmed: tuple[UnconfirmedLine, ...]

    @classmethod
    def of(
        cls,
        zone_id: str,
        waiting: Iterable[Delivery],
        under_way: Iterable[UnderWayLine],
        on_duty: Iterable[str],
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
