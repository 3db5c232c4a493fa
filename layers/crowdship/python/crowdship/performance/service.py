"""Use cases of performance: events are counted, measures read, and recomputed from the deliveries themselves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.filters import Filters
from crowdship.drivers import service as drivers
from crowdship.drivers.measures import WINDOW
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Clock
from crowdship.kernel.cursors import every_page
from crowdship.kernel.errors import NotFound
from crowdship.kernel.events import DomainEvent
from crowdship.performance.facts import Fact, fact_of
from crowdship.performance.scorecard import OfferAnswer, Scorecard, measured, windowed
from crowdship.performance.store import ScorecardRow
from crowdship.performance.views import PerformanceCheck, PerformanceView
from crowdship.routes.route import ChangeReason
from crowdship.zones import service as zones
from crowdship.zones.model import Zone

LONGEST_LIFE = timedelta(days=7)
"""A delivery that ends in the window was created at most so long before it."""

AT_ONCE = 100
"""Deliveries of a day that are read together."""


def note(event: DomainEvent, clock: Clock) -> Scorecard | None:
    """Count an event of a delivery, a rating or an offer; once, however often and in whatever order events come.

    Returns
    -------
    Scorecard or None
        That of the driver whose delivery the event is about; None if it is about none, or about an offer.
    """
    if event.type.startswith("offer."):
        for asked, answer in _answers(event):
            _answer(asked, answer, clock)
        return None
    driver_id = _driver_of(event)
    if driver_id is None:
        return None
    return _note(driver_id, event.data["delivery_id"], clock, rated=event.type == "rating.given")


def _driver_of(event: DomainEvent) -> str | None:
    data = event.data
    if event.type == "delivery.reopened":
        return str(data["actor"]) if data["reason"] == ChangeReason.UNASSIGNED else None
    return data["driver_id"] if event.livemode else None


def _answers(event: DomainEvent) -> Iterator[tuple[str, OfferAnswer]]:
    """Yield the answers that an ended offer says: who took it, or that those who were asked did not."""
    took = event.data["driver_id"]
    asked = [took] if took else [candidate["driver_id"] for candidate in event.data["candidates"]]
    for driver_id in asked:
        yield driver_id, OfferAnswer(offer_id=event.subject, at=event.time, accepted=driver_id == took)


def _note(driver_id: str, delivery_id: str, clock: Clock, *, rated: bool) -> Scorecard | None:
    def attempt() -> Scorecard | None:
        # The card is read before the delivery: whoever wrote it since had read the delivery at least as late.
        card = _card(driver_id)
        try:
            driver, delivery = drivers.get(driver_id), deliveries.get(delivery_id)
        except NotFound:
            return None
        now = clock.now()
        fact = fact_of(delivery, deliveries.rating_of(delivery_id), driver_id)
        after = card.noting(delivery_id, fact, now)
        work = UnitOfWork()
        if after is not card:
            work.store(ScorecardRow.of(after))
        if rated:
            drivers.note_rated(driver_id, delivery_id, work)
        measures = measured(after.facts, driver.measures.prior)
        if measures != driver.measures:
            drivers.keep(driver.with_changes(measures=measures), work)
        work.commit()
        return after

    return persistently(attempt)


def _answer(driver_id: str, answer: OfferAnswer, clock: Clock) -> None:
    def attempt() -> None:
        card = _card(driver_id)
        after = card.answering(answer, clock.now())
        if after is not card:
            work = UnitOfWork()
            work.store(ScorecardRow.of(after))
            work.commit()

    persistently(attempt)


def _card(driver_id: str) -> Scorecard:
    return ScorecardRow.load(driver_id) or Scorecard(id=driver_id)


def facts_of(driver_id: str, now: datetime) -> tuple[Fact, ...]:
    """Return the facts of a driver that count now, the oldest first."""
    return windowed(_card(driver_id).facts, now)


def read(driver_id: str, clock: Clock) -> PerformanceView:
    """Return a driver's measures as of now, with the causes of lateness and the tier where they work."""
    return PerformanceView.of(drivers.get(driver_id), _card(driver_id), zone_of(driver_id).settings, clock.now())


def zone_of(driver_id: str) -> Zone:
    """Return the zone in which a driver is on duty, or the home zone."""
    driver = drivers.get(driver_id)
    return zones.get(driver.duty.zone_id if driver.duty else driver.home_zone_id)


def held(driver_id: str) -> Scorecard:
    """Return everything that this room holds on a driver."""
    return _card(driver_id)


def recompute(driver_id: str, clock: Clock) -> tuple[Scorecard, tuple[Fact, ...]]:
    """Return a driver's stored scorecard, and the facts made anew of all deliveries of the window.

    A delivery that the driver gave up is found by the card, as it is another driver's by now.
    """
    driver, card, now = drivers.get(driver_id), _card(driver_id), clock.now()
    known = {one.delivery_id for one in card.facts}
    ids = known | set(_carried(driver, now))
    made = (
        fact_of(delivery, deliveries.rating_of(delivery.id), driver_id)
        for delivery in deliveries.get_many(ids).values()
    )
    return card, windowed((one for one in made if one), now)


def check(driver_id: str, clock: Clock) -> PerformanceCheck:
    """Compare a driver's stored measures with those made anew; see ``recompute``."""
    card, anew = recompute(driver_id, clock)
    prior = drivers.get(driver_id).measures.prior
    return PerformanceCheck.of(windowed(card.facts, clock.now()), anew, prior)


def _carried(driver: Driver, now: datetime) -> Iterator[str]:
    day = max(driver.created_at, now - WINDOW - LONGEST_LIFE).date()
    while day <= now.date():
        asked = Filters(driver_id=driver.id, day=day)
        yield from (one.id for one in every_page(partial(deliveries.listed, asked, limit=AT_ONCE)))
        day += timedelta(days=1)
