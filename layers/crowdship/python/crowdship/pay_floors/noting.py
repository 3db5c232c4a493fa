"""Noting: events of deliveries and duties become work and time on duty, and make the periods they touch due.

A delivery is read anew for each event, so the order and the number of events don't matter. Only places whose law sets a
floor are noted, and all work in zones whose law counts time on call; and only contractors: dedicated drivers are
employees of the platform or of a merchant.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.drivers import service as drivers
from crowdship.drivers.model import DriverKind
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound, StaleWrite
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.geo import Point
from crowdship.law.places import jurisdictions_of
from crowdship.pay_floors import seattle
from crowdship.pay_floors.duties import LONGEST_DUTY, DutyChange
from crowdship.pay_floors.odometer import CLOSE, Sighting, inside_of, odometer_of
from crowdship.pay_floors.periods import WEEK, Period
from crowdship.pay_floors.reading import Tenure, known_places, tenures_of
from crowdship.pay_floors.registry import SCHEMES, Scheme, schemes_in, schemes_of
from crowdship.pay_floors.store import DueRow, DutyRow, WorkRow
from crowdship.pay_floors.work import Work
from crowdship.tracking import service as tracking
from crowdship.travel.times import GreatCircle
from crowdship.zones import service as zones
from crowdship.zones.law import jurisdictions_in

BY_PART = frozenset({seattle.CODE})
"""Cities of whose works only the part inside counts if they began elsewhere."""


def note(event: DomainEvent, clock: Clock) -> None:
    """Note what an event tells, once however often it comes; nothing for a test.

    Raises
    ------
    NotFound
        If there is no such delivery.
    """
    if not event.livemode:
        return
    if event.type.startswith("driver."):
        _note_duty(event, clock)
    else:
        _note_works(event.data["delivery_id"], clock)


def _is_contractor(driver_id: str) -> bool:
    try:
        return drivers.get(driver_id).kind is not DriverKind.DEDICATED
    except NotFound:
        return True


def _note_works(delivery_id: str, clock: Clock) -> None:
    delivery = deliveries.get(delivery_id)
    # A driver who works anywhere is not on call where time on call counts.
    on_call = _counting_on_call(delivery.zone_id)
    if not on_call and not schemes_in((*delivery.pickup_law, *delivery.dropoff_law)):
        return
    for tenure in tenures_of(delivery):
        known = WorkRow.known(tenure.driver_id, tenure.since, delivery.id)
        is_news = known is None or known.sequence < delivery.sequence
        if is_news and (known or tenure.counts) and _is_contractor(tenure.driver_id):
            _keep(_work_of(delivery, tenure), known, on_call, clock.now())


def _counting_on_call(zone_id: str) -> list[Scheme]:
    """Return the schemes that count time on duty in a zone."""
    codes = jurisdictions_in(zones.get(zone_id).settings)
    return [scheme for scheme in schemes_in(codes) if scheme.counts_on_call]


def _keep(work: Work, known: Work | None, on_call: list[Scheme], now: datetime) -> None:
    some = [one for one in (work, known) if one]
    periods = [scheme.calendar.period_at(one.until) for one in some for scheme in schemes_of([one])]
    periods += [scheme.calendar.period_at(at) for one in some for scheme in on_call for at in (one.since, one.until)]
    if not periods:
        return
    unit = UnitOfWork()
    WorkRow.keep(work, unit)
    for row in _due((*periods, *_sharing(work, periods, now)), work.driver_id, now):
        unit.put(row, None)
    try:
        unit.commit()
    except StaleWrite:
        # Somebody noted a later state of the delivery meanwhile, and made the same periods due.
        return


def _sharing(work: Work, periods: Iterable[Period], now: datetime) -> list[Period]:
    """Return later periods in which work ended that has moments in common with work that is told of late."""
    if all(now < period.ends for period in periods):
        return []
    others = [one for one in WorkRow.around(work.driver_id, work.since, work.until) if one.until > work.until]
    return [scheme.calendar.period_at(one.until) for one in others for scheme in schemes_of([one])]


def _due(periods: Iterable[Period], driver_id: str, now: datetime) -> list[DueRow]:
    """Return the rows by which a driver's periods are reckoned: when they close, or now if they are closed."""
    each = {(period.jurisdiction, period.first): period for period in periods}
    return [
        DueRow.of(
            period,
            driver_id,
            max(period.closes_at, now),
            period.deadline if now < period.closes_at else max(period.deadline, now + WEEK),
            now.isoformat(),
        )
        for period in each.values()
    ]


def _work_of(delivery: Delivery, tenure: Tenure) -> Work:
    places = _sightings(delivery, tenure) if tenure.counts else []
    travel = GreatCircle(zones.get(delivery.zone_id).settings.travel)
    cities = (BY_PART & set(delivery.dropoff_law)) - set(delivery.pickup_law)
    return Work(
        driver_id=tenure.driver_id,
        delivery_id=delivery.id,
        zone_id=delivery.zone_id,
        offer_id=tenure.offer_id,
        sequence=delivery.sequence,
        since=tenure.since,
        until=tenure.until,
        counts=tenure.counts,
        pickup_law=delivery.pickup_law,
        dropoff_law=delivery.dropoff_law,
        pay=tenure.pay,
        odometer=odometer_of(places, travel.metres),
        inside={city: inside_of(places, partial(_is_in, city), tenure.span) for city in sorted(cities)},
    )


def _is_in(city: str, point: Point) -> bool:
    return city in jurisdictions_of(point)


def _sightings(delivery: Delivery, tenure: Tenure) -> list[Sighting]:
    """Return where a driver was in a tenure: by the phone's positions, and by the stops they said to be at."""
    trail = tracking.trail_between(tenure.driver_id, tenure.since - CLOSE, tenure.until)
    seen = [(max(fix.device_at, tenure.since), fix.point) for fix in trail]
    before = [fix for fix in trail if fix.device_at < tenure.since]
    # Only the last position before the work says where it began.
    return [*seen[max(len(before) - 1, 0) :], *known_places(delivery, tenure)]


def _note_duty(event: DomainEvent, clock: Clock) -> None:
    counted = sorted(scheme.jurisdiction for scheme in _counting_on_call(event.data["zone_id"]))
    change = DutyChange.of(event, counted)
    if not counted or not _is_contractor(change.driver_id):
        return
    unit, now = UnitOfWork(), clock.now()
    unit.put(DutyRow.of(change), None)
    # A duty that ends was in the period of its begin as well.
    moments = [change.at] if change.is_on else [change.at, change.at - LONGEST_DUTY]
    periods = (SCHEMES[code].calendar.period_at(moment) for code in counted for moment in moments)
    for row in _due(periods, change.driver_id, now):
        unit.put(row, None)
    unit.commit()
