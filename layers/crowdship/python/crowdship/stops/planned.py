"""The plan that a step of a driver is compared with. Pure."""

from crowdship.deliveries.model import Delivery
from crowdship.routes.route import Route
from crowdship.shipment.stop_kind import StopKind


def as_planned(delivery: Delivery, route: Route) -> Delivery:
    """Return a delivery with the arrival of its driver's newest plan, which later orders may have moved.

    Who got other work beside it since is no longer on the way for it alone, so a delay need not be theirs.
    """
    planned, given = delivery.planned, delivery.given
    others = {stop.delivery_id for stop in route.stops}
    others |= {one.delivery_id for one in route.ended if given and one.at >= given.at}
    if planned and planned.alone and others - {delivery.id}:
        planned = planned.model_copy(update={"alone": False})
    eta = route.eta_of(delivery.id, StopKind.DROPOFF) or delivery.eta
    return delivery.with_changes(eta=eta, planned=planned)
