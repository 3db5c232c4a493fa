"""Expected times of arrival with intervals, and the learned errors and stays that they rest on."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import exp, log, sqrt
from statistics import NormalDist
from typing import NamedTuple

from pydantic import Field, field_serializer

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.travel.learning import NOTHING, Sums, brief, later, left_after, lognormal

COVERAGE = 0.8
"""The share of arrivals that an interval should contain."""

HORIZON_ENDS_S = (120.0, 240.0, 400.0, 650.0, 1000.0, 1600.0, 3200.0)
"""Upper ends of the buckets of errors, in expected seconds of driving; one more bucket has no end."""

HALF_LIFE = timedelta(days=14)
"""Half-life of the weights of errors and stays."""

WIDEST = log(4.0)
"""The largest log error that is learned; a time more than four times as long or short counts as four times.

Beyond that something else than driving happened.
"""

SPREAD, SPREAD_PRIOR, BIAS_PRIOR = 0.3, 20.0, 30.0
"""Priors of log errors: the standard deviation, its weight in trips, and the weight in trips of having no bias."""

STAY_SPREAD, STAY_SPREAD_PRIOR = 0.6, 10.0
"""Priors of a stay's log seconds: the standard deviation, and its weight in stays."""

STAY_PRIOR, PLACE_PRIOR = 10.0, 4.0
"""Weights in stays: of the zone's settings as prior of its mean, and of the zone's mean as prior of a place's."""

LEAST_STAY_S, LONGEST_STAY_S = 10.0, 7200.0
"""Bounds of a stay that is learned; a shorter or longer one is set to the nearer bound."""

MOST_PLACES = 2000
"""The most places kept per zone; those with the most evidence are kept.

A place takes some 50 bytes as JSON, with a key of 20 letters.
"""


DIGITS = 7
"""Significant digits of sums in JSON: logarithms of seconds vary little in relation to their size."""


class Span(NamedTuple):
    """A time that is not certain.

    Parameters
    ----------
    seconds : float
        The mean.
    variance : float
        Square seconds.
    """

    seconds: float
    variance: float = 0.0


class Arrival(Value):
    """An expected arrival with its interval.

    Parameters
    ----------
    at : datetime
        The mean.
    earliest, latest : datetime
        Ends of the interval; arrivals before it are as frequent as arrivals after it.
    coverage : float
        The share of arrivals in the interval.
    """

    at: Moment
    earliest: Moment
    latest: Moment
    coverage: float = Field(default=COVERAGE, gt=0, lt=1)


def interval(now: datetime, spans: Iterable[Span], coverage: float = COVERAGE) -> Arrival:
    """Return the arrival after several times that follow each other.

    The sum is taken to be log-normal with the mean and variance of independent summands (Fenton and Wilkinson), as
    times are not negative and err mostly by being longer.

    Parameters
    ----------
    spans : iterable of Span
        Driving and stays until the arrival.
    coverage : float
        Share of arrivals that the interval should contain, between 0 and 1.
    """
    listed = tuple(spans)
    seconds, variance = sum(span.seconds for span in listed), sum(span.variance for span in listed)
    if seconds <= 0:
        return Arrival(at=now, earliest=now, latest=now, coverage=coverage)
    squared = log(1 + variance / seconds**2)
    middle, far = log(seconds) - squared / 2, NormalDist().inv_cdf(0.5 + coverage / 2) * sqrt(squared)
    # A narrow interval around the median of a very uncertain time would miss its mean.
    ends = min(seconds, exp(middle - far)), max(seconds, exp(middle + far))
    at, earliest, latest = (now + timedelta(seconds=end) for end in (seconds, *ends))
    return Arrival(at=at, earliest=earliest, latest=latest, coverage=coverage)


class Errors(Value):
    """Errors of foretold driving times, by their length: fading sums of log(actual / foretold).

    Parameters
    ----------
    as_of : datetime
        The moment for which the weights hold.
    horizons : tuple of Sums
        By bucket of ``HORIZON_ENDS_S``.
    """

    as_of: Moment = datetime(1970, 1, 1, tzinfo=UTC)
    horizons: tuple[Sums, ...] = Field(
        default=(NOTHING,) * (len(HORIZON_ENDS_S) + 1),
        min_length=len(HORIZON_ENDS_S) + 1,
        max_length=len(HORIZON_ENDS_S) + 1,
    )

    @field_serializer("horizons")
    def _brief(self, horizons: tuple[Sums, ...]) -> list[tuple[float, ...]]:
        return [brief(sums, DIGITS) for sums in horizons]

    def learn(self, trips: Iterable[tuple[datetime, float, float]], now: datetime) -> "Errors":
        """Return the errors with more trips.

        Parameters
        ----------
        trips : iterable of (datetime, float, float)
            When each ended, the seconds foretold and the seconds taken. The seconds foretold are those of the travel
            times before the correction by ``expected``, which would hide a bias.
        """
        as_of = later(self.as_of, now)
        horizons = list(self._faded(as_of))
        for at, foretold, actual in trips:
            if foretold > 0 and actual > 0:
                off = max(-WIDEST, min(WIDEST, log(actual / foretold)))
                bucket = _bucket(foretold)
                horizons[bucket] = horizons[bucket].plus(Sums.of(off, left_after(as_of - at, HALF_LIFE)))
        return Errors.model_construct(as_of=as_of, horizons=tuple(horizons))

    def merge(self, other: "Errors") -> "Errors":
        """Return the errors of both together."""
        as_of = later(self.as_of, other.as_of)
        both = zip(self._faded(as_of), other._faded(as_of), strict=True)
        return Errors.model_construct(as_of=as_of, horizons=tuple(a.plus(b) for a, b in both))

    def expected(self, foretold_s: float) -> Span:
        """Return the corrected time, with its variance, of a way that is foretold to take ``foretold_s`` seconds."""
        if foretold_s <= 0:
            return Span(0.0)
        times, squares = self._by_horizon[_bucket(foretold_s)]
        return Span(foretold_s * times, foretold_s * foretold_s * squares)

    def corrected(self, foretold_s: float) -> float:
        """Return the mean of ``expected`` alone, in seconds, for plans, which ask for it a great many times."""
        return foretold_s * self._by_horizon[_bucket(foretold_s)][0]

    @property
    def weight(self) -> float:
        """Amount of evidence, in trips."""
        return sum(sums.weight for sums in self.horizons)

    @cached_property
    def _by_horizon(self) -> tuple[tuple[float, float], ...]:
        """Mean and variance of the actual time per foretold second, by bucket."""
        return tuple(map(_of_a_second, self.horizons))

    def _faded(self, as_of: datetime) -> Sequence[Sums]:
        left = left_after(as_of - self.as_of, HALF_LIFE)
        return [sums.times(left) for sums in self.horizons]


