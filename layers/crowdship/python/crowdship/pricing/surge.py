"""Surge: a multiplier of the charge that follows the lack of drivers in a zone. Pure.

A round measures a zone's pressure: orders without a driver for each driver who is free or soon will be, times how much
longer than usual the way to the pickup takes. Measures are smoothed by time, as

    smoothed = w * measured + (1 - w) * smoothed before,   w = 1 - 0.5 ^ (seconds since / half-life)

The curve gives a multiplier for the smoothed pressure, linear between its points. A new multiplier is announced if it
is ``hysteresis_percent`` away from the one announced before, at most ``step_percent`` further, and holds from
``notice_s`` after its announcement. Without a new measure it ends after ``hold_minutes``, and a person's one at the
moment that the person named. That an end of its own came is announced once, by ``ended`` or the next announcement.
"""

from bisect import bisect_right
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from crowdship.kernel.clock import Moment, written
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id
from crowdship.pricing.basis import WITHOUT_SURGE

HIGHEST_PERCENT = 300
"""The highest multiplier that a table may have, percent."""

MEASURES_KEPT = 60
"""The last measures of a zone that are kept, to be drawn."""

ROUNDED_TO = 5
"""Multipliers are announced in steps of this many percent."""


class CurvePoint(Value):
    """A point of a curve: a pressure, and the multiplier from there on in percent."""

    pressure: float = Field(ge=0, le=1000)
    percent: int = Field(ge=WITHOUT_SURGE, le=HIGHEST_PERCENT)


def _rising(points: tuple[CurvePoint, ...]) -> tuple[CurvePoint, ...]:
    for before, after in pairwise(points):
        if after.pressure <= before.pressure:
            raise ValueError(f"pressure {after.pressure:g} follows {before.pressure:g}; each has to be higher")
        if after.percent < before.percent:
            raise ValueError(f"{after.percent} % follows {before.percent} %; none may be lower than the one before")
    return points


class SurgeRules(Value):
    """Rules of a zone's surge, a part of its price table.

    Parameters
    ----------
    curve : tuple of CurvePoint
        Multipliers by pressure; below the first point there is no surge, beyond the last it stays.
    cap_percent : int
        The highest multiplier, which a person can't exceed either.
    step_percent : int
        The most that a multiplier changes from one announcement to the next.
    hysteresis_percent : int
        The least difference that is announced.
    every_seconds : int
        The shortest time between two measures.
    half_life_seconds : int
        The time in which a measure loses half of its weight.
    notice_seconds : int
        From an announcement to the moment from which it holds.
    hold_minutes : int
        The longest time that a multiplier holds without a new measure.
    usual_pickup_minutes : int
        The way to a pickup that counts as usual; a longer one raises the pressure in proportion.
    pay_share_percent : int
        The share of the merchant's surge that is paid to the driver.
    """

    curve: Annotated[tuple[CurvePoint, ...], AfterValidator(_rising)] = Field(min_length=2, max_length=20)
    cap_percent: int = Field(default=200, ge=WITHOUT_SURGE, le=HIGHEST_PERCENT)
    step_percent: int = Field(default=25, ge=ROUNDED_TO, le=100)
    hysteresis_percent: int = Field(default=10, ge=0, le=50)
    every_seconds: int = Field(default=180, ge=30, le=3600)
    half_life_seconds: int = Field(default=300, ge=30, le=7200)
    notice_seconds: int = Field(default=60, ge=0, le=3600)
    hold_minutes: int = Field(default=15, ge=5, le=240)
    usual_pickup_minutes: int = Field(default=8, ge=1, le=120)
    pay_share_percent: int = Field(default=70, ge=0, le=100)

    @model_validator(mode="after")
    def _holds_until_measured(self) -> Self:
        if self.hold_minutes * 60 <= self.every_seconds + self.notice_seconds:
            raise ValueError("hold_minutes has to be longer than every_seconds and notice_seconds together")
        return self

    def percent_at(self, pressure: float) -> int:
        """Return the multiplier for a pressure, percent, within 100 and the cap.

        Examples
        --------
        >>> rules = SurgeRules(curve=[{"pressure": 1, "percent": 100}, {"pressure": 3, "percent": 200}])
        >>> [rules.percent_at(pressure) for pressure in (0.5, 1.0, 2.0, 9.0)]
        [100, 100, 150, 200]
        """
        at = bisect_right([point.pressure for point in self.curve], pressure)
        if at == 0:
            return WITHOUT_SURGE
        if at == len(self.curve):
            return min(self.cap_percent, self.curve[-1].percent)
        low, high = self.curve[at - 1], self.curve[at]
        share = (pressure - low.pressure) / (high.pressure - low.pressure)
        return min(self.cap_percent, round(low.percent + share * (high.percent - low.percent)))


