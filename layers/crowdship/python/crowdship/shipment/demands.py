"""Demands of the law on a delivery: the rules of its goods that hold at its places, put together. Pure.

A delivery carries what was resolved as it was ordered, so that planning looks nowhere else. What is captured at a stop
follows the rules of the day on which the driver is there (``completed``).
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import StringConstraints

from crowdship.kernel.events import Value
from crowdship.kernel.hours import passings
from crowdship.law.book import LAW
from crowdship.law.model import EVERYWHERE, Rule
from crowdship.shipment.goods import Demand, Goods, rule_of
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.requirements.temperature import Range

Name = Annotated[str, StringConstraints(max_length=60)]

LOOK_AHEAD = timedelta(days=3)
"""The time ahead in which an allowed moment is looked for; no law closes a whole day."""


class AppliedRule(Value):
    """A rule that was applied to a delivery, for people."""

    rule: str
    value: str
    jurisdiction: str
    status: str
    source: str

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """Return it for a rule of the law."""
        return cls(
            rule=rule.name,
            value=rule.written,
            jurisdiction=rule.jurisdiction,
            status=str(rule.status),
            source=rule.source,
        )


class ClosedHours(Value):
    """Hours of the local day of a jurisdiction in which nothing may be handed over, from the first up to the second."""

    jurisdiction: str
    time_zone: str
    begins: time
    ends: time


class Demands(Value):
    """The law's demands on a delivery, resolved for its places.

    Parameters
    ----------
    credentials : tuple of str
        What the driver must hold.
    dedicated_only : bool
        Whether only a merchant's own driver may carry it.
    attended : bool
        Whether nothing may be left at the door.
    no_swap : bool
        Whether goods on board stay with their driver.
    refusals : tuple of str
        Reasons by which the driver may refuse the hand-over, beside those of every delivery.
    disposition : bool
        Whether it must be recorded what became of goods that were not delivered.
    closed : tuple of ClosedHours
        When nothing may be handed over.
    rules : tuple of AppliedRule
        What all of it follows from.
    """

    credentials: tuple[Name, ...] = ()
    dedicated_only: bool = False
    attended: bool = False
    no_swap: bool = False
    refusals: tuple[Name, ...] = ()
    disposition: bool = False
    closed: tuple[ClosedHours, ...] = ()
    rules: tuple[AppliedRule, ...] = ()

    def closed_until(self, at: datetime) -> datetime | None:
        """Return until when nothing may be handed over at a moment, or None if it may."""
        return next((ends for begins, ends in _closed_spans(self.closed, at) if begins <= at < ends), None)

    def open_parts(self, opens_at: datetime, closes_at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the parts of a span of two days at most in which something may be handed over."""
        begins = opens_at
        for closes, opens in _closed_spans(self.closed, opens_at):
            if begins < closes:
                yield begins, min(closes, closes_at)
            begins = max(begins, opens)
            if begins >= closes_at:
                return
        yield begins, closes_at

    def joined(self, other: Self) -> Self:
        """Return the demands of two moments together, as strict as both."""
        return self.model_copy(
            update={
                "credentials": tuple(sorted({*self.credentials, *other.credentials})),
                "dedicated_only": self.dedicated_only or other.dedicated_only,
                "attended": self.attended or other.attended,
                "no_swap": self.no_swap or other.no_swap,
                "refusals": tuple(dict.fromkeys((*self.refusals, *other.refusals))),
                "disposition": self.disposition or other.disposition,
                "closed": tuple(dict.fromkeys((*self.closed, *other.closed))),
                "rules": tuple(dict.fromkeys((*self.rules, *other.rules))),
            }
        )


def _closed_spans(closed: Collection[ClosedHours], around: datetime) -> list[tuple[datetime, datetime]]:
    """Return the closed spans from the day before a moment on, in UTC and in order; those that meet are one.

    As clocks go back, a time comes twice: the span begins at its first and ends at its second passing. As they go
    forward, a time never comes: the span begins with the change, and ends as if the clocks had not been changed.
    """
    found = sorted(span for each in closed for span in _spans_of(each, around))
    merged: list[tuple[datetime, datetime]] = []
    for begins, ends in found:
        if merged and begins <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(ends, merged[-1][1])
        else:
            merged.append((begins, ends))
    return merged


def _spans_of(closed: ClosedHours, around: datetime) -> Iterator[tuple[datetime, datetime]]:
    zone = ZoneInfo(closed.time_zone)
    today = around.astimezone(zone).date()
    for ahead in range(-1, LOOK_AHEAD.days):
        day = today + timedelta(days=ahead)
        last = day if closed.ends > closed.begins else day + timedelta(days=1)
        yield passings(day, closed.begins, zone)[0], max(passings(last, closed.ends, zone))


