"""A planning round on the stored state: load, plan, write the decisions."""

import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import DISPATCH, OPEN, State
from crowdship.dispatch import assignment
from crowdship.dispatch.decisions import service as decisions
from crowdship.dispatch.decisions.rules import CarriedOut, record_of
from crowdship.dispatch.eligibility import Available
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.offers.model import Offer, OfferState
from crowdship.dispatch.offers.window import answer_seconds
from crowdship.dispatch.rounds.preview import standing_of
from crowdship.dispatch.rounds.rules import PlannedOffer, RoundPlan, held_back, plan_round
from crowdship.dispatch.rounds.silence import watch
from crowdship.dispatch.rounds.ticks import next_look
from crowdship.dispatch.scoring import offered_pay
from crowdship.dispatch.supply import available_in
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Refusal, StaleWrite
from crowdship.kernel.ids import derived_id
from crowdship.planner.matching.model import Plan
from crowdship.tariffs import surging
from crowdship.travel.current import travel_at
from crowdship.zones import service as zones
from crowdship.zones.model import Zone

SEARCH_S = 10.0
"""Wall seconds after which the search ends and a round carries out the best plan so far."""

_ahead: dict[str, Plan] = {}
"""Trips that a zone's last round in this process planned ahead, by zone. The next search starts from them, if any."""


@dataclass(frozen=True)
class Made:
    """Deliveries that a round offered together, or gave to a merchant's own driver; then there is no offer."""

    offer_id: str | None
    delivery_ids: tuple[str, ...]
    driver_ids: tuple[str, ...]


@dataclass(frozen=True)
class Played:
    """The result of a round.

    Parameters
    ----------
    made : tuple of Made
        Deliveries that it offered or gave.
    waiting : mapping of str to str
        Reasons why other deliveries wait, by delivery.
    planned : frozenset of str
        The deliveries that it planned.
    following : datetime or None
        Moment at which the zone has to be looked at again; None if nothing is open or under way.
    """

    made: tuple[Made, ...]
    waiting: Mapping[str, str]
    planned: frozenset[str]
    following: datetime | None


def play(zone_id: str, clock: Clock) -> datetime | None:
    """Plan a zone once and return when it has to be looked at again, or None if nothing is open or under way."""
    return round_of(zone_id, clock).following


def round_of(zone_id: str, clock: Clock, only: Collection[str] | None = None) -> Played:
    """Plan a zone once and carry the plan out.

    Parameters
    ----------
    only : collection of str, optional
        Deliveries; of the plan only offers with one of them are made.
    """
    zone, now = zones.latest(zone_id), clock.now()
    waiting = deliveries.open_in_zone(zone_id, now)
    offers = offering.get_offers(delivery.offer_id for delivery in waiting if delivery.offer_id)
    waiting = _end_what_ran_out(waiting, offers, now)
    standing = standing_of(offers.values(), now)
    unoffered = [delivery for delivery in waiting if delivery.state is State.CREATED]
    available = available_in(zone, standing) if unoffered else []
    plan = _planned(zone, unoffered, available, now)
    if plan.offers and _pauses_offers(zones.latest(zone_id), clock.now()):
        plan = held_back(unoffered)  # somebody paused the zone while it was planned
    settled = {delivery_id for offer in standing for delivery_id in offer.delivery_ids}
    expiries = [offer.expires_at for offer in standing]
    made: list[Made] = []
    carried_out: list[CarriedOut] = []
    for planned in plan.offers:
        if only is not None and not any(delivery.id in only for delivery in planned.deliveries):
            continue
        if planned.dedicated:
            given = _give(planned, clock)
            settled |= given
            if given:
                carried_out.append((planned, None, frozenset(given)))
            made += [Made(None, (one,), (planned.candidates[0].driver_id,)) for one in sorted(given)]
        elif offer := _tolerantly("make_offer", planned.names, partial(_make_offer, planned, zone, clock)):
            settled |= set(offer.delivery_ids)
            carried_out.append((planned, offer.id, frozenset(offer.delivery_ids)))
            made.append(Made(offer.id, offer.delivery_ids, offer.asked))
            expiries.append(offer.expires_at)
    _tolerantly("measure_surge", zone_id, partial(_measure, zone, plan, waiting, available, now))
    if unoffered:
        planned_ones = {delivery.id: delivery for delivery in unoffered}
        record = partial(record_of, zone_id, plan, carried_out, planned_ones, available, zone.settings, now)
        _tolerantly("keep_decisions", zone_id, lambda: decisions.keep(record()))
    logger.info("planned", zone_id=zone_id, offers=len(plan.offers), waiting=plan.waiting, drivers=len(available))
    metrics.add_metric("OpenDeliveries", MetricUnit.Count, len(waiting))
    metrics.add_metric("DriversOnDuty", MetricUnit.Count, len(available))
    # A delivery without a standing offer is looked at again soon, whatever the reason, so that none is forgotten.
    unsettled = [delivery for delivery in waiting if delivery.id not in settled]
    soon = now + timedelta(seconds=zone.settings.dispatch.rounds.retry_seconds)
    retry = soon if unsettled else None
    searches = (delivery.search_until for delivery in unsettled)
    silent = _tolerantly("watch_drivers", zone_id, partial(watch, zone_id, now), otherwise=soon)
    following = next_look([*expiries, *searches, retry, silent, deliveries.next_plannable(zone_id, now)], now)
    return Played(tuple(made), plan.waiting, frozenset(delivery.id for delivery in unoffered), following)