class Measure(Value):
    """A measure of a zone at a moment.

    Parameters
    ----------
    orders : int
        Orders that may be fetched and have no driver.
    drivers : int
        Drivers who are free, or will be within the time in which a zone asks ahead.
    pickup_s : float or None
        Mean seconds to the pickup of the offers that the round made; None if it made none.
    """

    at: Moment
    orders: int = Field(ge=0)
    drivers: int = Field(ge=0)
    pickup_s: float | None = Field(default=None, ge=0)

    def pressure(self, rules: SurgeRules) -> float:
        """Return the lack of drivers: orders for each driver, more where the ways to the pickups are long."""
        longer = max(1.0, (self.pickup_s or 0.0) / (60 * rules.usual_pickup_minutes))
        return self.orders / max(1, self.drivers) * longer


class SurgeMeasure(Value):
    """A measure with its pressure, as it was smoothed, and the multiplier that was announced after it."""

    at: Moment
    orders: int
    drivers: int
    pressure: float
    smoothed: float
    percent: int


class SurgeAnnouncement(Value):
    """A multiplier, from when and until when it holds; ``by`` is the person who set it, or None if it was measured."""

    id: str
    percent: int
    announced_at: Moment
    holds_from: Moment
    until: Moment
    by: str | None = None

    def holds(self, now: datetime) -> bool:
        """Return whether it holds at a moment."""
        return self.holds_from <= now < self.until


class SurgeOverride(Value):
    """A person's multiplier in place of the measured one, until a moment; 100 stops the surge."""

    percent: int = Field(ge=WITHOUT_SURGE, le=HIGHEST_PERCENT, description="100 stops the surge")
    until: Moment = Field(description="At most 24 hours ahead")
    reason: Annotated[str, StringConstraints(min_length=3, max_length=200, strip_whitespace=True)]


