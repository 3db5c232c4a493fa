"""Conditions of travel in a zone: what is learned from its drivers, and the incidents that dispatchers report."""

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
from crowdship.travel.passages import Passage
from crowdship.travel.traffic import Traffic
from crowdship.zones.model import Zone

MOST_INCIDENTS = 50
"""The most incidents in a zone at a time; every way is checked against each."""

OBSERVATIONS_KEPT = 500
"""Number of observations whose ids are kept, so that one that comes again is recognised."""


class Observation(Value):
    """Measured times of one leg or one stay of a driver.

    Parameters
    ----------
    id : str
        Id of the event that ended it; an observation is learned once.
    ended_at : datetime
        When the driver arrived, or was done.
    passed : tuple of Passage
        Cells passed on a leg.
    foretold_s, took_s : float
        Seconds that a leg was expected to take before it began, and that it took; 0 if not known.
    stay_at : str or None
        Place of a stay at a pickup. A stay at a drop-off has none, as drivers seldom come back to the same door.
    stay_s : float
        Length of a stay in seconds; 0 for a leg.
    """

    id: str
    ended_at: Moment
    passed: tuple[Passage, ...] = ()
    foretold_s: float = 0.0
    took_s: float = 0.0
    stay_at: str | None = None
    stay_s: float = 0.0


class Learned(Aggregate):
    """Everything learned from the drivers of a zone about its streets and doors. Its id is the zone's.

    Parameters
    ----------
    traffic : Traffic
        Factors by which streets are slower than free flow, by place and hour.
    errors : Errors
        Errors of foretold driving times.
    pickups, dropoffs : Dwell
        Lengths of stays.
    observations : tuple of str
        Ids of the last observations, newest last.
    ways : str
        Key of the free-flow times and the time zone that traffic was learned with.
    """

    ways: str = ""
    traffic: Traffic = Traffic()
    errors: Errors = Errors()
    pickups: Dwell = Dwell()
    dropoffs: Dwell = Dwell()
    observations: tuple[str, ...] = ()

    @classmethod
    def nothing(cls, zone: Zone) -> Self:
        """Return the value for a zone in which nobody has driven yet."""
        rules = zone.settings.travel
        return cls(
            id=zone.id,
            ways=_ways(zone),
            traffic=Traffic(time_zone=_time_zone(zone)),
            pickups=Dwell(usual_s=rules.pickup_dwell_s),
            dropoffs=Dwell(usual_s=rules.dropoff_dwell_s),
        )

    def as_set_in(self, zone: Zone) -> Self:
        """Return what still holds with the zone's present settings.

        Traffic and errors are learned anew after a change of map, speed, detour factor or time zone, as they are
        relative to these. Stays are kept.
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
        """Return what is known with some more observations; the same object if none of them is new."""
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
            # All drop-offs count as one place; differences between doors are part of the variance.
            dropoffs=self.dropoffs.learn([(DOORS, s.ended_at, s.stay_s) for s in stays if not s.stay_at], now),
            observations=(*self.observations, *(observation.id for observation in new))[-OBSERVATIONS_KEPT:],
        )

    def stay(self, kind: StopKind, point: Point) -> Span:
        """Return how long a stay at a stop is expected to take, with the variance."""
        if kind is StopKind.DROPOFF:
            return self.dropoffs.expected(DOORS)
        return self.pickups.expected(place_key(point))

    def stay_s(self, kind: StopKind, point: Point) -> int:
        """Return how long a stay at a stop is expected to take, in whole seconds."""
        return round(self.stay(kind, point).seconds)


DOORS = "doors"


def _time_zone(zone: Zone) -> str:
    return zone.settings.hours.time_zone if zone.settings.hours else "UTC"


def _ways(zone: Zone) -> str:
    rules = zone.settings.travel
    streets = "amazon" if rules.amazon_location else rules.map or "crow"
    return f"{streets} {rules.profile} {rules.speed_mps:g} {rules.detour_factor:g} {_time_zone(zone)}"


def place_key(point: Point) -> str:
    """Return the key under which stays at a point are kept; points within some ten metres share a key."""
    return f"{point.lat:.4f},{point.lon:.4f}"


class KnownIncident(Incident):
    """An incident with its id, who reported it and their note."""

    id: str
    note: str
    reported_by: str
    reported_at: Moment


class Incidents(Aggregate):
    """The incidents of a zone. Its id is the zone's."""

    known: tuple[KnownIncident, ...] = ()

    def standing(self, now: datetime) -> tuple[KnownIncident, ...]:
        """Return the incidents that are not over."""
        return tuple(one for one in self.known if one.ends_at > now)

    def report(self, incident: Incident, note: str, actor: str, now: datetime) -> Self:
        """Return the incidents with one more; those that are over are dropped.

        Raises
        ------
        Conflict
            If the zone has ``MOST_INCIDENTS`` already.
        """
        standing = self.standing(now)
        if len(standing) >= MOST_INCIDENTS:
            detail = f"A zone can have {MOST_INCIDENTS} incidents at a time; end one that no longer matters."
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
        """Return the incidents without one, and without those that are over.

        Raises
        ------
        NotFound
            If there is no such incident, or it is over.
        """
        standing = self.standing(now)
        kept = tuple(one for one in standing if one.id != incident_id)
        if len(kept) == len(standing):
            raise NotFound("no_such_incident", f"Zone {self.id} has no incident {incident_id}, or it is over.")
        return self.with_changes(known=kept)
