"""Pay floors reckoned a second time, from what drivers worked and from the table of law, without the room's code.

What the room pays depends on what it knew when it reckoned: it pays more if more is owed later, and takes nothing back.
So a true-up is right if it reaches the floor by all that happened, and if some of what was known at the close, with any
of what was told of later, leads to no less.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from itertools import chain, combinations, pairwise
from math import asin, ceil, cos, floor, radians, sin, sqrt
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crowdship.settlement.accounts import DRIVER_PAYABLE
from crowdship.settlement.ledger import TIP, PostingKind, posting_id_for

if TYPE_CHECKING:
    from benchmarks.money.ended import Ended

CALIFORNIA, NEW_YORK, SEATTLE = "US-CA", "US-NY-new-york-city", "US-WA-seattle"
PLACES = (NEW_YORK, CALIFORNIA, SEATTLE)
ZONE_OF = {NEW_YORK: "sim-ny", CALIFORNIA: "sim-ca", SEATTLE: "sim-wa"}

CLOCKS = {
    NEW_YORK: ("America/New_York", 0),
    CALIFORNIA: ("America/Los_Angeles", 4),
    SEATTLE: ("America/Los_Angeles", 0),
}
"""Clock on the wall of each place, and the hour of Monday at which its week begins."""

TABLE = Path(__file__).parents[2] / "layers/crowdship/python/crowdship/law/tables/pay.csv"
MILE = Fraction("1609.344")
EARTH_M, DETOUR = 6_371_008.8, 1.3
MOST_LATE = 5
"""Works and duties told of late of whose every selection the upper bound is reckoned; with more it is left out."""

EARNED = frozenset({PostingKind.DELIVERY, PostingKind.HAND_OVER})

Week = tuple[datetime, datetime]


@dataclass(frozen=True)
class Work:
    """Work of a driver for a delivery: from acceptance to the end, with readings of an odometer."""

    driver_id: str
    delivery_id: str
    offer: str
    since: datetime
    until: datetime
    law: tuple[str, ...]
    read: tuple[tuple[datetime, int], ...]

    @property
    def name(self) -> str:
        """The key that tells it from others."""
        return f"{self.delivery_id} of {self.driver_id}"

    def metres(self, begins: datetime, ends: datetime) -> Fraction:
        """Return the metres in a span, even between two readings."""
        way = Fraction(0)
        for (before, low), (after, high) in pairwise(self.read):
            inside = max(min(ends, after) - max(begins, before), timedelta(0))
            way += (high - low) * Fraction(inside // _US, (after - before) // _US)
        return way


@dataclass(frozen=True)
class Duty:
    """A driver goes on duty, or off duty."""

    driver_id: str
    sequence: int
    at: datetime
    is_on: bool

    @property
    def name(self) -> str:
        """The key that tells it from others."""
        return f"duty {self.sequence} of {self.driver_id}"


_US = timedelta(microseconds=1)


def metres_between(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Return the length of a way between two places that no positions tell of, metres."""
    up, across = radians(lat_b - lat_a), radians(lon_b - lon_a)
    part = sin(up / 2) ** 2 + cos(radians(lat_a)) * cos(radians(lat_b)) * sin(across / 2) ** 2
    return 2 * EARTH_M * asin(sqrt(part)) * DETOUR


def week_of(place: str, moment: datetime) -> Week:
    """Return begin and end of the week that a moment is in."""
    name, hour = CLOCKS[place]
    clock = ZoneInfo(name)
    day = (moment.astimezone(clock).replace(tzinfo=None) - timedelta(hours=hour)).date()
    monday = day - timedelta(days=day.weekday())
    begins, ends = (datetime.combine(monday + timedelta(days=n), time(hour), clock).astimezone(UTC) for n in (0, 7))
    return begins, ends


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with TABLE.open(encoding="utf-8") as lines:
        return tuple(row for row in csv.DictReader(lines) if row["status"] != "not_applicable")


@cache
def figure(rule: str, codes: tuple[str, ...], day: date) -> Fraction:
    """Return the highest figure of a rule on a day in some jurisdictions, cents for amounts."""
    rows = (row for row in _rows() if row["rule"] == rule and row["jurisdiction"] in codes)
    valid = [row["value"] for row in rows if row["from"] <= str(day) and (not row["to"] or str(day) < row["to"])]
    return max(Fraction(text.split()[0]) * (100 if " " in text else 1) for text in valid)


def _local_day(place: str, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(CLOCKS[place][0])).date()


def _spans(works: Iterable[Work], before: Iterable[Work]) -> Iterator[tuple[datetime, datetime, list[Work]]]:
    """Yield the spans between begins and ends of works, each with those that fill it.

    Parameters
    ----------
    before : iterable of Work
        Work that ended in an earlier week: moments that it has count there.
    """
    listed, earlier = list(works), list(before)
    for begins, ends in pairwise(sorted({moment for one in (*listed, *earlier) for moment in (one.since, one.until)})):
        there = [one for one in listed if one.since <= begins and ends <= one.until]
        if there and not any(one.since <= begins and ends <= one.until for one in earlier):
            yield begins, ends, there