class Surge(Aggregate):
    """The surge of a zone; its id is the zone's.

    Parameters
    ----------
    newest, before : SurgeAnnouncement or None
        The newest announcement, and the one that holds until it does.
    smoothed : float
        The smoothed pressure at the newest measure.
    override : SurgeOverride or None
        A person's multiplier; measures change nothing while it stands.
    """

    newest: SurgeAnnouncement | None = None
    before: SurgeAnnouncement | None = None
    smoothed: float = 0.0
    measures: tuple[SurgeMeasure, ...] = ()
    override: SurgeOverride | None = None

    def at(self, now: datetime) -> SurgeAnnouncement | None:
        """Return the announcement that holds at a moment, if it adds something."""
        found = next((one for one in (self.newest, self.before) if one and one.holds(now)), None)
        # A later announcement ends the one before it, also when its own time is over.
        if found is self.before and self.newest and now >= self.newest.holds_from:
            return None
        return found if found and found.percent > WITHOUT_SURGE else None

    def percent_at(self, now: datetime) -> int:
        """Return the multiplier at a moment, percent."""
        holding = self.at(now)
        return holding.percent if holding else WITHOUT_SURGE

    def is_due(self, rules: SurgeRules, now: datetime) -> bool:
        """Return whether the zone is to be measured at a moment."""
        return not self.measures or (now - self.measures[-1].at).total_seconds() >= rules.every_seconds

    def is_overridden(self, now: datetime) -> bool:
        """Return whether a person's multiplier stands at a moment."""
        return self.override is not None and now < self.override.until

    @property
    def ends_at(self) -> datetime | None:
        """The moment at which it ends by itself and that is to be announced; None without a surge."""
        return self.newest.until if self.newest and self.newest.percent > WITHOUT_SURGE else None

    def ended(self, now: datetime) -> Self:
        """Return the surge with the announcement that its newest multiplier has ended by itself; once for each."""
        if self.newest is None or self.ends_at is None or now < self.ends_at:
            return self
        return self._announce(WITHOUT_SURGE, now, self.ends_at, self.ends_at, "ended", was=self.newest.percent)

    def measured(self, measure: Measure, rules: SurgeRules) -> Self:
        """Return the surge after a measure, with an announcement if one is due; an older measure changes nothing."""
        last = self.measures[-1] if self.measures else None
        return self if last and measure.at <= last.at else self.ended(measure.at)._measured(measure, rules)

    def _measured(self, measure: Measure, rules: SurgeRules) -> Self:
        now, last = measure.at, self.measures[-1] if self.measures else None
        pressure = measure.pressure(rules)
        smoothed = pressure
        if last and (since := (now - last.at).total_seconds()) < 20 * rules.half_life_seconds:
            weight = 1 - 0.5 ** (since / rules.half_life_seconds)
            smoothed = weight * pressure + (1 - weight) * self.smoothed
        announced = self._announced(now)
        percent = announced if self.is_overridden(now) else _next(announced, rules.percent_at(smoothed), rules)
        line = SurgeMeasure(
            at=now,
            orders=measure.orders,
            drivers=measure.drivers,
            pressure=round(pressure, 3),
            smoothed=round(smoothed, 3),
            percent=percent,
        )
        kept = {"smoothed": smoothed, "measures": (*self.measures, line)[-MEASURES_KEPT:]}
        known = self.with_changes(**kept)
        if self.is_overridden(now):
            return known
        until = now + timedelta(minutes=rules.hold_minutes)
        if percent != announced:
            return known._announce(percent, now, now + timedelta(seconds=rules.notice_seconds), until, "measured")
        if percent > WITHOUT_SURGE and known.newest and known.newest.by is None:
            return known.with_changes(newest=known.newest.model_copy(update={"until": until}))
        return known

    def could_hold_from(self, percent: int, rules: SurgeRules, now: datetime) -> datetime:
        """Return the moment from which a person's multiplier holds that is set now."""
        return now + timedelta(seconds=rules.notice_seconds if percent > self.percent_at(now) else 0)

    def overridden(self, override: SurgeOverride, by: str, rules: SurgeRules, now: datetime) -> Self:
        """Return the surge with a person's multiplier; less than now holds at once, more after the usual notice."""
        holds_from = self.could_hold_from(override.percent, rules, now)
        changed = self.ended(now).with_changes(override=override)
        return changed._announce(override.percent, now, holds_from, override.until, "set_by_staff", by)

    def _announced(self, now: datetime) -> int:
        """Return the newest multiplier that was announced, whether it holds already or not; none after its end."""
        return self.newest.percent if self.newest and now < self.newest.until else WITHOUT_SURGE

    def _announce(
        self,
        percent: int,
        now: datetime,
        holds_from: datetime,
        until: datetime,
        reason: str,
        by: str | None = None,
        was: int | None = None,
    ) -> Self:
        made = SurgeAnnouncement(
            id=derived_id("srg", self.id, self.sequence + 1),
            percent=percent,
            announced_at=now,
            holds_from=holds_from,
            until=until,
            by=by,
        )
        holding = self.at(now)
        # A multiplier that was announced and does not hold yet is replaced; the one before it goes on until then.
        before = holding.model_copy(update={"until": max(holding.until, holds_from)}) if holding else None
        data = {
            "zone_id": self.id,
            "surge_id": made.id,
            "percent": percent,
            "percent_before": was or self.percent_at(now),
            "holds_from": written(holds_from),
            "until": written(until),
            "reason": reason,
        }
        return self.with_changes(newest=made, before=before).emitting("surge.changed", now, data)


def _next(announced: int, wanted: int, rules: SurgeRules) -> int:
    """Return the multiplier to announce: towards what is wanted, in steps; as before if the difference is small."""
    # A cap that was lowered since holds at once, whatever hysteresis and step say.
    standing = min(announced, rules.cap_percent)
    # The last steps down are taken whatever the hysteresis says, or a surge would never quite end. It is compared with
    # what is wanted before that is rounded: else a rounding would make a small move look like a large one.
    if abs(wanted - standing) < max(1, rules.hysteresis_percent) and wanted > WITHOUT_SURGE:
        return standing
    rounded = min(rules.cap_percent, round(wanted / ROUNDED_TO) * ROUNDED_TO)
    return max(standing - rules.step_percent, min(standing + rules.step_percent, rounded))