def demands_of(
    goods: Goods | None, pickup_law: Collection[str], dropoff_law: Collection[str], at: datetime
) -> Demands | None:
    """Return the law's demands on a delivery at a moment, or None for goods without rules of their own.

    Parameters
    ----------
    pickup_law, dropoff_law : collection of str
        Jurisdictions of both places, as ``law.places.jurisdictions_of`` returns them.
    """
    if goods is None:
        return None
    pickup, dropoff = tuple(pickup_law), tuple(dropoff_law)
    found = _rules(goods, pickup, dropoff, at)
    age = found.get(Demand.DRIVER_AGE)
    credentials = (*_names(found.get(Demand.CREDENTIALS)), *((f"age_{age.number}",) if age else ()))
    return Demands(
        credentials=tuple(sorted(set(credentials))),
        dedicated_only=_says_yes(found.get(Demand.DEDICATED_ONLY)),
        attended=_says_yes(found.get(Demand.ATTENDED)),
        no_swap=_says_yes(found.get(Demand.NO_SWAP)),
        refusals=_names(found.get(Demand.REFUSALS)),
        disposition=_says_yes(found.get(Demand.DISPOSITION)),
        closed=tuple(_closed_in(goods, dropoff, at)),
        rules=tuple(AppliedRule.of(rule) for rule in found.values()),
    )


def _rules(goods: Goods, pickup: Collection[str], dropoff: Collection[str], at: datetime) -> dict[Demand, Rule]:
    named = ((demand, rule_of(goods, demand)) for demand in Demand)
    found = ((demand, LAW.at(name, at, pickup, dropoff)) for demand, name in named if name in LAW.kinds)
    return {demand: rule for demand, rule in found if rule}


def _names(rule: Rule | None) -> tuple[str, ...]:
    return rule.items if rule else ()


def _says_yes(rule: Rule | None) -> bool:
    return rule is not None and rule.value is True


def _closed_in(goods: Goods, dropoff: Collection[str], at: datetime) -> Iterator[ClosedHours]:
    """Yield the closed hours of each jurisdiction by its own clocks; where it has two time zones, those of both."""
    name = rule_of(goods, Demand.CLOSED_HOURS)
    for code in dropoff if name in LAW.kinds else ():
        rule = LAW.in_force(name, code, at)
        if rule is None or not rule.applies or not isinstance(rule.value, tuple):
            continue
        for zone in LAW.jurisdictions[code].timezones:
            for span in rule.value:
                if isinstance(span, tuple):
                    yield ClosedHours(jurisdiction=code, time_zone=zone, begins=span[0], ends=span[1])


def requirements_of(
    goods: Goods | None, pickup_law: Collection[str], dropoff_law: Collection[str], at: datetime
) -> Requirements:
    """Return what the law of a moment requires at the stops of a delivery; only what it says is set."""
    found = _rules(goods, pickup_law, dropoff_law, at) if goods else {}
    least, most = found.get(Demand.TEMPERATURE_LEAST), found.get(Demand.TEMPERATURE_MOST)
    said: dict[str, object] = dict.fromkeys(_names(found.get(Demand.CAPTURES)), True)
    if age := found.get(Demand.MINIMUM_AGE):
        said["minimum_age"] = age.number
    if affirmed := _names(found.get(Demand.AFFIRMATIONS)):
        said["affirmations"] = affirmed
    if least or most:
        said["temperature"] = Range(
            least_c=float(least.written) if least else None, most_c=float(most.written) if most else None
        )
    return Requirements.model_validate(said)


def local_day(dropoff_law: Collection[str], at: datetime) -> date:
    """Return the local day of a moment at a place; the earlier one where its jurisdictions have several time zones."""
    known = [code for code in dropoff_law if code in LAW.jurisdictions]
    narrowest = [code for code in known if not any(other.startswith(f"{code}-") for other in known)]
    return min(day for code in narrowest or [EVERYWHERE] for day in LAW.jurisdictions[code].days_at(at))


def completed(
    requirements: Requirements,
    goods: Goods | None,
    pickup_law: Collection[str],
    dropoff_law: Collection[str],
    at: datetime,
) -> Requirements:
    """Return what a delivery requires, with what the law of a moment demands for its goods."""
    if goods is None:
        return requirements
    return requirements.with_demands(requirements_of(goods, pickup_law, dropoff_law, at))
