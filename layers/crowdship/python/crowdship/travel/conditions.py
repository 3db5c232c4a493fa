"""What is known of the ways in a zone: what its drivers met, and what dispatchers say is in the way."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.geo import Point
from crowdship.kernel.ids import derived_id
from crowdship.shipment.stop_kind import StopKind
from crowdship.travel.expectation import Dwell, Errors, Span
from crowdship.travel.incidents import Incident
from crowdship.travel.traffic import Passage, Traffic
from crowdship.zones.model import Zone

MOST_INCIDENTS = 50
"""In a zone at a time: each is looked at for every way."""

OBSERVATIONS_KEPT = 500
"""Ids of the last observations, by which one that comes again is known."""


class Observation(Value):
    """What one leg or one stay of a driver taught.

    Parameters
    ----------
    id : str
        Of the event that ended it: a observation is learned once.
    ended_at : datetime
        When the driver was there, or had done.
    passed : tuple of Passage
        Cells passed on a leg.
    foretold_s, took_s : float
        What a leg was expected to take before it began, and took; 0 if that is not known.
    stay_at : str or None
        The place of a stay at a pickup; a stay at a drop-off has none, since hardly anybody comes back.
    stay_s : float
        How long a stay took; 0 for a leg.
    """

    id: str
    ended_at: Moment
    passed: tuple[Passage, ...] = ()
    foretold_s: float = 0.0
    took_s: float = 0.0
    stay_at: str | None = None
    stay_s: float = 0.0


class Learned(Aggregate):
    """What the drivers of a zone, whose id it has, taught about its streets and doors.

    Parameters
    ----------
    traffic : Traffic
        How much slower than free flow, where and when.
    errors : Errors
        How far foretold times of driving were off.
    pickups, dropoffs : Dwell
        How long stays take.
    observations : tuple of str
        Ids of the last ones, newest last.
    ways : str
        Beside which free flow, and by which clock, traffic was learned.
    """

    ways: str = ""
    traffic: Traffic = Traffic()
    errors: Errors = Errors()
    pickups: Dwell = Dwell()
    dropoffs: Dwell = Dwell()
    observations: tuple[str, ...] = ()

    @classmethod
    def nothing(cls, zone: Zone) -> Self:
        """Return what is known of a zone in which nobody has driven yet."""
        rules = zone.settings.travel
        return cls(
            id=zone.id,
            ways=_ways(zone),
            traffic=Traffic(time_zone=_time_zone(zone)),
            pickups=Dwell(usual_s=rules.pickup_dwell_s),
            dropoffs=Dwell(usual_s=rules.dropoff_dwell_s),
        )

    def as_set_in(self, zone: Zone) -> Self:
        """Return what of it holds with the zone's settings as they are now.

        How much slower than free flow streets are says nothing beside another map or another speed, nor by another
        clock: that is learned anew. Stays are as long as before.
        """
        rules, same = zone.settings.travel, self.ways == _ways(zone)
        pickups, dropoffs = self.pickups.beside(rules.pickup_dwell_s), self.dropoffs.beside(rules.dropoff_dwell_s)
        if same and pickups is self.pickups and dropoffs is self.dropoffs:
            return self
        new = Learned.nothing(zone)
        return self.with_changes(
            ways=new.ways,
            traffic=self.traffic if same else new.traffic,
            errors=self.errors if same else new.errors,
            pickups=pickups,
            dropoffs=dropoffs,
        )

    def learn(self, observations: Iterable[Observation], now: datetime) -> Self:
        """Return what is known with some more observations, or this if it had them all."""
        had = set(self.observations)
        new = list({observation.id: observation for observation in observations if observation.id not in had}.values())
        if not new:
            return self
        driven = [observation for observation in new if observation.took_s]
        stays = [observation for observation in new if observation.stay_s]
        passed = [passage for observation in new for passage in observation.passed]
        return self.with_changes(
            traffic=self.traffic.learn(passed, now) if passed else self.traffic,
            errors=self.errors.learn([(one.ended_at, one.foretold_s, one.took_s) for one in driven], now),
            pickups=self.pickups.learn([(s.stay_at, s.ended_at, s.stay_s) for s in stays if s.stay_at], now),
            # All doors are one place: what differs between them is part of the spread.
            dropoffs=self.dropoffs.learn([(DOORS, s.ended_at, s.stay_s) for s in stays if not s.stay_at], now),
            observations=(*self.observations, *(observation.id for observation in new))[-OBSERVATIONS_KEPT:],
        )

    def stay(self, kind: StopKind, point: Point) -> Span:
        """Return how long a stay at a stop is expected to take."""
        if kind is StopKind.DROPOFF:
            return self.dropoffs.expected(DOORS)
        return self.pickups.expected(place_key(point))

    def stay_s(self, kind: StopKind, point: Point) -> int:
        """Return the same in whole seconds."""
        return round(self.stay(kind, point).seconds)


DOORS = "doors"


def _time_zone(zone: Zone) -> str:
    return zone.settings.hours.time_zone if zone.settings.hours else "UTC"


def _ways(zone: Zone) -> str:
    rules = zone.settings.travel
    streets = "amazon" if rules.amazon_location else rules.map or "crow"
    return f"{streets} {rules.profile} {rules.speed_mps:g} {rules.detour_factor:g} {_time_zone(zone)}"


def place_key(point: Point) -> str:
    """Return the name under which stays at a point are remembered: some ten metres are one place."""
    return f"{point.lat:.4f},{point.lon:.4f}"


class KnownIncident(Incident):
    """An incident under its id, with who said so and why."""

    id: str
    note: str
    reported_by: str
    reported_at: Moment


class Incidents(Aggregate):
    """What is in the way in a zone, whose id it has."""

    known: tuple[KnownIncident, ...] = ()

    def standing(self, now: datetime) -> tuple[KnownIncident, ...]:
        """Return those that are not over."""
        return tuple(one for one in self.known if one.ends_at > now)

    def report(self, incident: Incident, note: str, actor: str, now: datetime) -> Self:
        """Return them with one more; those that are over are dropped.

        Raises
        ------
        Conflict
            If there are as many as a zone may have.
        """
        standing = self.standing(now)
        if len(standing) >= MOST_INCIDENTS:
            detail = f"{MOST_INCIDENTS} incidents are the most at a time; end one that no longer matters."
            raise Conflict("too_many_incidents", detail)
        made = KnownIncident(
            **incident.model_dump(),
            id=derived_id("inc", self.id, self.stored_version, now.isoformat(), actor),
            note=note,
            reported_by=actor,
            reported_at=now,
        )
        return self.with_changes(known=(*standing, made))

    def end(self, incident_id: str, now: datetime) -> Self:
        """Return them without one, and without those that are over.

        Raises
        ------
        NotFound
            If it is not there, or is over.
        """
        standing = self.standing(now)
        kept = tuple(one for one in standing if one.id != incident_id)
        if len(kept) == len(standing):
            raise NotFound("no_such_incident", f"Zone {self.id} has no incident {incident_id}, or it is over.")
        return self.with_changes(known=kept)
