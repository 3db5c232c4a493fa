"""Trips of a city's drivers, and the arrivals that each method foretells for them."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from statistics import fmean

from benchmarks.support.area import Place
from benchmarks.support.hidden_city import DRIVERS, FIRST_DAY, TIME_ZONE, Drive, HiddenCity
from crowdship.kernel.geo import metres_between
from crowdship.travel.engines.roads import Roads
from crowdship.travel.expectation import Arrival, Dwell, Errors, interval
from crowdship.travel.in_traffic import InTraffic
from crowdship.travel.passages import passages
from crowdship.travel.times import GreatCircle, TravelTimes
from crowdship.travel.traffic import Traffic
from crowdship.zones.model import TravelRules

RULES = TravelRules()


LEARN_EVERY = timedelta(minutes=5)


LEARNED, LEARNED_BLIND = "learned", "learned, no map"


METHODS = ("great circle", "free flow", "last hour", LEARNED_BLIND, LEARNED)


FROM_SHOP, FROM_ORDER = "from the shop", "from the order"


@dataclass(frozen=True)
class Trip:
    """A delivery as it went."""

    start: Place
    shop: int
    there: Place
    door: Place
    to_shop: Drive
    to_door: Drive

    @property
    def stay_s(self) -> float:
        """Seconds at the shop."""
        return (self.to_door.departs - self.to_shop.arrives).total_seconds()


@dataclass(frozen=True)
class Foretold:
    """The expected and the true duration of a trip, seconds."""

    day: int
    method: str
    what: str
    expected: float
    actual: float
    held: bool | None = None
    width: float = 0.0


Legs = tuple[float, float]
"""Seconds of driving to the shop and to the door."""


@dataclass
class Learner:
    """The platform's own method: it learns from positions, errors and stays, and foretells with an interval."""

    base: TravelTimes
    traffic: Traffic = field(default_factory=lambda: Traffic(time_zone=TIME_ZONE))
    errors: Errors = field(default_factory=Errors)
    dwell: Dwell = field(default_factory=lambda: Dwell(usual_s=RULES.pickup_dwell_s))
    seconds: float = 0.0

    def learn(self, told: Sequence[tuple[Trip, Legs]], now: datetime) -> None:
        """Learn from trips that are over, with the seconds that had been foretold for their two legs."""
        began = time.process_time()
        seen = [leg.seen for trip, _ in told for leg in (trip.to_shop, trip.to_door)]
        self.traffic = self.traffic.learn([one for trace in seen for one in passages(trace, self.base)], now)
        self.dwell = self.dwell.learn([(f"shop-{trip.shop}", now, trip.stay_s) for trip, _ in told], now)
        took = [(legs, (trip.to_shop.seconds, trip.to_door.seconds)) for trip, legs in told]
        self.errors = self.errors.learn([(now, *both) for pair in took for both in zip(*pair, strict=True)], now)
        self.seconds += time.process_time() - began

    def driving(self, a: Place, b: Place, now: datetime) -> float:
        """Return seconds of driving."""
        return InTraffic(self.base, self.traffic, now).seconds_between(a, b)

    def foretell(self, trip: Trip, now: datetime) -> tuple[Arrival, float]:
        """Return when the customer is expected to be reached, and the seconds of the first leg."""
        stay, first = self.dwell.expected(f"shop-{trip.shop}"), self.driving(trip.start, trip.there, now)
        second = self.driving(trip.there, trip.door, now + timedelta(seconds=first + stay.seconds))
        return interval(now, [self.errors.expected(first), stay, self.errors.expected(second)]), first

    def foretell_last(self, trip: Trip, now: datetime) -> tuple[Arrival, float]:
        """Return the same once the driver leaves the shop, and the seconds of the second leg."""
        driving = self.driving(trip.there, trip.door, now)
        return interval(now, [self.errors.expected(driving)]), driving


@dataclass
class LastHour:
    """Free flow times the mean of the last hour, and the last hour's mean stay."""

    base: TravelTimes
    seen: deque[tuple[datetime, float, float, float]] = field(default_factory=deque)
    ratio: float = 1.0
    stay_s: float = float(RULES.pickup_dwell_s)

    def learn(self, trips: Iterable[Trip], now: datetime) -> None:
        """Take trips that are over into the mean."""
        for trip in trips:
            free = self.base.seconds_between(trip.start, trip.there) + self.base.seconds_between(trip.there, trip.door)
            self.seen.append((trip.to_door.arrives, free, trip.to_shop.seconds + trip.to_door.seconds, trip.stay_s))
        while self.seen and self.seen[0][0] < now - timedelta(hours=1):
            self.seen.popleft()
        if self.seen:  # otherwise the last that was known
            free_s = sum(free for _, free, _, _ in self.seen)
            self.ratio = sum(took for _, _, took, _ in self.seen) / free_s if free_s else self.ratio
            self.stay_s = fmean(stay for *_, stay in self.seen)