def _seconds(begins: datetime, ends: datetime) -> Fraction:
    return Fraction((ends - begins) // _US, 10**6)


Pay = Counter[tuple[str, str]]
"""Cents that the books paid by driver and delivery, tips left out."""


def _paid(works: Iterable[Work], pay: Pay) -> int:
    return sum(pay[one.driver_id, one.delivery_id] for one in works)


def california(works: list[Work], before: list[Work], pay: Pay) -> int:
    """Return the cents that a driver is short of in a week."""
    least = Fraction(0)
    for begins, ends, there in _spans(works, before):

        def hour(one: Work, begins: datetime = begins) -> Fraction:
            day = _local_day(CALIFORNIA, begins)
            return figure("minimum_wage", one.law, day) * figure("engaged_wage_percent", one.law, day) / 100

        first = min(there, key=lambda one: (-hour(one), one.since, one.delivery_id))
        least += hour(first) * _seconds(begins, ends) / 3600
        mile = figure("engaged_per_mile", first.law, _local_day(CALIFORNIA, begins))
        least += mile * first.metres(begins, ends) / MILE
    return max(ceil(least) - _paid(works, pay), 0)


def seattle(works: list[Work], before: list[Work], pay: Pay) -> int:
    """Return the cents that a driver is short of in a week: of each offer by itself."""
    ordered = sorted(works, key=lambda one: (one.since, one.delivery_id))
    offers = list(dict.fromkeys(one.offer for one in ordered))
    time_, way = Counter[str](), defaultdict[str, Fraction](Fraction)
    for begins, ends, there in _spans(works, before):
        first = min(there, key=lambda one: (offers.index(one.offer), one.since, one.delivery_id))
        time_[first.offer] += (ends - begins) // _US
        way[first.offer] += first.metres(begins, ends)
    short = 0
    for offer in offers:
        some = [one for one in ordered if one.offer == offer]
        day = _local_day(SEATTLE, some[0].since)
        minute, mile, least = (figure(f"offer_{n}", (SEATTLE,), day) for n in ("per_minute", "per_mile", "minimum"))
        due = max(minute * Fraction(time_[offer], 60 * 10**6) + mile * way[offer] / MILE, least)
        short += max(ceil(due) - _paid(some, pay), 0)
    return short


@dataclass(frozen=True)
class City:
    """A week of New York: by driver what they are short of themselves and their part of what all are; and that sum."""

    own: dict[str, int]
    part: dict[str, Fraction]
    rest: int


def new_york(works: list[Work], near: list[Work], duties: list[Duty], week: Week, pay: Pay) -> City:
    """Return what the drivers of a week are short of.

    Parameters
    ----------
    works, near : list of Work
        Those that ended in the week, and all.
    """
    rate = figure("trip_hour_rate", (NEW_YORK,), _local_day(NEW_YORK, week[0]))
    trips, waits, own, earned = Counter[str](), Counter[str](), dict[str, int](), 0
    for driver in sorted({one.driver_id for one in works} | {one.driver_id for one in duties}):
        mine, own_near = ([one for one in some if one.driver_id == driver] for some in (works, near))
        spans = _spans(mine, _before(own_near, NEW_YORK, week))
        trips[driver] = sum((ends - begins) // _US for begins, ends, _ in spans)
        busy = [(one.since, one.until) for one in own_near]
        waits[driver] = _on_call([one for one in duties if one.driver_id == driver], busy, week)
        own[driver] = max(_half_up(rate, trips[driver]) - _paid(mine, pay), 0)
        earned += own[driver] + _paid(mine, pay)
    rest = max(_half_up(rate, trips.total() + waits.total()) - earned, 0)
    weights = waits if waits.total() else trips
    part = {one: Fraction(rest * weights[one], weights.total() or 1) for one in own}
    return City(own, part, rest)


def _before(works: Iterable[Work], place: str, week: Week) -> list[Work]:
    """Return the works of a place, among some, that ended in the weeks before one."""
    return [one for one in works if one.until < week[0] and place in one.law]


def _half_up(rate: Fraction, microseconds: int) -> int:
    return floor(rate * Fraction(microseconds, 3600 * 10**6) + Fraction(1, 2))


def _on_call(duties: list[Duty], busy: list[Week], week: Week) -> int:
    """Return the microseconds on duty in a week without work."""
    spans: list[Week] = []
    since: datetime | None = None
    for one in sorted(duties, key=lambda one: one.sequence):
        if since:
            spans.append((since, one.at))
        since = one.at if one.is_on else None
    if since:
        spans.append((since, week[1]))
    clipped = [(max(begins, week[0]), min(ends, week[1])) for begins, ends in spans]
    bounds = sorted({moment for span in (*clipped, *busy) for moment in span})
    return sum(
        (ends - begins) // _US
        for begins, ends in pairwise(bounds)
        if any(on <= begins and ends <= off for on, off in clipped)
        and not any(on <= begins and ends <= off for on, off in busy)
    )


def true_ups_reach_the_floor(ended: "Ended") -> Iterator[str]:
    """Find drivers whose pay and true-up of a week are below the floor, and true-ups that are more than it takes."""
    trips = ended.world.trips
    pay = _booked_pay(ended)
    got: Counter[tuple[str, datetime]] = Counter()
    for event in trips.due.values():
        if posting := ended.by_id.get(posting_id_for(event.id)):
            account = DRIVER_PAYABLE.of(event.data["driver_id"])
            begins = datetime.fromisoformat(event.data["begins"])
            got[event.data["driver_id"], begins] -= sum(e.signed for e in posting.entries if e.account == account)
    weeks = {week_of(trips.place, one.until) for one in trips.works}
    weeks |= {week_of(trips.place, moment) for one in trips.duties for moment in (one.at, one.at - timedelta(days=2))}
    for week in sorted(weeks):
        mine = {driver: cents for (driver, begins), cents in got.items() if begins == week[0]}
        works = [one for one in trips.works if week[0] <= one.until < week[1] and trips.place in one.law]
        if trips.place == NEW_YORK:
            yield from _wrong_in_new_york(trips.works, works, trips.duties, trips.late, week, mine, pay)
        else:
            earlier = _before(trips.works, trips.place, week)
            yield from _wrong(trips.place, works, earlier, trips.late, week, mine, pay)
    unknown = {begins for _, begins in got} - {begins for begins, _ in weeks}
    yield from (f"a true-up is for a week without work, of {begins}" for begins in sorted(unknown))


def _booked_pay(ended: "Ended") -> Pay:
    pay: Pay = Counter()
    drivers = {DRIVER_PAYABLE.of(one.id): one.id for one in ended.world.trips.people}
    for posting in ended.postings:
        if posting.kind in EARNED and posting.delivery_id:
            for entry in posting.entries:
                if entry.account in drivers and entry.code != TIP:
                    pay[drivers[entry.account], posting.delivery_id] -= entry.signed
    return pay


def _known[T: (Work, Duty)](some: list[T], late: set[str], chosen: Iterable[str]) -> list[T]:
    known = set(chosen)
    return [one for one in some if one.name not in late or one.name in known]


def _chosen(late: list[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(late, count) for count in range(len(late) + 1))


def _wrong(
    place: str,
    works: list[Work],
    earlier: list[Work],
    late: set[str],
    week: Week,
    got: dict[str, int],
    pay: Pay,
) -> Iterator[str]:
    reckon = california if place == CALIFORNIA else seattle
    for driver in sorted({*got, *(one.driver_id for one in works)}):
        own, before = ([one for one in some if one.driver_id == driver] for some in (works, earlier))
        true_up = got.get(driver, 0)
        if true_up < (short := reckon(own, before, pay)):
            yield f"{driver} is short of {short} cents in the week of {week[0]}, {true_up} were paid"
        told_late = [one.name for one in (*own, *before) if one.name in late and _concerns(one, week)]
        if len(told_late) <= MOST_LATE:
            known = ((_known(own, late, some), _known(before, late, some)) for some in _chosen(told_late))
            most = max(reckon(some, others, pay) for some, others in known)
            if true_up > most:
                yield f"{driver} is short of {most} cents at most in the week of {week[0]}, {true_up} were paid"


def _wrong_in_new_york(
    every: list[Work],
    works: list[Work],
    duties: list[Duty],
    late: set[str],
    week: Week,
    got: dict[str, int],
    pay: Pay,
) -> Iterator[str]:
    city = new_york(works, every, duties, week, pay)
    for driver in sorted({*got, *city.own}):
        true_up, own = got.get(driver, 0), city.own.get(driver, 0)
        if true_up < own:
            yield f"{driver} is short of {own} cents in the week of {week[0]}, {true_up} were paid"
    due, paid = sum(city.own.values()) + city.rest, sum(got.values())
    if paid < due:
        yield f"all drivers are short of {due} cents in the week of {week[0]}, {paid} were paid"
    facts: list[Work | Duty] = [*every, *duties]
    told_late = sorted({one.name for one in facts if one.name in late and _concerns(one, week)})
    if len(told_late) > MOST_LATE:
        return
    if not told_late and paid != due:
        yield f"all drivers are short of {due} cents in the week of {week[0]}, {paid} were paid"
    most: Counter[str] = Counter()
    for chosen in _chosen(told_late):
        some, near = _known(works, late, chosen), _known(every, late, chosen)
        then = new_york(some, near, _known(duties, late, chosen), week, pay)
        for driver, short in then.own.items():
            most[driver] = max(most[driver], short + floor(then.part[driver]) + 1)
    for driver, cents in got.items():
        if cents > most[driver]:
            yield f"{driver} is short of {most[driver]} cents at most in the week of {week[0]}, {cents} were paid"


def _concerns(one: Work | Duty, week: Week) -> bool:
    begins, ends = (one.since, one.until) if isinstance(one, Work) else (one.at, one.at)
    return begins < week[1] and ends >= week[0] - timedelta(days=2)
