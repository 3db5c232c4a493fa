"""An invented city whose traffic nobody is told: drivers drive in it, and their phones say where they are."""

import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.support.area import Box, Place, east_of, wrapped
from crowdship.kernel.geo import metres_between
from crowdship.travel.passages import Sighting
from local.tools.maps import MapError

TIME_ZONE = "America/New_York"
FIRST_DAY = datetime(2026, 3, 2, tzinfo=ZoneInfo(TIME_ZONE))
"""A Monday; on the Sunday after it clocks go forward."""

SOUTH, WEST = 40.0, -75.0
ROWS = 24
NORTH_STEP, EAST_STEP = 0.004, 0.005
"""Degrees between streets: some 440 m."""

BOUNDS = (SOUTH, WEST, SOUTH + (ROWS - 1) * NORTH_STEP, WEST + (ROWS - 1) * EAST_STEP)
RIVER_AFTER, BRIDGES = 11, (3, 8, 12, 17, 21)
"""The row south of the river, and the columns that cross it."""

SHOPS, DRIVERS = 25, 16
MOST_DRAWS = 1000
"""Places that are drawn for one that is reached."""

EVERY_S = 15
HALF_HOUR = timedelta(minutes=30)


def write_streets(path: Path) -> Path:
    """Write a grid of streets, every fourth one quicker, with a river and five bridges, as an ``.osm`` file."""
    lines = ["<?xml version='1.0' encoding='UTF-8'?>", '<osm version="0.6" generator="benchmarks">']
    for row in range(ROWS):
        for column in range(ROWS):
            lat, lon = SOUTH + row * NORTH_STEP, WEST + column * EAST_STEP
            lines.append(f'<node id="{1 + row * ROWS + column}" lat="{lat:.6f}" lon="{lon:.6f}" version="1"/>')
    ways: list[tuple[list[int], bool]] = []
    for number in range(ROWS):
        column = [1 + row * ROWS + number for row in range(ROWS)]
        quick = number % 4 == 0
        ways.append(([1 + number * ROWS + place for place in range(ROWS)], quick))
        if number in BRIDGES:
            ways.append((column, quick))
        else:
            ways += [(column[: RIVER_AFTER + 1], quick), (column[RIVER_AFTER + 1 :], quick)]
    for number, (members, quick) in enumerate(ways, start=1):
        kind, limit = ("secondary", 60) if quick else ("residential", 40)
        nodes = "".join(f'<nd ref="{member}"/>' for member in members)
        tags = f'<tag k="highway" v="{kind}"/><tag k="maxspeed" v="{limit}"/>'
        lines.append(f'<way id="{number}" version="1">{nodes}{tags}</way>')
    path.write_text("\n".join([*lines, "</osm>"]))
    return path


@dataclass(frozen=True)
class Jam:
    """An accident that nobody reported."""

    place: Place
    radius_m: float
    begins: datetime
    ends: datetime
    log_factor: float


@dataclass
class Drive:
    """A leg as it went.

    Parameters
    ----------
    departs, arrives : datetime
        When the app was told.
    seen : list of Sighting
        What the phone sent in between.
    """

    departs: datetime
    arrives: datetime
    seen: list[Sighting]

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.arrives - self.departs).total_seconds()


