"""Raises of an offer's pay: for want of takers by the zone's rules, and up to the least that law sets. Pure.

The raise is a part of the pay of the deliveries themselves, with the code ``raise``. It is written together with the
offer, and stays: the next offer of the same delivery pays at least as much, and what was offered, what the app shows
and what is booked are one figure. The merchant's charge does not change; the platform pays the raise.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from crowdship.deliveries.handing_over import paid_of
from crowdship.deliveries.model import Delivery
from crowdship.dispatch.eligibility import Available
from crowdship.dispatch.offers.model import Candidate
from crowdship.dispatch.offers.window import answer_seconds
from crowdship.dispatch.scoring import ACCEPTANCE, score
from crowdship.pay_floors.offer import least_offer_pay
from crowdship.pricing.offer_pay import FAR_FROM_SURE, Asked, RaiseRules, cheapest_raise, raised_chance, shared
from crowdship.travel.times import TravelTimes
from crowdship.zones.model import ZoneSettings

METRES_PER_MILE = Decimal("1609.344")


def raised(
    deliveries: tuple[Delivery, ...],
    candidates: Sequence[Candidate],
    entries: Mapping[str, Available],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
) -> tuple[tuple[Delivery, ...], list[Candidate]]:
    """Return the deliveries of an offer with the pay that it offers, and its candidates with their chance at that pay.

    Nothing changes if no raise is due.

    Parameters
    ----------
    candidates : sequence of Candidate
        The crowd drivers who are asked.
    entries : mapping of str to Available
        These drivers, by id.
    """
    asked = [Asked(each.acceptance, _minutes(each, len(deliveries), settings)) for each in candidates]
    more = max(
        _for_takers(deliveries, asked, candidates, entries, settings, travel, now),
        _by_law(deliveries, candidates, asked, entries, travel, now),
    )
    if not more:
        return deliveries, list(candidates)
    shares = shared(more, [delivery.price.pay_total.amount for delivery in deliveries])
    paid = tuple(
        delivery.with_changes(price=delivery.price.raised_to(delivery.price.raised + share))
        for delivery, share in zip(deliveries, shares, strict=True)
    )
    rules = _rules(deliveries, settings)
    likelier = [
        each.model_copy(update={"acceptance": round(raised_chance(one, more, rules, ACCEPTANCE), 3)})
        for each, one in zip(candidates, asked, strict=True)
    ]
    return paid, likelier


def _rules(deliveries: Sequence[Delivery], settings: ZoneSettings) -> RaiseRules:
    offers, before = settings.dispatch.offers, sum(delivery.price.raised for delivery in deliveries)
    priced = sum(delivery.price.pay_total.amount for delivery in deliveries) - before
    most = min(priced * offers.raise_percent // 100, offers.raise_most)
    return RaiseRules(offers.fill_probability, most - before, settings.rates.usual_pay_per_minute)


def _for_takers(
    deliveries: Sequence[Delivery],
    asked: Sequence[Asked],
    candidates: Sequence[Candidate],
    entries: Mapping[str, Available],
    settings: ZoneSettings,
    travel: TravelTimes,
    now: datetime,
) -> int:
    """Return the raise with which the offer is probably taken in the time that is left."""
    rules = _rules(deliveries, settings)
    if rules.most <= 0:
        return 0
    ends = min(min(each.search_until, each.dropoff_window.closes_at - each.way.takes) for each in deliveries)
    tries = int((ends - now).total_seconds() // answer_seconds(deliveries, settings, now))
    refused = max(len(each.declined_by) + sum(each.unanswered_by.values()) for each in deliveries)
    tip = sum(each.price.tip.amount for each in deliveries)
    if tip and any(one.chance >= FAR_FROM_SURE * ACCEPTANCE.seen for one in asked):
        # A large tip makes everyone nearly sure, and its part can't be told from such a chance: it is predicted anew.
        plain = [each.with_changes(price=each.price.with_tip(0)) for each in deliveries]
        again = [score(entries[each.driver_id], plain, settings, travel, now) for each in candidates]
        asked = [Asked(new.acceptance if new else 0.0, one.minutes) for new, one in zip(again, asked, strict=True)]
        tip = 0
    return cheapest_raise(asked, tip, refused, tries, rules, ACCEPTANCE)


def _by_law(
    deliveries: Sequence[Delivery],
    candidates: Sequence[Candidate],
    asked: Sequence[Asked],
    entries: Mapping[str, Available],
    travel: TravelTimes,
    now: datetime,
) -> int:
    """Return what is missing to the least pay that law sets for an offer, for whoever of the asked has the longest way.

    The tip counts for nothing, and the zone's limits of raises don't bound it.
    """
    codes, first = tuple(dict.fromkeys(code for each in deliveries for code in each.pickup_law)), deliveries[0]
    if least_offer_pay(codes, now, 0, 0) is None:
        return 0
    paid = sum(each.price.pay_total.amount for each in deliveries)
    trips_m = sum(travel.metres(each.pickup, each.dropoff) for each in deliveries)
    missing = 0
    for candidate, one in zip(candidates, asked, strict=True):
        metres = trips_m + travel.metres(entries[candidate.driver_id].at, first.pickup)
        miles = Decimal(round(metres)) / METRES_PER_MILE
        floor = least_offer_pay(codes, now, Decimal(str(round(one.minutes, 3))), miles)
        if floor and floor.amount.currency == first.price.tip.currency:
            missing = max(missing, floor.amount.amount - paid + paid_of(deliveries, candidate.driver_id))
    return missing


def _minutes(candidate: Candidate, count: int, settings: ZoneSettings) -> float:
    """Return the minutes that a candidate's route grows by, the stops included, as the prediction has them."""
    stops_s = count * (settings.travel.pickup_dwell_s + settings.travel.dropoff_dwell_s)
    return max(1.0, (candidate.parts["route_growth"] + stops_s) / 60)
