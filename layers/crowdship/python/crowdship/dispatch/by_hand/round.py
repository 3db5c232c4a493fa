"""A round by hand: what the zone's plan proposes is done now, by the code of a tick and under the zone's lease."""

import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import State
from crowdship.dispatch.by_hand.views import Dispatched, OfferedNow, WaitingDelivery
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.offers.model import Offer, OfferState
from crowdship.dispatch.rounds import service as rounds
from crowdship.dispatch.rounds import ticks
from crowdship.dispatch.rounds.service import Played
from crowdship.dispatch.rounds.ticks import TickQueue
from crowdship.dispatch.rounds.waits import OF_THE_PLAN, Wait
from crowdship.dispatch.store import TickRow
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.kernel.ids import new_id
from crowdship.zones import service as zones

WAITS_S = 6.0
"""Wall seconds for which a round by hand waits for a tick that is under way."""

LOOK_S = 0.3


def dispatch(
    zone_id: str,
    delivery_ids: Sequence[str] | None,
    queue: TickQueue,
    clock: Clock,
    wait: Callable[[float], None] = time.sleep,
) -> Dispatched:
    """Make the offers that a round of a zone makes now: all, or those with one of some deliveries.

    Deliveries that were named and are offered already count as offered, so the same request can be sent again.

    Raises
    ------
    NotFound
        If there is no such zone.
    Conflict
        ``round_under_way``, if a tick that runs does not end soon.
    """
    zones.get(zone_id)
    wanted = None if delivery_ids is None else frozenset(delivery_ids)
    played = _leased(zone_id, wanted, queue, clock, wait)
    offered = [
        OfferedNow(offer_id=made.offer_id, delivery_ids=made.delivery_ids, driver_ids=made.driver_ids)
        for made in played.made
    ]
    done = {delivery_id for made in offered for delivery_id in made.delivery_ids}
    left = [one for one in dict.fromkeys(delivery_ids or played.waiting) if one not in done]
    found = deliveries.get_many(left)
    standing = offering.get_offers(d.offer_id for d in found.values() if d.offer_id) if wanted else {}
    offered += [
        OfferedNow(offer_id=offer.id, delivery_ids=offer.delivery_ids, driver_ids=offer.asked)
        for offer in standing.values()
        if _stands(offer, clock)
    ]
    done |= {delivery_id for made in offered for delivery_id in made.delivery_ids}
    waits = (
        WaitingDelivery(delivery_id=one, code=_why(found.get(one), zone_id, played)) for one in left if one not in done
    )
    return Dispatched(offered=tuple(offered), waits=tuple(waits))


def _stands(offer: Offer, clock: Clock) -> bool:
    return offer.state is OfferState.OPEN and offer.expires_at > clock.now()


def _why(delivery: Delivery | None, zone_id: str, played: Played) -> Wait:
    """Return why a delivery is not offered after a round."""
    if delivery is None or delivery.zone_id != zone_id:
        return Wait.NOT_OPEN
    if delivery.state is State.OFFERED:
        return Wait.OFFER_STANDS
    if delivery.id in played.waiting:
        return OF_THE_PLAN.get(played.waiting[delivery.id], Wait.NEXT_ROUND)
    return Wait.CHANGED_MEANWHILE if delivery.id in played.planned else Wait.NOT_OPEN


def _leased(
    zone_id: str,
    wanted: Collection[str] | None,
    queue: TickQueue,
    clock: Clock,
    wait: Callable[[float], None],
) -> Played:
    """Play a round under the zone's lease, as ticks do; what it leaves for later the next tick does."""
    owner, played, waited = new_id("hnd"), list[Played](), 0.0

    def play(zone: str) -> datetime | None:
        played.append(rounds.round_of(zone, clock, only=wanted))
        return played[-1].following

    while True:
        now = round(clock.now().timestamp(), 3)
        # A round that dies here is made up for by the tick that was due before, or by the sweep.
        TickRow.ask(zone_id, now, owner)
        if ticks.run(zone_id, now, owner, play, queue, asker=""):
            return played[-1]
        if waited >= WAITS_S:
            detail = "A round of this zone is under way and takes long; it makes offers itself. Try again in seconds."
            raise Conflict("round_under_way", detail)
        wait(LOOK_S)
        waited += LOOK_S
