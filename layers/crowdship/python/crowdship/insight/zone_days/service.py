"""Use cases of zones' days: note what an event tells, and sum days."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from crowdship.adapters.storage import persistently
from crowdship.drivers import service as drivers
from crowdship.insight import store
from crowdship.insight.store import FactRow, ZoneDayRow
from crowdship.insight.zone_days.facts import FOLDED, MONEY_OF, CostFact, OrderFact
from crowdship.insight.zone_days.model import ZoneDay, summed
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound
from crowdship.kernel.events import DomainEvent
from crowdship.zones import service as zones
from crowdship.zones.model import Zone

SUMMED_DAYS = 3
"""Days back from yesterday that are summed each day anew, as tips and corrections come late."""


def note(event: DomainEvent) -> bool:
    """Note what an event tells of its zone's day, once; return whether anything was written."""
    if not event.livemode:
        return False
    if reader := MONEY_OF.get(event.type):
        cost = _in_a_zone(reader(event), event)
        store.replace([FactRow.of_cost(cost)] if cost else [])
        return cost is not None
    return event.type in FOLDED and persistently(lambda: _folded(event))


def _in_a_zone(cost: CostFact, event: DomainEvent) -> CostFact | None:
    """Return a cost in its zone; None if it belongs to none. That of a pay floor is the home of its driver."""
    if cost.zone_id:
        return cost
    try:
        home = drivers.get(event.data["driver_id"]).home_zone_id
    except NotFound:
        return None
    return cost.model_copy(update={"zone_id": home}) if home else None


def _folded(event: DomainEvent) -> bool:
    new = OrderFact.new(event)
    known = FactRow.order(new) or new
    after = known.after(event)
    if after == known:
        return False
    store.write(FactRow.of_order(after))
    return True


def sum_day(zone: Zone, day: date, now: datetime) -> ZoneDay:
    """Sum a zone's day from its facts, and store it."""
    settings = zone.settings
    result = summed(zone.id, day, settings.rates.currency, settings.time_zone, FactRow.of_day(zone.id, day), now)
    store.replace([ZoneDayRow.of(result)])
    return result


def sum_what_is_due(clock: Clock, until: datetime) -> int:
    """Sum the last days of all zones that were not summed since the day after them began; return how many.

    Parameters
    ----------
    until : datetime
        Wall time after which no further day is begun: the next call goes on.
    """
    now, count = clock.now(), 0
    last = now.date() - timedelta(days=1)
    first = last - timedelta(days=SUMMED_DAYS - 1)
    for zone in zones.every():
        known = {day.day: day for day in ZoneDayRow.between(zone.id, first, last)}
        for back in range(SUMMED_DAYS):
            day = last - timedelta(days=back)
            if day in known and known[day].summed_at.date() == now.date():
                continue
            if datetime.now(until.tzinfo) > until:
                return count
            sum_day(zone, day, now)
            count += 1
    return count


def days(zone: Zone, first: date, last: date, now: datetime) -> Sequence[ZoneDay]:
    """Return a zone's days from one to another in order; the last one is summed now if it was not summed yet.

    A day before anything was noted is not among them.
    """
    found = ZoneDayRow.between(zone.id, first, last)
    if last not in {day.day for day in found} and last < now.date():
        found.append(sum_day(zone, last, now))
    return found
