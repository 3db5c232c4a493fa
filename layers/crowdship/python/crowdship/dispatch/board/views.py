"""Views of deliveries and of a zone's board, for staff."""

from collections.abc import Iterable
from typing import Any, Self

from pydantic import Field

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.rating import Rating
from crowdship.deliveries.states import State
from crowdship.dispatch.offers.model import Answer, Candidate, Offer, OfferState
from crowdship.dispatch.transfer.views import ReroutedView
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.routes.route import ChangeReason, Route
from crowdship.shipment.options import Priority
from crowdship.tracking.model import Alert, AlertKind
from crowdship.tracking.views import StopTimes
from crowdship.travel.expectation import Arrival
from crowdship.zones.dispatch_rules import Policy


class Explanation(Value):
    """The last offer of a delivery: drivers asked, drivers not asked, and their scores (seconds; less is better)."""

    offer_id: str
    state: OfferState
    asked: tuple[Candidate, ...]
    runners_up: tuple[Candidate, ...]
    declines: tuple[Answer, ...]

    @classmethod
    def of(cls, offer: Offer, **more: Any) -> Self:
        """Return the explanation of an offer."""
        return cls(
            offer_id=offer.id,
            state=offer.state,
            asked=offer.candidates,
            runners_up=offer.runners_up,
            declines=offer.declines,
            **more,
        )


class PastOffer(Explanation):
    """An offer that a delivery was in: when it was made, by which policy, and how long it stood."""

    made_at: Moment
    expires_at: Moment
    policy: Policy
    delivery_ids: tuple[str, ...]
    driver_id: str | None = Field(description="The driver who accepted it")


class OffersOfDelivery(Value):
    """All offers that a delivery was ever in, the newest first."""

    offers: tuple[PastOffer, ...]

    @classmethod
    def of(cls, offers: Iterable[Offer]) -> Self:
        """Return the view of some offers."""
        names = [name for name in PastOffer.model_fields if name not in Explanation.model_fields]
        return cls(offers=tuple(PastOffer.of(o, **{name: getattr(o, name) for name in names}) for o in offers))


class StaffDelivery(Value):
    """A delivery without personal data, with its last offer and its driver's times at the stops.

    Parameters
    ----------
    stars : int or None
        The customer's rating, 1 to 5; null if there is none.
    """

    delivery: Delivery
    version: int
    last_offer: Explanation | None
    stops: tuple[StopTimes, ...]
    stars: int | None
    routes: tuple[ReroutedView, ...] = Field(
        default=(), description="Routes before and after the assignment, made or previewed"
    )

    @classmethod
    def of(
        cls,
        delivery: Delivery,
        offer: Offer | None,
        stops: tuple[StopTimes, ...],
        rating: Rating | None,
        routes: Iterable[ReroutedView] = (),
    ) -> Self:
        """Return the view of a delivery, its last offer, times at its stops, rating, and the routes it changes."""
        explanation = offer and Explanation.of(offer)
        return cls(
            delivery=delivery,
            version=delivery.stored_version,
            last_offer=explanation,
            stops=stops,
            stars=rating.stars if rating else None,
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
        Expected arrival at the customer, from the driver's present position, and the interval that holds four of five
        such arrivals.
    late_s : int
        Seconds by which that is later than promised; 0 if it is not.
    position_age_s : int or None
        Seconds since the last position of the driver's phone.
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
        """Return the line of a delivery; ``expected`` is None if the goods go back to the shop."""
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
    """An alert that a dispatcher has to look at.

    Parameters
    ----------
    since : datetime
        Moment since which the alert holds; for a late arrival, since which it is expected.
    seconds, limit_s : int
        Measured time, and the zone's limit for it.
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
    reasons: tuple[ChangeReason, ...]

    @classmethod
    def of(cls, route: Route) -> Self | None:
        """Return the line of a route, or None if its driver has confirmed the plan."""
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
    """A zone's open deliveries, deliveries under way, drivers on duty, alerts and unconfirmed plans.

    The worst alert comes first, and the plan that has been unconfirmed for longest.
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
