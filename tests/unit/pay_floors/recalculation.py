"""What drivers are owed, reckoned a second time from the raw records: minute by minute, and without the calculators.

It reads the table of law by itself, and knows nothing of spans, pieces or readings of an odometer.
"""

import csv
from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from math import ceil, floor
from zoneinfo import ZoneInfo

MILE = Fraction("1609.344")
ZONES = {
    "US-CA": "America/Los_Angeles",
    "US-NY-new-york-city": "America/New_York",
    "US-WA-seattle": "America/Los_Angeles",
}


def figure(table, rule, codes, day):
    rows = [r for r in table if r["rule"] == rule and r["jurisdiction"] in codes and r["status"] != "not_applicable"]
    valid = [r for r in rows if r["from"] <= str(day) and (not r["to"] or str(day) < r["to"])]
    return max((Fraction(r["value"].split()[0]) for r in valid), default=None)


def owed(case, table_file):
    """Return the cents owed by driver; a driver without anything to reckon is left out."""
    with open(table_file, encoding="utf-8") as lines:
        table = list(csv.DictReader(lines))
    zone = ZoneInfo(ZONES[case.place])
    at = time(4) if case.place == "US-CA" else time(0)
    begins, ends = (datetime.combine(case.first + timedelta(days=n), at, zone) for n in (0, 7))
    works = [w for w in case.works if begins <= w.ended < ends]
    found = {}
    for driver in sorted({one.driver for one in (*works, *case.duties)}):
        own = sorted((w for w in works if w.driver == driver), key=lambda w: w.accepted)
        reckon = {"US-CA": california, "US-NY-new-york-city": new_york, "US-WA-seattle": seattle}[case.place]
        duties = [d for d in case.duties if d.driver == driver]
        every = [w for w in case.works if w.driver == driver]
        # Minutes of a trip that ended in an earlier week as well count in that one.
        gone = {
            m for w in every if w.ended < begins and case.place in w.pickup for m in minutes_of(w.accepted, w.minutes)
        }
        busy = {m for w in every for m in minutes_of(w.accepted, w.minutes)}
        if (cents := reckon(own, duties, table, zone, (begins, ends), gone, busy)) is not None:
            found[driver] = cents
    return together(found, table, case.first) if case.place == "US-NY-new-york-city" else found


def minutes_of(begins, count):
    return (begins.astimezone(UTC) + timedelta(minutes=n) for n in range(count))


def california(works, duties, table, zone, bounds, gone, busy):
    best = {}
    works = [w for w in works if "US-CA" in w.pickup]
    for w in works:
        for minute in minutes_of(w.accepted, w.minutes):
            if minute in gone:
                continue
            day = minute.astimezone(zone).date()
            hour = figure(table, "minimum_wage", w.pickup, day) * figure_percent(table, day)
            way = figure(table, "engaged_per_mile", w.pickup, day) * w.metres / w.minutes / MILE
            if minute not in best or hour > best[minute][0]:
                best[minute] = hour, way
    if not best:
        return None
    return max(ceil(100 * sum(hour / 60 + way for hour, way in best.values())) - paid(works), 0)


def figure_percent(table, day):
    return figure(table, "engaged_wage_percent", ("US-CA",), day) / 100


def new_york(works, duties, table, zone, bounds, gone, busy):
    trips = [w for w in works if "US-NY-new-york-city" in w.pickup]
    engaged = {m for w in trips for m in minutes_of(w.accepted, w.minutes)} - gone
    span = (m for d in duties for m in minutes_of(d.since, int((d.until - d.since).total_seconds() // 60)))
    waiting = {m for m in span if bounds[0] <= m < bounds[1]} - busy
    return (len(engaged), len(waiting), paid(trips)) if engaged or waiting else None


def together(drivers, table, first):
    rate = figure(table, "trip_hour_rate", ("US-NY-new-york-city",), first)
    if rate is None:
        return {}
    short = {name: max(half_up(rate, trip) - pay, 0) for name, (trip, _, pay) in drivers.items()}
    minutes = sum(trip + wait for trip, wait, _ in drivers.values())
    rest = max(half_up(rate, minutes) - sum(short.values()) - sum(pay for *_, pay in drivers.values()), 0)
    waits = sum(wait for _, wait, _ in drivers.values())
    return {n: short[n] + (round(Fraction(rest * drivers[n][1], waits)) if waits else 0) for n in drivers}


def half_up(rate, minutes):
    return floor(rate * 100 * minutes / 60 + Fraction(1, 2))


def seattle(works, duties, table, zone, bounds, gone, busy):
    inside, first_of, taken, owed_cents = "US-WA-seattle", {}, set(gone), None
    for w in works:
        if inside not in w.pickup and not w.inside:
            continue
        first_of.setdefault(w.offer or w.name, []).append(w)
    for offer in first_of.values():
        time_, way = 0, Fraction(0)
        for w in offer:
            begin, end = (0, w.minutes) if inside in w.pickup else w.inside
            for number, minute in enumerate(minutes_of(w.accepted, w.minutes)):
                if begin <= number < end and minute not in taken:
                    taken.add(minute)
                    time_, way = time_ + 1, way + Fraction(w.metres, w.minutes) / MILE
        day = offer[0].accepted.astimezone(zone).date()
        a, b, least = (figure(table, f"offer_{n}", (inside,), day) for n in ("per_minute", "per_mile", "minimum"))
        due = ceil(100 * max(a * time_ + b * way, least))
        owed_cents = (owed_cents or 0) + max(due - paid(offer), 0)
    return owed_cents


def paid(works):
    return int(sum(100 * w.pay for w in works))
