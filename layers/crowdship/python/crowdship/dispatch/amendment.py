"""Changes of a delivery before its pickup, with what follows for its driver's route."""

from datetime import datetime

from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries.model import Delivery
from crowdship.dispatch.eligibility import SENTENCES, Ineligible, opens_to, unfit_by_hand
from crowdship.drivers import service as drivers
from crowdship.drivers.model import Driver
from crowdship.kernel.errors import Conflict
from crowdship.routes import service as routing
from crowdship.routes.route import ChangeReason
from crowdship.routes.stops import amended, stops_of
from crowdship.routes.timetable import fits, timed
from crowdship.shipment.stop_kind import StopKind
from crowdship.tracking import service as tracking
from crowdship.travel.current import learned_in, travel_at
from crowdship.zones import service as zones
from crowdship.zones.model import ZoneSettings
from crowdship.zones.tiers import most_valuable


def amend(
    before: Delivery, after: Delivery, now: datetime, reason: ChangeReason, work: UnitOfWork, by: str
) -> Delivery:
    """Add what follows for its driver when a delivery changed before the pickup; return it with its new arrival time.

    The stops on the route become what the delivery now says, in the order they were in; a better order is looked for
    afterwards, as after any change.

    Raises
    ------
    Conflict
        If the driver or their vehicle can't take it as it now is.
    """
    if not before.livemode:
        return after  # a test is on nobody's route
    driver, zone = drivers.get(before.driver), zones.get(before.zone_id)
    drivers.must_stay(driver, work)
    if why := unfit_by_hand(driver, after, now) or _too_valuable(before, after, driver, zone.settings):
        detail = f"Its driver can't take it as it would be: {SENTENCES[why]}; cancel it instead."
        raise Conflict("driver_cannot_take_it", detail)
    route = routing.of(driver.id, before.zone_id)
    new = {stop.stop_id: stop for stop in stops_of(after, zone.settings.travel, learned_in(zone).stay_s)}
    stops = amended(route.stops, new)
    if not fits(stops, routing.capacity_of(driver)):
        detail = "With what else is on its driver's route this would not fit into the vehicle; cancel it instead."
        raise Conflict("does_not_fit", detail, "/parcel")
    start = tracking.start_of(driver.id, after.pickup, now)
    changed = route.amend(timed(stops, start, travel_at(zone, now)), now, reason, by).announcing({after.id})
    routing.keep(changed, work)
    return after.with_changes(eta=changed.eta_of(after.id, StopKind.DROPOFF) or after.eta)


def _too_valuable(before: Delivery, after: Delivery, driver: Driver, settings: ZoneSettings) -> Ineligible | None:
    """Return that goods are now said to be worth more than the driver's tier opens, or None if they are not."""
    worth = most_valuable([after.parcel.goods_value])
    if worth <= most_valuable([before.parcel.goods_value]) or opens_to(driver, settings, worth):
        return None
    return Ineligible.TIER_TOO_LOW
