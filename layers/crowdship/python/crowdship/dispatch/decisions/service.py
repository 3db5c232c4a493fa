"""Use cases of decisions: keep those of a round, and tell staff and drivers of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from crowdship.deliveries import service as deliveries
from crowdship.dispatch.board.views import OffersOfDelivery
from crowdship.dispatch.decisions.model import RoundRecord
from crowdship.dispatch.decisions.rules import same_news
from crowdship.dispatch.decisions.views import (
    DecisionOutcome,
    DispatchOfDelivery,
    DriverDecision,
    DriverDecisions,
    RoundOfDelivery,
    lines_for,
)
from crowdship.dispatch.offers import service as offering
from crowdship.dispatch.store import RoundRow
from crowdship.drivers import service as drivers
from crowdship.kernel import retention
from crowdship.kernel.clock import Clock

ROUNDS_READ = 200
"""The most rounds that are read for one delivery, the newest."""

ROUNDS_OF_A_PAGE = 60
"""The most rounds that are read for a page of a driver's decisions."""

AFTERWARDS = timedelta(minutes=5)
"""Time after the last assignment of a delivery for which its rounds are read."""

LOOKS_BACK = timedelta(hours=24)
"""The oldest of a driver's decisions that are shown."""

MOST_ROUNDS = 20_000
"""The most rounds of a zone that are read for an export."""

_last: dict[str, RoundRecord] = {}
"""The record that this process kept last, by zone: a round that repeats it is not kept."""


def keep(record: RoundRecord) -> bool:
    """Keep the record of a round; False if it says nothing that was not kept before."""
    if not record.decisions or same_news(record, _last.get(record.zone_id)):
        return False
    RoundRow.write(record)
    _last[record.zone_id] = record
    return True


def of_delivery(delivery_id: str, clock: Clock) -> DispatchOfDelivery:
    """Return how a delivery was dispatched: the rounds that looked at it, its offers, and what came of them.

    Raises
    ------
    NotFound
        If there is no such delivery.
    """
    delivery = deliveries.get(delivery_id)
    since = max(delivery.created_at, delivery.plan_from)
    ends = max(delivery.search_until, delivery.given.at) if delivery.given else delivery.search_until
    until = min(clock.now(), ends + AFTERWARDS)
    records = RoundRow.naming(delivery_id, delivery.zone_id, since, until, ROUNDS_READ)
    rounds = (RoundOfDelivery.of(record, delivery_id) for record in records)
    return DispatchOfDelivery(
        delivery_id=delivery_id,
        state=delivery.state,
        driver_id=delivery.driver_id,
        given_by=delivery.given and delivery.given.actor,
        given_at=delivery.given and delivery.given.at,
        rounds=tuple(one for one in rounds if one),
        offers=OffersOfDelivery.of(offering.offers_of(delivery)).offers,
    )


def everything_about(driver_id: str, clock: Clock) -> list[DriverDecision]:
    """Return all decisions about a driver in their zone that are kept, the newest first; of ``MOST_ROUNDS`` rounds."""
    driver, now = drivers.get(driver_id), clock.now()
    zone_ids = dict.fromkeys([driver.duty.zone_id if driver.duty else driver.home_zone_id, driver.home_zone_id])
    since = now - retention.DECISIONS
    found = (RoundRow.naming(driver_id, zone_id, since, now, MOST_ROUNDS) for zone_id in zone_ids)
    return [line for records in found for line in _lines(records, driver_id)]


def _lines(records: Iterable[RoundRecord], driver_id: str) -> list[DriverDecision]:
    """Return the decisions about a driver; one that holds for a whole round is in each of its parts, and told once."""
    told: dict[tuple[object, ...], DriverDecision] = {}
    for place, record in enumerate(records):
        for number, line in enumerate(lines_for(record, driver_id)):
            whole = line.outcome is DecisionOutcome.UNAVAILABLE
            told.setdefault((line.at,) if whole else (line.at, place, number), line)
    return list(told.values())


def of_driver(driver_id: str, before: datetime | None, clock: Clock) -> DriverDecisions:
    """Return why a driver was or was not offered the orders for which rounds considered them, the newest first.

    Parameters
    ----------
    before : datetime or None
        Only decisions before this moment.
    """
    driver, now = drivers.get(driver_id), clock.now()
    zone_id = driver.duty.zone_id if driver.duty else driver.home_zone_id
    if before and before <= now - LOOKS_BACK:
        return DriverDecisions(decisions=(), next_before=None)
    until = min(before - timedelta(microseconds=1), now) if before else now
    records, following = RoundRow.between(zone_id, now - LOOKS_BACK, until, ROUNDS_OF_A_PAGE), None
    if len(records) == ROUNDS_OF_A_PAGE:
        following = last = records[-1].at
        if whole := [record for record in records if record.at != last]:
            # Parts of the last round may be missing; it begins the next page.
            records, following = whole, last + timedelta(microseconds=1)
    return DriverDecisions(decisions=tuple(_lines(records, driver_id)), next_before=following)
