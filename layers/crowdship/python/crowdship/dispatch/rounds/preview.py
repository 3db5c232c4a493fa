"""Preview of a zone's next round, planned by the tick's rules from what is stored now; nothing is written.

The tick may start from its last plan and search longer, so it may find something better.
"""

import time
from collections.abc import Iterable
from datetime import datetime

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import State
from crowdship.dispatch.eligibility import why_not
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.offers.model import Offer, OfferState
from crowdship.dispatch.rounds.rules import held_back, plan_round
from crowdship.dispatch.rounds.views import ZonePlan
from crowdship.dispatch.supply import available_in
from crowdship.kernel.clock import Clock
from crowdship.kernel.geo import distance_m
from crowdship.travel.current import travel_at
from crowdship.zones import service as zones

SEARCH_S = 3.0
"""Wall seconds after which the search ends with the best plan so far."""


def of_zone(zone_id: str, clock: Clock) -> ZonePlan:
    """Return the offers that a round would make now, why other deliveries wait, and why other drivers get nothing."""
    zone, now = zones.latest(zone_id), clock.now()
    waiting = deliveries.open_in_zone(zone_id, now)
    offers = offering.get_offers(delivery.offer_id for delivery in waiting if delivery.offer_id)
    unoffered = [delivery for delivery in waiting if delivery.state is State.CREATED]
    available = available_in(zone, standing_of(offers.values(), now))
    ends = time.monotonic() + SEARCH_S
    travel = travel_at(zone, now)
    pause = zone.pause_at(now)
    if pause and pause.offers:
        plan = held_back(unoffered)
    else:
        plan = plan_round(
            unoffered, available, zone.settings, travel, now, may_go_on=lambda: time.monotonic() < ends, explained=True
        )
    cannot = {
        delivery.id: [
            (entry.driver.id, reason)
            for entry in sorted(
                available, key=lambda entry: (distance_m(entry.at, delivery.collect_at), entry.driver.id)
            )
            if (reason := why_not(entry, [delivery], zone.settings, now))
        ]
        for delivery in unoffered
    }
    return ZonePlan.of(zone_id, plan, cannot)


def standing_of(offers: Iterable[Offer], now: datetime) -> list[Offer]:
    """Return the offers that can still be answered."""
    return [offer for offer in offers if offer.state is OfferState.OPEN and offer.expires_at > now]
