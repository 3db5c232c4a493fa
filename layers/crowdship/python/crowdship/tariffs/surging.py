"""Use cases of surge: a round measures a zone, people read it and set it by hand, the clock ends it."""

from datetime import datetime, timedelta
from functools import partial

from crowdship.adapters.failures import Failures
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.kernel.clock import Clock, written
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.pricing.surge import Measure, Surge, SurgeOverride, SurgeRules
from crowdship.tariffs import current
from crowdship.tariffs.store import SurgeRow, SurgingRow
from crowdship.zones.model import Zone

LONGEST_OVERRIDE = timedelta(hours=24)

_measured: dict[str, datetime] = {}
"""Moments at which this container measured each zone last; between two measures nothing is read."""


def rules_of(zone: Zone, now: datetime) -> SurgeRules | None:
    """Return the rules of surge of the table that holds for a zone now, or None."""
    table = current.table_of(zone, now)
    return table.surge if table else None


def measure(zone: Zone, orders: int, drivers: int, pickup_s: float | None, now: datetime) -> None:
    """Note a measure of a zone if its table has rules of surge and a measure is due.

    Parameters
    ----------
    orders, drivers : int
        Orders without a driver, and drivers who are free or soon will be.
    pickup_s : float or None
        Mean seconds to the pickup of the offers that a round made.
    """
    rules = rules_of(zone, now)
    last = _measured.get(zone.id)
    if rules is None or (last and timedelta(0) <= now - last < timedelta(seconds=rules.every_seconds)):
        return

    def attempt() -> None:
        before = stored(zone.id)
        if before.is_due(rules, now):
            _save(before.measured(Measure(at=now, orders=orders, drivers=drivers, pickup_s=pickup_s), rules))

    persistently(attempt)
    _measured[zone.id] = now


def end_due(clock: Clock) -> list[str]:
    """Announce, once for each, the surges that have ended by themselves; return their zones.

    A price has no surge from its end on, whenever that is announced.

    Raises
    ------
    ExceptionGroup
        If some ends could not be announced; the next sweep tries these again.
    """
    ended = []
    with Failures("surges whose end could not be announced") as failures:
        for zone_id in SurgingRow.zone_ids():
            with failures.collected("surge not ended", zone_id=zone_id):
                if persistently(partial(_end, zone_id, clock)):
                    ended.append(zone_id)
    return ended


def _end(zone_id: str, clock: Clock) -> bool:
    before = stored(zone_id)
    after = before.ended(clock.now())
    if after is not before:
        _save(after)
    return after is not before


def stored(zone_id: str) -> Surge:
    """Return the surge of a zone as it is stored; one that was never measured has none."""
    return SurgeRow.load(zone_id) or Surge(id=zone_id)


def override(zone: Zone, request: SurgeOverride, by: str, clock: Clock) -> Surge:
    """Set the multiplier of a zone until a moment; 100 stops its surge at once.

    Raises
    ------
    Unprocessable
        ``too_high`` above the cap of the zone's table, ``wrong_time`` if it would be over before it holds, or last too
        long.
    Conflict
        ``no_surge_rules``, if the zone's table has no rules of surge.
    """
    now = clock.now()
    rules = rules_of(zone, now)
    if rules is None:
        detail = f"The price table of zone {zone.id} has no rules of surge; approve one that has them first."
        raise Conflict("no_surge_rules", detail)
    if request.percent > rules.cap_percent:
        detail = f"{request.percent} % is above the cap of the zone's table, {rules.cap_percent} %."
        raise Unprocessable("too_high", detail, "/percent")

    def attempt() -> Surge:
        before = stored(zone.id)
        begins = before.could_hold_from(request.percent, rules, now)
        if not begins < request.until <= now + LONGEST_OVERRIDE:
            detail = f"It would hold from {written(begins)} to {written(request.until)}; name a later end"
            raise Unprocessable("wrong_time", f"{detail} and within 24 hours from {written(now)}.", "/until")
        changed = before.overridden(request, by, rules, now)
        _save(changed)
        return changed

    try:
        return persistently(attempt)
    finally:
        current.forget()


def _save(surge: Surge) -> None:
    work = UnitOfWork()
    work.store(SurgeRow.of(surge))
    SurgingRow.keep(surge, work)
    work.commit()
