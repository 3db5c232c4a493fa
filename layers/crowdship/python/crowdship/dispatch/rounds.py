"""A planning round played on the stored state: load, plan, write what was decided. Imports a solver."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery, State
from crowdship.dispatch import service as dispatch
from crowdship.dispatch.model import Offer, OfferState
from crowdship.dispatch.planning import Available, PlannedOffer, offered_pay, plan_round
from crowdship.dispatch.ticks import next_look
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Refusal, StaleWrite
from crowdship.kernel.ids import derived_id
from crowdship.kernel.observability import MetricUnit, logger, metrics
from crowdship.kernel.storage import UnitOfWork
from crowdship.routing import service as routing
from crowdship.routing.travel import GreatCircle
from crowdship.tracking import service as tracking
from crowdship.zones import service as zones
from crowdship.zones.model import Zone


def play(zone_id: str, clock: Clock) -> datetime | None:
    """Plan a zone once and return when it has to be looked at again, or None."""
    zone, now = zones.get(zone_id), clock.now()
    waiting = deliveries.open_in_zone(zone_id)
    offers = dispatch.get_offers(delivery.offer_id for delivery in waiting if delivery.offer_id)
    waiting = _end_what_ran_out(waiting, offers, now)
    standing = [offer for offer in offers.values() if offer.state is OfferState.OPEN and offer.expires_at > now]
    unoffered = [delivery for delivery in waiting if delivery.state is State.CREATED]
    available = _available(zone, standing, now) if unoffered else []
    plan = plan_round(unoffered, available, zone.settings, GreatCircle(zone.settings.travel), now)
    made = [offer for planned in plan.offers if (offer := _carry_out(planned, zone, clock))]
    logger.info("planned", zone_id=zone_id, offers=len(plan.offers), waiting=plan.waiting, drivers=len(available))
    metrics.add_metric("OpenDeliveries", MetricUnit.Count, len(waiting))
    metrics.add_metric("DriversOnDuty", MetricUnit.Count, len(available))
    offered = {delivery_id for offer in made for delivery_id in offer.delivery_ids}
    given = {d.id for planned in plan.offers if planned.dedicated for d in planned.deliveries}
    still = [
        delivery.with_changes(state=State.OFFERED) if delivery.id in offered else delivery
        for delivery in waiting
        if delivery.id not in given
    ]
    expiries = [offer.expires_at for offer in (*standing, *made)]
    return next_look(still, expiries, zone.settings.dispatch.retry_seconds, now)


def _end_what_ran_out(waiting: list[Delivery], offers: dict[str, Offer], now: datetime) -> list[Delivery]:
    """Expire offers and deliveries whose time is over; return the deliveries as they then stand."""
    for offer in offers.values():
        if offer.state is OfferState.OPEN and offer.expires_at <= now:
            _tolerantly("expire_offer", offer.id, partial(dispatch.expire_offer, offer, now))
    stands = []
    for delivery in deliveries.get_many(delivery.id for delivery in waiting).values():
        if delivery.state is State.CREATED and delivery.search_until <= now:
            expired = delivery.expire(now)
            work = UnitOfWork()
            deliveries.keep(expired, work)
            _tolerantly("expire_delivery", delivery.id, work.commit)
        elif delivery.state in (State.CREATED, State.OFFERED):
            stands.append(delivery)
    return sorted(stands, key=lambda delivery: (delivery.created_at, delivery.id))


def _available(zone: Zone, standing: list[Offer], now: datetime) -> list[Available]:
    on_duty = drivers.on_duty(zone.id)
    positions = tracking.newest(driver.id for driver in on_duty)
    routes = routing.of_many(on_duty)
    asked = {driver_id for offer in standing for driver_id in offer.asked}
    return [
        Available(
            driver=driver,
            at=positions[driver.id].fix.point,
            route=routes[driver.id],
            capacity=routing.capacity_of(driver),
            asked_elsewhere=driver.id in asked,
        )
        for driver in on_duty
        if driver.id in positions and driver.may_drive(now)
    ]


def _carry_out(planned: PlannedOffer, zone: Zone, clock: Clock) -> Offer | None:
    """Write one planned offer, or give the deliveries to a dedicated driver; None if no offer was made."""
    now = clock.now()
    if planned.dedicated:
        driver_id = planned.candidates[0].driver_id
        for delivery in planned.deliveries:
            give = partial(dispatch.assign_by_hand, delivery.id, driver_id, "dispatch", clock)
            _tolerantly("assign_dedicated", delivery.id, give)
        return None
    offer = Offer.make(
        # The same deliveries at the same versions are the same offer, whoever plans them.
        id=derived_id("ofr", *(f"{d.id}@{d.stored_version}" for d in planned.deliveries)),
        zone_id=zone.id,
        policy=zone.settings.dispatch.policy,
        delivery_ids=tuple(delivery.id for delivery in planned.deliveries),
        candidates=planned.candidates,
        runners_up=planned.runners_up,
        pay=offered_pay(planned.deliveries),
        made_at=now,
        expires_at=now + timedelta(seconds=zone.settings.dispatch.offer_seconds),
        first_created_at=min(delivery.created_at for delivery in planned.deliveries),
    )
    work = UnitOfWork()
    dispatch.keep_offer(offer, work)
    for delivery in planned.deliveries:
        deliveries.keep(delivery.offer(offer.id, now), work)
    # Listed first: a listed offer that was never made is skipped, one that was made and not listed reaches nobody.
    dispatch.list_offer(offer)
    return offer if _tolerantly("make_offer", offer.id, work.commit) else None


def _tolerantly(what: str, subject: str, change: Callable[[], object]) -> bool:
    """Make one change of a round; one that no longer fits is left to the next round and holds up no other."""
    try:
        change()
    except (StaleWrite, Refusal) as error:
        logger.info("left_to_next_round", what=what, subject=subject, why=str(error))
        return False
    return True
