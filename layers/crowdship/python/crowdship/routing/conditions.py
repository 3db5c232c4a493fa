"""What is known of the ways in a zone: what its drivers met, and what dispatchers say is in the way."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Self

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import State, StopKind
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict, NotFound
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.geo import Point
from crowdship.kernel.ids import derived_id
from crowdship.routing.arrivals import Arrival, Dwell, Errors, Span, interval
from crowdship.routing.in_traffic import InTraffic
from crowdship.routing.incidents import Incident
from crowdship.routing.model import Start, Stop, waypoints
from crowdship.routing.roads import NO_WAY_S
from crowdship.routing.traffic import Passage, Traffic
from crowdship.zones.model import Zone

MOST_INCIDENTS = 50
"""In a zone at a time: each is looked at for every way."""

LESSONS_KEPT = 500
"""Ids of the last lessons, by which one that comes again is known."""

SHORTEST_STAY_S = 30.0
"""Quicker is the second order of a bundle, whose stay was counted with the first."""


class Lesson(Value):
    """What one leg or one stay of a driver taught.

    Parameters
    ----------
    id : str
        Of the event that ended it: a lesson is learned once.
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
    lessons : tuple of str
        Ids of the last ones, newest last.
    ways : str
        Beside which free flow, and by which clock, traffic was learned.
    """

    ways: str = ""
    traffic: Traffic = Traffic()
    errors: Errors = Errors()
    pickups: Dwell = Dwell()
    dropoffs: Dwell = Dwell()
    lessons: tuple[str, ...] = ()

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

    def learn(self, lessons: Iterable[Lesson], now: datetime) -> Self:
        """Return what is known with some more lessons, or this if it had them all."""
        had = set(self.lessons)
        new = list({lesson.id: lesson for lesson in lessons if lesson.id not in had}.values())
        if not new:
            return self
        driven = [lesson for lesson in new if lesson.took_s]
        stays = [lesson for lesson in new if lesson.stay_s]
        passed = [passage for lesson in new for passage in lesson.passed]
        return self.with_changes(
            traffic=self.traffic.learn(passed, now) if passed else self.traffic,
            errors=self.errors.learn([(one.ended_at, one.foretold_s, one.took_s) for one in driven], now),
            pickups=self.pickups.learn([(s.stay_at, s.ended_at, s.stay_s) for s in stays if s.stay_at], now),
            # All doors are one place: what differs between them is part of the spread.
            dropoffs=self.dropoffs.learn([(DOORS, s.ended_at, s.stay_s) for s in stays if not s.stay_at], now),
            lessons=(*self.lessons, *(lesson.id for lesson in new))[-LESSONS_KEPT:],
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


def stay_of(delivery: Delivery, arrived: State, done: State) -> tuple[datetime, float] | None:
    """Return when a driver was done at a stop and the seconds that took, or None if both were not noted.

    Who comes before the window opens waits; that is no stay.
    """
    span = _between(delivery, arrived, done)
    if span is None:
        return None
    window = delivery.pickup_window if arrived is State.ARRIVED_AT_PICKUP else delivery.dropoff_window
    seconds = (span[1] - max(span[0], window.opens_at)).total_seconds()
    return (span[1], seconds) if seconds >= SHORTEST_STAY_S else None


def leg_of(delivery: Delivery, left: State, arrived: State) -> tuple[datetime, datetime] | None:
    """Return when a driver left for a stop and was there, or None if both were not noted."""
    span = _between(delivery, left, arrived)
    return span if span and span[0] < span[1] else None


def _between(delivery: Delivery, first: State, then: State) -> tuple[datetime, datetime] | None:
    """Return when the newest steps into two states were made, by the device; None unless one actor made both."""
    began, ended = delivery.newest_step(first), delivery.newest_step(then)
    if ended is None or began is None or ended.actor != began.actor:
        return None
    return began.made_at, ended.made_at


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
            told = f"{MOST_INCIDENTS} incidents are the most at a time; end one that no longer matters."
            raise Conflict("too_many_incidents", told)
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


def arrivals(stops: Sequence[Stop], start: Start, travel: InTraffic, learned: Learned) -> dict[str, Arrival]:
    """Return when each stop begins, with the interval that holds most such arrivals, by stop.

    Who is early waits for the window to open: from there on the uncertainty of the way before counts no more. What is
    behind a way that does not exist has no arrival. The means are those of ``timed``.
    """
    travel.know_legs(waypoints(stops, start))
    found: dict[str, Arrival] = {}
    here, since, spans = start.point, start.at, list[Span]()
    for stop in stops:
        if stop.arrived_at is None:
            driving = travel.span(here, stop.point)
            if driving.seconds >= NO_WAY_S:
                break
            spans.append(driving)
        told = interval(since, spans)
        if told.at < stop.opens_at:
            told = told.model_copy(
                update={
                    "at": stop.opens_at,
                    "earliest": stop.opens_at,
                    "latest": max(stop.opens_at, told.latest),
                }
            )
            since, spans = stop.opens_at, []
        elif told.earliest < stop.opens_at:
            told = told.model_copy(update={"earliest": stop.opens_at})
        found[stop.stop_id] = _there(stop, told)
        # As long as the plan says, and as surely as such stays are.
        usual, stay_s = learned.stay(stop.kind, stop.point), stop.stay_s(start.at)
        spans.append(Span(stay_s, usual.variance * (stay_s / max(1.0, usual.seconds)) ** 2))
        here = stop.point
    return {stop_id: _in_seconds(arrival) for stop_id, arrival in found.items()}


def _there(stop: Stop, told: Arrival) -> Arrival:
    """Return a stop's arrival; of who is there it is known."""
    if stop.arrived_at is None:
        return told
    begins = stop.begins_at(stop.arrived_at)
    return told.model_copy(update={"at": begins, "earliest": begins, "latest": begins})


def _in_seconds(arrival: Arrival) -> Arrival:
    whole = {name: getattr(arrival, name).replace(microsecond=0) for name in ("at", "earliest", "latest")}
    return arrival.model_copy(update=whole)