def _of_a_second(sums: Sums) -> tuple[float, float]:
    variance = sums.variance(SPREAD**2, SPREAD_PRIOR)
    # The foretold time is taken to be the mean; the median of a log-normal is below it by half the variance.
    return lognormal(sums.mean(-variance / 2, BIAS_PRIOR), variance)


def _bucket(seconds: float) -> int:
    return bisect_right(HORIZON_ENDS_S, seconds)


class Dwell(Value):
    """Lengths of stays at doors: fading sums of log seconds, of a zone and of each place.

    Parameters
    ----------
    usual_s : float
        Mean stay of the zone's settings, in seconds, for as long as nothing is known.
    as_of : datetime
        The moment for which the weights hold.
    zone : Sums
        All stays.
    places : dict of str to Sums
        The stays at each place, by a key of the caller's.
    """

    usual_s: float = Field(default=180.0, ge=0)
    as_of: Moment = datetime(1970, 1, 1, tzinfo=UTC)
    zone: Sums = NOTHING
    places: dict[str, Sums] = Field(default={})

    @field_serializer("zone")
    def _brief_zone(self, zone: Sums) -> tuple[float, ...]:
        return brief(zone, DIGITS)

    @field_serializer("places")
    def _brief_places(self, places: dict[str, Sums]) -> dict[str, tuple[float, ...]]:
        return {key: brief(sums, DIGITS) for key, sums in places.items()}

    def learn(self, stays: Iterable[tuple[str, datetime, float]], now: datetime) -> "Dwell":
        """Return the lengths with more stays: the place's key, when each ended, and its seconds."""
        as_of = later(self.as_of, now)
        faded = self._faded(as_of)
        zone, places = faded.zone, dict(faded.places)
        for key, at, seconds in stays:
            figure = log(max(LEAST_STAY_S, min(LONGEST_STAY_S, seconds)))
            sums = Sums.of(figure, left_after(as_of - at, HALF_LIFE))
            zone = zone.plus(sums)
            places[key] = places.get(key, NOTHING).plus(sums)
        return self._with(as_of, zone, places)

    def merge(self, other: "Dwell") -> "Dwell":
        """Return the lengths of both together, with the setting of this one."""
        as_of = later(self.as_of, other.as_of)
        mine, theirs = self._faded(as_of), other._faded(as_of)
        places = dict(mine.places)
        for key, sums in theirs.places.items():
            places[key] = places.get(key, NOTHING).plus(sums)
        return self._with(as_of, mine.zone.plus(theirs.zone), places)

    def expected(self, key: str | None = None) -> Span:
        """Return how long a stay takes at a place; anywhere in the zone if ``key`` is None."""
        mean = self._usual
        sums = self.places.get(key, NOTHING) if key is not None else NOTHING
        if not sums.weight:
            return Span(*lognormal(mean, self.zone.variance(STAY_SPREAD**2, STAY_SPREAD_PRIOR)))
        return Span(*lognormal(sums.mean(mean, PLACE_PRIOR), sums.variance(self._within, STAY_SPREAD_PRIOR)))

    @cached_property
    def _usual(self) -> float:
        """Mean log seconds of the zone's stays."""
        # The setting is a mean, not a median.
        prior = log(max(LEAST_STAY_S, self.usual_s)) - STAY_SPREAD**2 / 2
        return self.zone.mean(prior, STAY_PRIOR)

    @cached_property
    def _within(self) -> float:
        """Variance of log seconds at one place; the variance between places is not part of it."""
        around = STAY_SPREAD_PRIOR * STAY_SPREAD**2
        weight = STAY_SPREAD_PRIOR
        for sums in self.places.values():
            if sums.weight:
                around += max(0.0, sums.squares - sums.total**2 / sums.weight)
                weight += sums.weight
        return around / weight

    def beside(self, usual_s: float) -> "Dwell":
        """Return the same stays with another setting; the same object if it does not differ."""
        if usual_s == self.usual_s:
            return self
        return Dwell.model_construct(usual_s=usual_s, as_of=self.as_of, zone=self.zone, places=self.places)

    def _faded(self, as_of: datetime) -> "Dwell":
        left = left_after(as_of - self.as_of, HALF_LIFE)
        if left == 1.0:
            return self
        return self._with(as_of, self.zone.times(left), {key: sums.times(left) for key, sums in self.places.items()})

    def _with(self, as_of: datetime, zone: Sums, places: dict[str, Sums]) -> "Dwell":
        kept = sorted(places, key=lambda key: (-places[key].weight, key))[:MOST_PLACES]
        kept_places = {key: places[key] for key in kept}
        return Dwell.model_construct(usual_s=self.usual_s, as_of=as_of, zone=zone, places=kept_places)
