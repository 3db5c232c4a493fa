"""Traffic of a zone: factors by which streets are slower than free flow, by place and hour, learned from drivers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import exp, log
from zoneinfo import ZoneInfo

from pydantic import Field, field_serializer

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.hours import TimeZone
from crowdship.travel.learning import NOTHING, Sums, brief, later, left_after, summed
from crowdship.travel.passages import Passage

WHOLE_S = 60.0
"""A passage of at least this many seconds of free flow has weight 1; a shorter one has its share of it."""

SLOWEST, QUICKEST = 6.0, 1 / 3
"""The largest and the smallest pace ratio and factor; others are set to the nearer of these."""

HALF_LIFE = timedelta(days=28)
"""Half-life of the usual factors: each hour of the week comes four times in it."""

RECENT_HALF_LIFE = timedelta(minutes=40)
"""Half-life of the evidence of how today differs from the usual."""

LASTING = timedelta(hours=4)
"""Half-life of today's difference in forecasts: after this time half of it is expected to be left."""

ZONE_PRIOR, DAY_PRIOR, HOUR_PRIOR, CELL_PRIOR, CELL_KIND_PRIOR = 5.0, 5.0, 5.0, 4.0, 8.0
"""Weights, in passages, of the next more general level as a prior.

The first is of free flow for the zone; the last is of the cell for the cell at a kind of hour.
"""

ONE_DAYS_SHARE = 0.5
"""Share of a usual hour's weight that is added to the weight of its prior.

Passages of one hour are not independent, as those of one day share its weather.
"""

RECENT_PRIOR, RECENT_CELL_PRIOR = 10.0, 6.0
"""Weights, in passages, of the priors for today's difference: of the zone, and of a cell relative to the zone."""

SPREAD_PRIOR = 50.0
"""Weight, in passages, of the prior that the variance is zero."""

MOST_CELLS = 1000
"""The most cells that are kept per zone; those with the most evidence are kept.

A cell takes 240 bytes as JSON when all kinds of hours were seen.
"""

FORGOTTEN = 0.01
"""A cell with no more weight than this is dropped."""

DIGITS = 5
"""Significant digits of sums in JSON."""

HOURS = 168
WORKING_DAYS = 5
KIND_ENDS = (6, 10, 15, 19, 22)
"""Hours at which night, morning, midday, afternoon and evening of a working day end."""

KINDS = len(KIND_ENDS) + 1
"""Number of kinds of hours: the five parts of ``KIND_ENDS``, of which night is that of every day, and weekend days."""


def kind_of(hour: int) -> int:
    """Return the kind of an hour of the week (0 is Monday's first)."""
    day, clock = divmod(hour, 24)
    if clock < KIND_ENDS[0] or clock >= KIND_ENDS[-1]:
        return 0
    if day >= WORKING_DAYS:
        return KINDS - 1
    return next(kind for kind, end in enumerate(KIND_ENDS) if clock < end)


