"""What a zone's next round would do, and why: planned by the tick's rules from what is stored now, without a write.

The tick may start from its last plan and search longer, so it may find something better.
"""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import State
from crowdship.dispatch import service as dispatch
from crowdship.dispatch.model import Offer, OfferState
from crowdship.dispatch.planning import plan_round
from crowdship.dispatch.scoring import Available, unavailable, unsuitable
from crowdship.dispatch.views import ZonePlan
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.routing import service as routing
from crowdship.routing.maps import travel_times
from crowdship.tracking import service as tracking
from crowdship.zones import service as zones
from crowdship.zones.model import Zone

SEARCH_S = 3.0
"""Wall seconds after which somebody who looks gets the best plan so far."""


def of_zone(zone_id: str, clock: Clock) -> ZonePlan:
    """Return what would be offered to whom now, why the rest waits, and why drivers get nothing."""
    zone, now = zones.get(zone_id), clock.now()
    waiting = deliveries.open_in_zone(zone_id, now)
    offers = dispatch.get_offers(delivery.offer_id for delivery in waiting if delivery.offer_id)
    unoffered = [delivery for delivery in waiting if delivery.state is State.CREATED]
    available = available_in(zone, standing_of(offers.values(), now))
    ends = time.monotonic() + SEARCH_S
    travel = travel_times(zone.settings.travel)
    plan = plan_round(
        unoffered, available, zone.settings, travel, now, may_go_on=lambda: time.monotonic() < ends, explained=True
    )
    cannot = {
        delivery.id: Counter(
            reason
            for entry in available
            if (reason := unavailable(entry, zone.settings, now) or unsuitable(entry, [delivery], zone.settings))
        )
        for delivery in unoffered
    }
    return ZonePlan.of(zone_id, plan, cannot)


def standing_of(offers: Iterable[Offer], now: datetime) -> list[Offer]:
    """Return the offers that can still be answered."""
    return [offer for offer in offers if offer.state is OfferState.OPEN and offer.expires_at > now]


def available_in(zone: Zone, standing: Sequence[Offer]) -> list[Available]:
    """Return the drivers on duty in a zone whose position is known."""
    on_duty = drivers.on_duty(zone.id)
    positions = tracking.newest(driver.id for driver in on_duty)
    routes = routing.of_many(on_duty)
    said_no = {(offer.id, answer.driver_id) for offer in standing for answer in offer.declines}
    asked = {driver_id for offer in standing for driver_id in offer.asked if (offer.id, driver_id) not in said_no}
    return [
        Available(
            driver=driver,
            at=positions[driver.id].fix.point,
            seen_at=positions[driver.id].received_at,
            route=routes[driver.id],
            capacity=routing.capacity_of(driver),
            asked_elsewhere=driver.id in asked,
        )
        for driver in on_duty
        if driver.id in positions
    ]
