"""Use cases of travel: present travel times of a zone, its learned values, and its incidents."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from crowdship.adapters.caches import Cache
from crowdship.adapters.storage import UnitOfWork, changed, persistently
from crowdship.kernel.clock import Clock
from crowdship.travel.conditions import Incidents, KnownIncident, Learned, Observation
from crowdship.travel.engines.maps import travel_times
from crowdship.travel.in_traffic import InTraffic
from crowdship.travel.incidents import Incident
from crowdship.travel.store import IncidentsRow, LearnedRow
from crowdship.zones import service as zones
from crowdship.zones.model import Zone

LEARNED_AGE_S = 60.0
"""Wall seconds for which a container caches learned values; the row is large, and streets change slowly."""

INCIDENTS_AGE_S = 10.0
"""Wall seconds for which a container keeps a zone's incidents: a new report has to take effect soon."""

_learned: Cache[str, Learned] = Cache(LEARNED_AGE_S, most=32)
_incidents: Cache[str, Incidents] = Cache(INCIDENTS_AGE_S)


def forget() -> None:
    """Empty the caches, so that everything is read anew as in a new container."""
    _learned.clear()
    _incidents.clear()


def learned_in(zone: Zone) -> Learned:
    """Return the values learned in a zone, at most a minute old."""
    return _learned.get(zone.id, lambda: _stored_learned(zone)).as_set_in(zone)


def incidents_in(zone_id: str) -> Incidents:
    """Return a zone's incidents, at most ten seconds old."""
    return _incidents.get(zone_id, lambda: _stored(zone_id))


def forget_incidents(zone_id: str) -> None:
    """Drop a zone's incidents from the cache, so that the next call reads them."""
    _incidents.forget(zone_id)


def travel_at(zone: Zone, departs: datetime) -> InTraffic:
    """Return a zone's travel times for a departure."""
    free_flow = travel_times(zone.settings.travel)
    learned = learned_in(zone)
    return InTraffic(free_flow, learned.traffic, departs, incidents_in(zone.id).known, learned.errors)


def learn(zone: Zone, observations: Iterable[Observation], now: datetime) -> Learned:
    """Store observations of legs and stays, each once however often it comes."""
    listed = tuple(observations)
    return changed(partial(_stored_learned, zone), lambda learned: learned.learn(listed, now), LearnedRow.of)


def standing(zone_id: str, clock: Clock) -> tuple[KnownIncident, ...]:
    """Return the incidents of a zone that are not over, as they are stored now.

    Raises
    ------
    NotFound
        If there is no such zone.
    """
    return _stored(zones.get(zone_id).id).standing(clock.now())


def report(zone_id: str, incident: Incident, note: str, actor: str, clock: Clock) -> KnownIncident:
    """Add an incident to a zone; planning and arrival times heed it from then on.

    Raises
    ------
    NotFound
        If there is no such zone.
    Conflict
        If the zone has as many incidents as it may have.
    """

    def attempt() -> KnownIncident:
        after = _stored(zones.get(zone_id).id).report(incident, note, actor, clock.now())
        _keep(after)
        return after.known[-1]

    return persistently(attempt)


def end(zone_id: str, incident_id: str, clock: Clock) -> None:
    """End an incident before its time.

    Raises
    ------
    NotFound
        If there is no such zone or incident.
    """

    def attempt() -> None:
        _keep(_stored(zones.get(zone_id).id).end(incident_id, clock.now()))

    persistently(attempt)


def _stored_learned(zone: Zone) -> Learned:
    found = LearnedRow.load(zone.id)
    return found.as_set_in(zone) if found else Learned.nothing(zone)


def _stored(zone_id: str) -> Incidents:
    return IncidentsRow.load(zone_id) or Incidents(id=zone_id)


def _keep(incidents: Incidents) -> None:
    work = UnitOfWork()
    work.store(IncidentsRow.of(incidents))
    work.commit()
    forget_incidents(incidents.id)
