"""Cancellation of a delivery, with what follows for its offer or for its driver's route."""

from datetime import datetime

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import WITH_DRIVER, State
from crowdship.dispatch.offers import service as offering
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.pricing.terms import CancelReason
from crowdship.routes import service as routing
from crowdship.routes.route import ChangeReason, Route
from crowdship.routes.stops import stops_of
from crowdship.routes.timetable import timed
from crowdship.tracking import service as tracking
from crowdship.travel.current import learned_in, travel_at
from crowdship.zones import service as zones


def cancel(
    delivery_id: str, actor: str, reason: CancelReason, clock: Clock, *, only_before_pickup: bool = False
) -> Delivery:
    """Call a delivery off; the offer is withdrawn or the driver's route changed in the same write.

    Goods on board are brought back. What was called off before is answered as it stands.

    Parameters
    ----------
    only_before_pickup : bool
        Whether goods that are on board go on to the customer all the same.

    Raises
    ------
    Conflict
        If it has ended otherwise, or is on its way back for another reason; ``goods_on_board``, if they go on.
    """

    def attempt() -> Delivery:
        now = clock.now()
        delivery = deliveries.get(delivery_id)
        if delivery.cancellation:
            return delivery
        if only_before_pickup and delivery.has_left_shop:
            detail = f"{delivery_id} is {delivery.state}: a driver has the goods, and brings them to the customer."
            raise Conflict("goods_on_board", detail)
        cancelled = delivery.cancel(actor, reason, now, tracking.live_eta(delivery, clock))
        work = UnitOfWork()
        deliveries.keep(cancelled, work)
        if not delivery.livemode:
            pass  # nobody was asked, and it is on nobody's route
        elif delivery.state is State.OFFERED:
            offering.withdraw(delivery, now, ChangeReason.DELIVERY_CANCELLED, work)
        elif cancelled.state is State.RETURNING:
            route = routing.of(delivery.driver, delivery.zone_id)
            routing.keep(back_to_shop(route, cancelled, now, ChangeReason.DELIVERY_CANCELLED, actor), work)
        elif delivery.state in WITH_DRIVER and delivery.driver_id:
            whose, zone_id = delivery.driver_id, delivery.zone_id
            routing.drop_delivery(whose, zone_id, delivery_id, now, ChangeReason.DELIVERY_CANCELLED, work, actor)
        work.commit()
        return cancelled

    return persistently(attempt)


def back_to_shop(route: Route, delivery: Delivery, now: datetime, reason: ChangeReason, by: str) -> Route:
    """Return a route on which the goods of a delivery are brought back; that becomes a stop of its own."""
    zone = zones.get(delivery.zone_id)
    stops = [stop for stop in route.stops if stop.delivery_id != delivery.id]
    stops += stops_of(delivery, zone.settings.travel, learned_in(zone).stay_s)
    start = tracking.start_of(delivery.driver, delivery.dropoff, now)
    return route.replan(timed(stops, start, travel_at(zone, now)), now, reason, by)