def trips(city: HiddenCity, orders: int) -> Iterator[tuple[int, Trip]]:
    """Yield days and deliveries in the order in which drivers, the nearest that are free, set out."""
    free_at = [FIRST_DAY.astimezone(UTC)] * DRIVERS
    stands = [city.place() for _ in range(DRIVERS)]
    for day in range(city.days):
        for moment in city.orders(day, orders):
            shop = city.random.randrange(len(city.shops))
            there = city.shops[shop]
            free = [driver for driver in range(DRIVERS) if free_at[driver] <= moment]
            if not free:
                continue  # nobody takes it: who foretells has nothing to say
            driver = min(free, key=lambda one: metres_between(*stands[one], *there))
            start, door = stands[driver], city.place()
            to_shop = city.drive(driver, start, there, moment)
            leaves = to_shop and to_shop.arrives + timedelta(seconds=city.stay(shop, to_shop.arrives))
            to_door = leaves and city.drive(driver, there, door, leaves)
            if not to_shop or not to_door:
                continue  # on real maps there are corners that can't be left
            free_at[driver] = to_door.arrives + timedelta(seconds=RULES.dropoff_dwell_s)
            stands[driver] = door
            yield day, Trip(start, shop, there, door, to_shop, to_door)


@dataclass
class Replay:
    """A replay in order of time: a trip is foretold as it begins, again at the shop, and is known when it is over.

    Parameters
    ----------
    roads : Roads
        Free flow, as the platform knows it.
    """

    roads: Roads
    found: list[Foretold] = field(default_factory=list)
    _waiting: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _over: list[tuple[Trip, dict[str, Legs]]] = field(default_factory=list)
    _learned_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)

    def __post_init__(self) -> None:
        """Have those who foretell."""
        self.circle, self.last_hour = GreatCircle(RULES), LastHour(self.roads)
        self.learners = {LEARNED: Learner(self.roads), LEARNED_BLIND: Learner(GreatCircle(RULES))}

    def run(self, city: HiddenCity, orders: int, told: Callable[[str], None]) -> None:
        """Play all days of a city."""
        shown = -1
        for day, trip in trips(city, orders):
            if day != shown:
                shown = day
                told(f"day {day + 1} of {city.days}")
            self._until(trip.to_shop.departs)
            self._begin(day, trip)
        self._until(None)

    def _until(self, moment: datetime | None) -> None:
        while self._waiting and (moment is None or self._waiting[0][0] <= moment):
            at, _, act = heappop(self._waiting)
            self._learn(at)
            act()
        if moment is not None:
            self._learn(moment)

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        heappush(self._waiting, (moment, len(self.found), act))

    def _learn(self, now: datetime) -> None:
        if not self._over or now - self._learned_at < LEARN_EVERY:
            return
        for method, learner in self.learners.items():
            learner.learn([(trip, legs[method]) for trip, legs in self._over], now)
        self.last_hour.learn([trip for trip, _ in self._over], now)
        self._over.clear()
        self._learned_at = now

    def _begin(self, day: int, trip: Trip) -> None:
        now = trip.to_shop.departs
        actual = (trip.to_door.arrives - now).total_seconds()
        ways = ((trip.start, trip.there), (trip.there, trip.door))
        circle, free = (sum(port.seconds_between(*way) for way in ways) for port in (self.circle, self.roads))
        plain = {
            "great circle": circle + RULES.pickup_dwell_s,
            "free flow": free + RULES.pickup_dwell_s,
            "last hour": free * self.last_hour.ratio + self.last_hour.stay_s,
        }
        for method, expected in plain.items():
            self.found.append(Foretold(day, method, FROM_ORDER, expected, actual))
        first = {}
        for method, learner in self.learners.items():
            arrival, first[method] = learner.foretell(trip, now)
            self._note(day, method, FROM_ORDER, arrival, now, actual)
        self._at(trip.to_door.departs, lambda: self._leave(day, trip, first))

    def _leave(self, day: int, trip: Trip, first: dict[str, float]) -> None:
        now, actual, way = trip.to_door.departs, trip.to_door.seconds, (trip.there, trip.door)
        circle, free = (port.seconds_between(*way) for port in (self.circle, self.roads))
        plain = {"great circle": circle, "free flow": free, "last hour": free * self.last_hour.ratio}
        for method, expected in plain.items():
            self.found.append(Foretold(day, method, FROM_SHOP, expected, actual))
        legs = {}
        for method, learner in self.learners.items():
            arrival, second = learner.foretell_last(trip, now)
            legs[method] = first[method], second
            self._note(day, method, FROM_SHOP, arrival, now, actual)
        self._at(trip.to_door.arrives, lambda: self._over.append((trip, legs)))

    def _note(self, day: int, method: str, what: str, arrival: Arrival, now: datetime, actual: float) -> None:
        at, first, last = ((end - now).total_seconds() for end in (arrival.at, arrival.earliest, arrival.latest))
        self.found.append(Foretold(day, method, what, at, actual, first <= actual <= last, last - first))