KIND_OF = tuple(kind_of(hour) for hour in range(HOURS))


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Logarithms of the usual factors: of the zone by hour of the week, of cells, relative to it, by kind of hour."""

    hours: tuple[float, ...]
    cells: dict[str, tuple[float, ...]]

    def of(self, cell: str, hour: int) -> float:
        beside = self.cells.get(cell)
        return self.hours[hour] + (beside[KIND_OF[hour]] if beside else 0.0)


class Traffic(Value):
    """Everything learned of a zone's traffic: fading sums of log pace ratios.

    A pace ratio is the seconds of a passage divided by its seconds in free flow.

    The usual factor of a cell at an hour is composed from general to special: the zone; the hour of the day, apart for
    working days and weekends; the hour of the week; the cell relative to the zone; the cell at that kind of hour. Each
    level is drawn towards the one before while it lacks evidence. Without any evidence the factor is 1. The difference
    of today from the usual is added; it is forgotten within hours.

    The usual factors do not depend on the order in which passages are learned or values merged, unless a cell has to
    be dropped. The difference of today is measured against the usual at the time when it was learned.

    Parameters
    ----------
    time_zone : str
        IANA name; rush hours follow local time.
    as_of : datetime
        The moment for which the weights hold.
    hours : tuple of Sums, length 168
        By hour of the week; the first is Monday's first.
    cells : dict of str to tuple of Sums
        By H3 cell and kind of hour.
    recent : Sums
        Today's log pace ratios beyond the usual.
    recent_cells : dict of str to Sums
        Today's log pace ratios beyond the usual, by H3 cell.
    """

    time_zone: TimeZone = "UTC"
    as_of: Moment = datetime(1970, 1, 1, tzinfo=UTC)
    hours: tuple[Sums, ...] = Field(default=(NOTHING,) * HOURS, min_length=HOURS, max_length=HOURS)
    cells: dict[str, tuple[Sums, ...]] = Field(default={})
    recent: Sums = NOTHING
    recent_cells: dict[str, Sums] = Field(default={})

    @field_serializer("hours")
    def _brief_hours(self, hours: tuple[Sums, ...]) -> list[tuple[float, ...]]:
        return [brief(sums, DIGITS) for sums in hours]

    @field_serializer("cells")
    def _brief_cells(self, cells: dict[str, tuple[Sums, ...]]) -> dict[str, list[tuple[float, ...]]]:
        return {cell: [brief(sums, DIGITS) for sums in kinds] for cell, kinds in cells.items()}

    @field_serializer("recent")
    def _brief_recent(self, recent: Sums) -> tuple[float, ...]:
        return brief(recent, DIGITS)

    @field_serializer("recent_cells")
    def _brief_recent_cells(self, cells: dict[str, Sums]) -> dict[str, tuple[float, ...]]:
        return {cell: brief(sums, DIGITS) for cell, sums in cells.items()}

    def learn(self, passed: Iterable[Passage], now: datetime) -> "Traffic":
        """Return the traffic with some more passages; passages that come late count for less, by their age."""
        as_of = later(self.as_of, now)
        faded = self._faded(as_of)
        hours, cells = list(faded.hours), {cell: list(kinds) for cell, kinds in faded.cells.items()}
        listed = [(one, *self._weighed(one)) for one in passed]
        for one, figure, weight, hour in listed:
            sums = Sums.of(figure, weight * left_after(as_of - one.at, HALF_LIFE))
            hours[hour] = hours[hour].plus(sums)
            kinds = cells.setdefault(one.cell, [NOTHING] * KINDS)
            kinds[KIND_OF[hour]] = kinds[KIND_OF[hour]].plus(sums)
        usual = self._with(as_of, hours, {cell: tuple(kinds) for cell, kinds in cells.items()}, NOTHING, {})
        recent, recent_cells = faded.recent, dict(faded.recent_cells)
        for one, figure, weight, hour in listed:
            left = left_after(as_of - one.at, RECENT_HALF_LIFE)
            if left > FORGOTTEN:
                sums = Sums.of(figure - usual._pattern.of(one.cell, hour), weight * left)
                recent = recent.plus(sums)
                recent_cells[one.cell] = recent_cells.get(one.cell, NOTHING).plus(sums)
        learned = self._with(as_of, usual.hours, usual.cells, recent, recent_cells)
        if learned.cells == usual.cells:
            learned.__dict__["_pattern"] = usual._pattern  # the sums are the same, so it is not computed twice
        return learned

    def merge(self, other: "Traffic") -> "Traffic":
        """Return the traffic of both together; the order does not matter.

        Raises
        ------
        ValueError
            If the time zones differ.
        """
        if other.time_zone != self.time_zone:
            raise ValueError(f"traffic of {self.time_zone} and of {other.time_zone} can't be merged")
        as_of = later(self.as_of, other.as_of)
        mine, theirs = self._faded(as_of), other._faded(as_of)
        none = (NOTHING,) * KINDS
        cells = {
            cell: tuple(
                a.plus(b) for a, b in zip(mine.cells.get(cell, none), theirs.cells.get(cell, none), strict=True)
            )
            for cell in (*mine.cells, *(cell for cell in theirs.cells if cell not in mine.cells))
        }
        recent_cells = dict(mine.recent_cells)
        for cell, sums in theirs.recent_cells.items():
            recent_cells[cell] = recent_cells.get(cell, NOTHING).plus(sums)
        hours = [a.plus(b) for a, b in zip(mine.hours, theirs.hours, strict=True)]
        return self._with(as_of, hours, cells, mine.recent.plus(theirs.recent), recent_cells)

    def factor(self, cell: str, moment: datetime) -> float:
        """Return the expected ratio of the time in a cell at a moment to the time in free flow.

        The usual part changes gradually between the middles of two hours, so that nobody arrives earlier by leaving
        later.
        """
        pattern, (hour, following, share) = self._pattern, self._hours_at(moment)
        usual = (1 - share) * pattern.of(cell, hour) + share * pattern.of(cell, following)
        lasts = left_after(moment - self.as_of, LASTING)
        expected = exp(usual + lasts * self._beyond(cell) + self._spread)
        return min(SLOWEST, max(QUICKEST, expected))

    @property
    def weight(self) -> float:
        """Amount of evidence, in passages of a minute."""
        return self._zone.weight

    def _weighed(self, passage: Passage) -> tuple[float, float, int]:
        """Return the log pace ratio, weight and hour of the week of a passage."""
        ratio = min(SLOWEST, max(QUICKEST, passage.seconds / passage.free_flow_s))
        local = passage.at.astimezone(ZoneInfo(self.time_zone))
        return log(ratio), min(1.0, passage.free_flow_s / WHOLE_S), local.weekday() * 24 + local.hour

    def _hours_at(self, moment: datetime) -> tuple[int, int, float]:
        """Return the two hours of the week between whose middles a moment is, and its share of the way between them."""
        local = moment.astimezone(ZoneInfo(self.time_zone))
        since_middle = local.weekday() * 24 + local.hour + local.minute / 60 + local.second / 3600 - 0.5
        hour = int(since_middle // 1)
        return hour % HOURS, (hour + 1) % HOURS, since_middle - hour

    def _faded(self, as_of: datetime) -> "Traffic":
        passed = as_of - self.as_of
        if passed <= timedelta():
            return self
        left, recently = left_after(passed, HALF_LIFE), left_after(passed, RECENT_HALF_LIFE)
        cells = {cell: tuple(sums.times(left) for sums in kinds) for cell, kinds in self.cells.items()}
        recent_cells = {cell: sums.times(recently) for cell, sums in self.recent_cells.items()}
        hours = [sums.times(left) for sums in self.hours]
        return self._with(as_of, hours, cells, self.recent.times(recently), recent_cells)

    def _with(
        self,
        as_of: datetime,
        hours: Iterable[Sums],
        cells: dict[str, tuple[Sums, ...]],
        recent: Sums,
        recent_cells: dict[str, Sums],
    ) -> "Traffic":
        """Return a value with other sums for the same zone, without cells that have too little weight."""
        weights = {cell: weight for cell, kinds in cells.items() if (weight := _weight(kinds)) > FORGOTTEN}
        if len(weights) > MOST_CELLS:
            weights = {
                cell: weights[cell] for cell in sorted(weights, key=lambda one: (-weights[one], one))[:MOST_CELLS]
            }
        return Traffic.model_construct(
            time_zone=self.time_zone,
            as_of=as_of,
            hours=tuple(hours),
            cells={cell: cells[cell] for cell in weights},
            recent=recent,
            recent_cells={cell: sums for cell, sums in recent_cells.items() if sums.weight > FORGOTTEN},
        )

    @cached_property
    def _zone(self) -> Sums:
        return summed(self.hours)

    @cached_property
    def _spread(self) -> float:
        """Difference of the logarithm of a mean and the mean of logarithms; for a normal, half its variance."""
        groups = [sums for kinds in self.cells.values() for sums in kinds if sums.weight]
        around = sum(max(0.0, one.squares - one.total * one.total / one.weight) for one in groups)
        return around / (sum(one.weight for one in groups) + SPREAD_PRIOR) / 2

    @cached_property
    def _pattern(self) -> _Pattern:
        hours = self._usual_hours()
        weights, totals = [0.0] * KINDS, [0.0] * KINDS
        for hour, sums in enumerate(self.hours):
            weights[KIND_OF[hour]] += sums.weight
            totals[KIND_OF[hour]] += sums.weight * hours[hour]
        kinds = [total / weight if weight else 0.0 for total, weight in zip(totals, weights, strict=True)]
        cells = {}
        for cell, seen in self.cells.items():
            beyond = [sums.total - sums.weight * usual for sums, usual in zip(seen, kinds, strict=True)]
            always = sum(beyond) / (_weight(seen) + CELL_PRIOR)
            cells[cell] = tuple(
                always + (total - sums.weight * always) / (sums.weight + CELL_KIND_PRIOR)
                for total, sums in zip(beyond, seen, strict=True)
            )
        return _Pattern(hours, cells)

    def _usual_hours(self) -> tuple[float, ...]:
        """Return the logarithm of the zone's usual factor in each hour of the week."""
        zone = self._zone.mean(0.0, ZONE_PRIOR)
        days = [(self.hours[: 24 * WORKING_DAYS], range(24)), (self.hours[24 * WORKING_DAYS :], range(24))]
        by_clock = [[summed(part[clock::24]) for clock in clocks] for part, clocks in days]
        day_prior = DAY_PRIOR + ONE_DAYS_SHARE * _usual_weight(sums for day in by_clock for sums in day) / WORKING_DAYS
        usual = [[sums.mean(zone, day_prior) for sums in day] for day in by_clock]
        hour_prior = HOUR_PRIOR + ONE_DAYS_SHARE * _usual_weight(self.hours)
        return tuple(
            sums.mean(usual[hour // 24 >= WORKING_DAYS][hour % 24], hour_prior) for hour, sums in enumerate(self.hours)
        )

    def _beyond(self, cell: str) -> float:
        """Return the expected log pace ratio of today beyond the usual, in a cell."""
        zone = self.recent.mean(0.0, RECENT_PRIOR)
        return self.recent_cells.get(cell, NOTHING).mean(zone, RECENT_CELL_PRIOR)


def _weight(kinds: Iterable[Sums]) -> float:
    return sum(sums.weight for sums in kinds)


def _usual_weight(groups: Iterable[Sums]) -> float:
    """Return the mean weight of the groups that have any."""
    weights = [sums.weight for sums in groups if sums.weight]
    return sum(weights) / len(weights) if weights else 0.0
