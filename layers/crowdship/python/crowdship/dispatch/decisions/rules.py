"""The record of a round, from its plan and from what was carried out of it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from crowdship.deliveries.model import Delivery
from crowdship.dispatch.decisions.model import Decided, Decision, RoundRecord
from crowdship.dispatch.eligibility import Available, Ineligible, unsuitable
from crowdship.dispatch.rounds.rules import PlannedOffer, RoundPlan
from crowdship.dispatch.rounds.waits import OF_THE_PLAN, Wait
from crowdship.dispatch.scoring import offered_pay
from crowdship.kernel.geo import Point, distance_m
from crowdship.zones.model import ZoneSettings

MOST_EXCLUDED = 40
"""The most drivers kept for a delivery who could not take it, the nearest."""

MOST_WAITING = 40
"""The most waiting deliveries of a round whose reason is kept."""

MOST_EXPLAINED = 10
"""The most deliveries that nobody can take for which all drivers are looked at once more, outside the search."""

MOST_UNAVAILABLE = 300
"""The most drivers kept who could be asked for nothing."""


type CarriedOut = tuple[PlannedOffer, str | None, frozenset[str]]
"""A planned offer that was carried out, the offer's id (None if a driver was given it), and its deliveries."""


def record_of(
    zone_id: str,
    plan: RoundPlan,
    made: Iterable[CarriedOut],
    waiting: Mapping[str, Delivery],
    available: Sequence[Available],
    settings: ZoneSettings,
    now: datetime,
) -> RoundRecord:
    """Return the record of a round.

    Parameters
    ----------
    made : iterable of CarriedOut
        What was carried out of the plan.
    waiting : mapping of str to Delivery
        The deliveries that the round planned, by id.
    """
    decisions = [_made(*one) for one in made]
    explained = 0
    for delivery_id, why in list(plan.waiting.items())[:MOST_WAITING]:
        delivery, code = waiting.get(delivery_id), OF_THE_PLAN.get(why)
        if delivery is None or code is None:
            continue
        excluded = {}
        if code is Wait.NOBODY_CAN_TAKE_IT and explained < MOST_EXPLAINED:
            explained += 1
            excluded = _excluded(delivery, available, plan, settings, now)
        decisions.append(
            Decision(
                kind=Decided.WAITS,
                delivery_ids=(delivery_id,),
                excluded=excluded,
                kept=delivery_id in plan.kept,
                waits=code,
                pay=offered_pay([delivery]).total,
                pickup=_about(delivery.pickup),
            )
        )
    unavailable = dict(list(plan.cannot.items())[:MOST_UNAVAILABLE])
    return RoundRecord(
        zone_id=zone_id, at=now, drivers=len(available), unavailable=unavailable, decisions=tuple(decisions)
    )


def same_news(one: RoundRecord, before: RoundRecord | None) -> bool:
    """Return whether a round decided nothing, and everything waits for the reasons that were kept last."""
    if before is None or any(decision.kind is not Decided.WAITS for decision in one.decisions):
        return False
    return _reasons(one) <= _reasons(before)


def _reasons(record: RoundRecord) -> set[tuple[str, Wait | None]]:
    return {(name, one.waits) for one in record.decisions for name in one.delivery_ids}


def _made(planned: PlannedOffer, offer_id: str | None, delivery_ids: frozenset[str]) -> Decision:
    mine = tuple(delivery for delivery in planned.deliveries if delivery.id in delivery_ids)
    return Decision(
        kind=Decided.GIVEN if planned.dedicated else Decided.OFFERED,
        delivery_ids=tuple(delivery.id for delivery in mine),
        offer_id=offer_id,
        asked=tuple(candidate.driver_id for candidate in planned.candidates),
        scored=planned.ranked,
        excluded=dict(planned.excluded[:MOST_EXCLUDED]),
        kept=planned.kept,
        pay=offered_pay(mine).total,
        pickup=_about(mine[0].pickup),
    )


def _excluded(
    delivery: Delivery, available: Sequence[Available], plan: RoundPlan, settings: ZoneSettings, now: datetime
) -> dict[str, Ineligible]:
    able = (entry for entry in available if entry.driver.id not in plan.cannot)
    nearest = sorted(able, key=lambda entry: (distance_m(entry.at, delivery.collect_at), entry.driver.id))
    reasons = ((entry.driver.id, unsuitable(entry, [delivery], settings, now)) for entry in nearest[:MOST_EXCLUDED])
    return {driver_id: why for driver_id, why in reasons if why}


def _about(point: Point) -> Point:
    """Return a point to three decimals, about a hundred metres."""
    return Point(lat=round(point.lat, 3), lon=round(point.lon, 3))
