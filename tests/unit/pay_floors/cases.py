"""Worked cases of pay floors: raw records of work and duty, as a file of lines that people can check by hand."""

import csv
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

FILE = Path(__file__).with_name("cases.csv")

OUTSIDE = ("US", "US-WA", "US-WA-king")
PLACES = {
    "CA": ("US", "US-CA", "US-CA-fresno"),
    "SF": ("US", "US-CA", "US-CA-san-francisco"),
    "TX": ("US", "US-TX"),
    "NYC": ("US", "US-NY", "US-NY-kings", "US-NY-new-york-city"),
    "NYS": ("US", "US-NY", "US-NY-westchester"),
    "SEA": (*OUTSIDE, "US-WA-seattle"),
    "OUT": OUTSIDE,
}


@dataclass(frozen=True)
class RawWork:
    """What happened, before anybody reckons: acceptance, length, way, pay and tip."""

    driver: str
    name: str
    accepted: datetime
    minutes: int
    metres: int
    pay: Decimal
    tip: Decimal
    pickup: tuple[str, ...]
    dropoff: tuple[str, ...]
    offer: str | None
    inside: tuple[int, int] | None

    @property
    def ended(self):
        return self.accepted + timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class RawDuty:
    """A driver was on duty in a zone of the city."""

    driver: str
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Case:
    name: str
    place: str
    first: date
    law: str
    works: tuple[RawWork, ...]
    duties: tuple[RawDuty, ...]
    least: dict[str, Decimal]
    due: dict[str, Decimal]

    def __str__(self):
        return self.name


WORK = re.compile(
    r"(?P<driver>[A-Z]) (?P<at>\S+) (?P<minutes>\d+)min (?P<miles>[\d.]+)mi (?P<pay>[\d.]+) (?P<place>\S+)(?P<more>.*)"
)
DUTY = re.compile(r"(?P<driver>[A-Z]) (?P<at>\S+) (?P<minutes>\d+)min")


def _work(number, text):
    read = WORK.fullmatch(text)
    more = dict(part.split("=") for part in read["more"].split())
    begins, _, ends = read["place"].partition(">")
    inside = tuple(map(int, more["inside"].split("-"))) if "inside" in more else None
    return RawWork(
        driver=read["driver"],
        name=f"dlv_{number}",
        accepted=datetime.fromisoformat(read["at"]),
        minutes=int(read["minutes"]),
        metres=int(Fraction(read["miles"]) * Fraction("1609.344")),
        pay=Decimal(read["pay"]),
        tip=Decimal(more.get("tip", "0")),
        pickup=PLACES[begins],
        dropoff=PLACES[ends or begins],
        offer=more.get("offer"),
        inside=inside,
    )


def _duty(text):
    read = DUTY.fullmatch(text)
    since = datetime.fromisoformat(read["at"])
    return RawDuty(read["driver"], since, since + timedelta(minutes=int(read["minutes"])))


def _amounts(text):
    return {driver: Decimal(amount) for driver, amount in (one.split() for one in _parts(text))}


def _parts(text):
    return [part for part in text.split("; ") if part]


def cases():
    with FILE.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield Case(
                name=row["case"],
                place=row["place"],
                first=date.fromisoformat(row["first"]),
                law=row["law"],
                works=tuple(_work(number, text) for number, text in enumerate(_parts(row["works"]))),
                duties=tuple(map(_duty, _parts(row["duties"]))),
                least=_amounts(row["least"]),
                due=_amounts(row["due"]),
            )