def _measure(zone: Zone, plan: RoundPlan, waiting: list[Delivery], available: list[Available], now: datetime) -> None:
    """Measure the lack of drivers in a zone, if its price table asks for it; ``available`` is who was looked at."""
    if not available and waiting and all(delivery.state is not State.CREATED for delivery in waiting):
        return  # nobody was looked at, as every order has an offer
    if _pauses_offers(zone, now):
        return  # orders wait because staff said so, and not for a lack of drivers
    soon = now + timedelta(seconds=zone.settings.dispatch.rounds.ask_ahead_seconds)
    drivers = sum(_is_free(entry, soon) for entry in available)
    ways = [offer.candidates[0].parts["pickup_wait"] for offer in plan.offers if offer.candidates]
    surging.measure(zone, len(waiting), drivers, sum(ways) / len(ways) if ways else None, now)


def _is_free(entry: Available, soon: datetime) -> bool:
    last = entry.route.stops[-1].eta if entry.route.stops else None
    return not entry.route.stops or (last is not None and last <= soon)


def _planned(zone: Zone, unoffered: list[Delivery], available: list[Available], now: datetime) -> RoundPlan:
    """Return the plan of a round, from which the next search in this process starts."""
    if _pauses_offers(zone, now):
        return held_back(unoffered)
    ends = time.monotonic() + SEARCH_S
    plan = plan_round(
        unoffered,
        available,
        zone.settings,
        travel_at(zone, now),
        now,
        before=_ahead.get(zone.id),
        may_go_on=lambda: time.monotonic() < ends,
        processes=len(os.sched_getaffinity(0)),
    )
    _ahead[zone.id] = plan.ahead
    return plan


def _pauses_offers(zone: Zone, now: datetime) -> bool:
    pause = zone.pause_at(now)
    return pause is not None and pause.offers


def _end_what_ran_out(waiting: list[Delivery], offers: dict[str, Offer], now: datetime) -> list[Delivery]:
    """Expire offers and deliveries whose time is over; return the deliveries that are then still open."""
    for offer in offers.values():
        if offer.state is OfferState.OPEN and offer.expires_at <= now:
            _tolerantly("expire_offer", offer.id, partial(offering.expire_offer, offer, now))
    found = deliveries.get_many(delivery.id for delivery in waiting).values()
    ended = {delivery.id for delivery in found if delivery.state is State.CREATED and _expire(delivery, now)}
    still = (delivery for delivery in found if delivery.id not in ended and delivery.state in OPEN)
    return sorted(still, key=lambda delivery: (delivery.created_at, delivery.id))


def _expire(delivery: Delivery, now: datetime) -> bool:
    """Expire a delivery that no driver took in time; False if its time is not over, or it changed meanwhile."""
    if delivery.search_until > now:
        return False

    def end() -> bool:
        work = UnitOfWork()
        deliveries.keep(delivery.expire(now), work)
        work.commit()
        return True

    return bool(_tolerantly("expire_delivery", delivery.id, end))


def _give(planned: PlannedOffer, clock: Clock) -> set[str]:
    """Give deliveries to the merchant's own driver; return those that were given."""
    driver_id = planned.candidates[0].driver_id
    give = partial(assignment.assign_by_hand, driver_id=driver_id, actor=DISPATCH, clock=clock, only_open=True)
    return {d.id for d in planned.deliveries if _tolerantly("assign_dedicated", d.id, partial(give, d.id))}


def _make_offer(planned: PlannedOffer, zone: Zone, clock: Clock) -> Offer:
    """Write a planned offer and the deliveries in it."""
    now = clock.now()
    offer = Offer.make(
        # Two runs that plan an offer of the same deliveries, at the same versions, make one offer.
        id=derived_id("ofr", *(f"{d.id}@{d.stored_version}" for d in planned.deliveries)),
        zone_id=zone.id,
        policy=planned.policy,
        delivery_ids=tuple(delivery.id for delivery in planned.deliveries),
        candidates=planned.candidates,
        runners_up=planned.runners_up,
        pay=offered_pay(planned.deliveries),
        made_at=now,
        expires_at=now + timedelta(seconds=answer_seconds(planned.deliveries, zone.settings, now)),
        first_created_at=min(delivery.created_at for delivery in planned.deliveries),
    )
    work = UnitOfWork()
    offering.keep_offer(offer, work)
    for delivery in planned.deliveries:
        deliveries.keep(delivery.offer(offer.id, now), work)
    # Listed before it is written: a listed offer that does not exist is skipped; one not listed reaches no driver.
    offering.list_offer(offer)
    work.commit()
    return offer


def _tolerantly[T](what: str, subject: str, change: Callable[[], T | None], otherwise: T | None = None) -> T | None:
    """Make one change of a round; a change that fails is left to the next round and does not stop the others."""
    try:
        return change()
    except (StaleWrite, Refusal) as error:
        logger.info("left_to_next_round", what=what, subject=subject, why=str(error))
    except Exception:
        # One faulty delivery must not stop a whole zone; the metric's alarm alerts a person.
        logger.exception("left_to_next_round", what=what, subject=subject)
        metrics.add_metric("RoundFaults", MetricUnit.Count, 1)
    return otherwise