@dataclass
class HiddenCity:
    """Streets of an OSRM engine with traffic of their own, drawn from a seed.

    Free flow is not reached even at night: there are traffic lights. Traffic is heavy in rush hours, which differ by
    weekday, in the centre, along a diagonal corridor (into the centre in the morning, out of it in the afternoon),
    on wet days, around accidents, on days that are bad for no reason, and wherever an unsteady half hour makes it so.
    Drivers differ in pace, and shops in how long they let drivers wait.
    """

    engine: Any
    bounds: Box
    days: int
    seed: int
    shops: list[Place] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw what nobody is told."""
        drawn = self.random = random.Random(self.seed)
        south, west, north, east = self.bounds
        self.centre = (
            south + (north - south) * drawn.uniform(0.4, 0.6),
            west + (east - west) * drawn.uniform(0.4, 0.6),
        )
        self.width = math.cos(math.radians(self.centre[0]))
        self.reach_m = metres_between(south, west, north, east) / drawn.uniform(5, 8)
        self.angle = drawn.uniform(0, math.pi)
        self.morning, self.evening = drawn.gauss(8.2, 0.25), drawn.gauss(17.4, 0.25)
        self.rush = (drawn.uniform(0.25, 0.45), drawn.uniform(0.35, 0.55), drawn.uniform(0.1, 0.25))
        self.day_shock = [drawn.gauss(0, 0.1) for _ in range(self.days + 1)]
        self.wet = [self._wet_hours() for _ in range(self.days + 1)]
        self.jams = [jam for day in range(self.days) for jam in self._jams(day)]
        steps, unsteady = 0.0, []
        for _ in range(48 * (self.days + 1)):
            steps = 0.8 * steps + drawn.gauss(0, 0.04)
            unsteady.append(steps)
        self.unsteady = unsteady
        self.pace = [drawn.gauss(0, 0.08) for _ in range(DRIVERS)]
        self.shops = [self.place(central=True) for _ in range(SHOPS)]
        self.patience = [(drawn.gauss(math.log(200), 0.5), drawn.uniform(0.25, 0.5)) for _ in self.shops]

    def _wet_hours(self) -> tuple[float, float]:
        begins = self.random.uniform(7, 18)
        return (begins, begins + self.random.uniform(3, 8)) if self.random.random() < 0.2 else (0.0, 0.0)

    def _jams(self, day: int) -> list[Jam]:
        if self.random.random() > 0.4:
            return []
        begins = FIRST_DAY + timedelta(days=day, hours=self.random.uniform(9, 19))
        ends = begins + timedelta(hours=self.random.uniform(1.5, 3))
        return [Jam(self.place(central=True), self.random.uniform(500, 900), begins, ends, math.log(2.2))]

    def place(self, central: bool = False) -> Place:
        """Return a place on a street that leads to the centre and back, half of them or all around there.

        Raises
        ------
        MapError
            If hardly any street does.
        """
        south, west, north, east = self.bounds
        for _ in range(MOST_DRAWS):
            if central or self.random.random() < 0.5:
                lat = self.random.gauss(self.centre[0], (north - south) / 7)
                lon = self.random.gauss(self.centre[1], (east - west) / 7)
            else:
                lat, lon = self.random.uniform(south, north), self.random.uniform(west, east)
            found = self._on_street(min(north, max(south, lat)), min(east, max(west, lon)))
            if self._is_reached(found):
                return found
        lat, lon = self.centre
        raise MapError(
            f"hardly a street leads to {lat:.4f} {wrapped(lon):.4f} and back: choose another part with --box"
        )

    def _on_street(self, lat: float, lon: float) -> Place:
        from osrm import NearestParameters

        lon, lat = self.engine.Nearest(NearestParameters(coordinates=[(wrapped(lon), lat)]))["waypoints"][0]["location"]
        return round(lat, 6), round(lon, 6)

    def _is_reached(self, place: Place) -> bool:
        from osrm import TableParameters

        middle = self._on_street(*self.centre)
        asked = TableParameters(coordinates=[(lon, lat) for lat, lon in (middle, place)], annotations=["duration"])
        return all(seconds is not None for row in self.engine.Table(asked)["durations"] for seconds in row)

    def orders(self, day: int, many: int) -> list[datetime]:
        """Return when orders come in on a day: from eight to ten, most of them around lunch and in the evening."""
        found = []
        while len(found) < many:
            hour = self.random.choice((12.5, 18.5, 18.5, 0.0))
            hour = self.random.gauss(hour, 1.2) if hour else self.random.uniform(8, 22)
            if 8 <= hour < 22:
                found.append(FIRST_DAY + timedelta(days=day, hours=hour))
        # The arithmetic above is on the clock on the wall.
        return sorted(moment.astimezone(UTC) for moment in found)

    def stay(self, shop: int, moment: datetime) -> float:
        """Return for how many seconds a shop lets a driver wait."""
        middle, spread = self.patience[shop]
        hour = self._hour(moment)
        busy = 0.3 * (_bump(hour, 12.5, 0.8) + _bump(hour, 18.7, 1.0))
        return self.random.lognormvariate(middle + busy, spread)

    def _hour(self, moment: datetime) -> float:
        local = moment.astimezone(FIRST_DAY.tzinfo)
        return local.hour + local.minute / 60 + local.second / 3600

    def log_factor(self, here: Place, ahead: tuple[float, float], moment: datetime) -> float:
        """Return the logarithm of how many times as long as in free flow a metre takes.

        Parameters
        ----------
        ahead : tuple of float
            East and north, of any length: where one drives to.
        """
        local = moment.astimezone(FIRST_DAY.tzinfo)
        day, hour = (local.date() - FIRST_DAY.date()).days, self._hour(moment)
        morning, evening = self._rush(local.weekday(), hour)
        east = east_of(self.centre[1], here[1]) * self.width * 111_195
        north = (here[0] - self.centre[0]) * 111_195
        central = math.exp(-((math.hypot(east, north) / self.reach_m) ** 2))
        found = 0.05 + 0.15 * central + (morning + evening) * (0.6 + 0.9 * central)
        along = (math.cos(self.angle), math.sin(self.angle))
        if abs(east * along[1] - north * along[0]) < 350:
            inward = (ahead[0] * east + ahead[1] * north) < 0
            found += 0.15 + (0.8 * morning if inward else 0.8 * evening)
        wet = self.wet[day]
        found += self.day_shock[day] + (0.22 if wet[0] <= hour < wet[1] else 0.0)
        found += self.unsteady[int((moment - FIRST_DAY) / HALF_HOUR)]
        for jam in self.jams:
            if jam.begins <= moment < jam.ends and metres_between(*here, *jam.place) < jam.radius_m:
                found += jam.log_factor
        return found

    def _rush(self, weekday: int, hour: float) -> tuple[float, float]:
        if weekday == 6:
            return 0.0, 0.05 * _bump(hour, 15, 3)
        if weekday == 5:
            return 0.0, self.rush[2] * _bump(hour, 13, 2.5)
        evening = self.evening - (1.0 if weekday == 4 else 0.0)
        return self.rush[0] * _bump(hour, self.morning, 0.85), self.rush[1] * _bump(hour, evening, 1.25)

    def drive(self, driver: int, a: Place, b: Place, departs: datetime) -> Drive | None:
        """Return how a driver gets from ``a`` to ``b`` by the quickest way in free flow; None if there is none."""
        from osrm import RouteParameters

        asked = RouteParameters(
            coordinates=[(a[1], a[0]), (b[1], b[0])],
            geometries="geojson",
            overview="full",
            annotations=["duration"],
            generate_hints=False,
        )
        try:
            route = self.engine.Route(asked)["routes"][0]
        except RuntimeError:
            return None
        line = [(lat, lon) for lon, lat in route["geometry"]["coordinates"]]
        times = list(route["legs"][0]["annotation"]["duration"])
        turns = route["duration"] / max(1.0, sum(times))
        begins = departs + timedelta(seconds=self.random.uniform(0, 60))  # the app was told, the engine not started
        path, clock = [(a, departs), (a, begins)], begins
        mood = self.pace[driver] + self.random.gauss(0, 0.06)
        for (here, there), free_flow_s in zip(pairwise(line), times, strict=False):
            pieces = max(1, math.ceil(free_flow_s / EVERY_S))
            ahead = (east_of(here[1], there[1]) * self.width, there[0] - here[0])
            for piece in range(pieces):
                share = (piece + 1) / pieces
                place = (here[0] + share * (there[0] - here[0]), wrapped(here[1] + share * east_of(here[1], there[1])))
                slow = self.log_factor(place, ahead, clock) + mood + self.random.gauss(0, 0.15)
                clock += timedelta(seconds=free_flow_s * turns / pieces * math.exp(slow))
                path.append((place, clock))
            if self.random.random() < min(0.3, free_flow_s / 100):
                clock += timedelta(seconds=min(90, self.random.expovariate(1 / 18)))  # a red light
                path.append((there, clock))
        arrives = clock + timedelta(seconds=self.random.uniform(5, 60))  # parked, then told the app
        path.append((path[-1][0], arrives))
        return Drive(departs, arrives, self._seen(path))

    def _seen(self, path: list[tuple[Place, datetime]]) -> list[Sighting]:
        """Return what a phone says on a path: some metres off, at times silent, vague or far off."""
        found, at, step = [], path[0][1], 0
        while at <= path[-1][1]:
            while step + 2 < len(path) and path[step + 1][1] < at:
                step += 1
            (here, left), (there, reached) = path[step], path[step + 1]
            share = min(1.0, (at - left) / max(reached - left, timedelta(milliseconds=1)))
            accuracy = self.random.uniform(4, 15)
            off, luck = accuracy / 2, self.random.random()
            if luck < 0.003:
                off = 2000.0
            elif luck < 0.013:
                off = accuracy = 200.0
            if luck < 0.98:
                north, east = self.random.gauss(0, off) / 111_195, self.random.gauss(0, off) / 111_195 / self.width
                lat = here[0] + share * (there[0] - here[0]) + north
                lon = wrapped(here[1] + share * east_of(here[1], there[1]) + east)
                found.append(Sighting(round(lat, 6), round(lon, 6), at.replace(microsecond=0), round(accuracy, 1)))
            at += timedelta(seconds=EVERY_S)
        return found


def _bump(hour: float, middle: float, width: float) -> float:
    return math.exp(-(((hour - middle) / width) ** 2) / 2)
