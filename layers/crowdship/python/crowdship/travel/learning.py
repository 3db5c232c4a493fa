"""Statistics that forget slowly: weighted sums that fade, and means that lean on a prior while evidence is small."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import exp
from typing import NamedTuple, Self


class Sums(NamedTuple):
    """Weighted sums of a figure, from which its mean and variance follow; two of them can be added.

    Parameters
    ----------
    weight : float
        Sum of weights.
    total, squares : float
        Sums of weight times figure, and of weight times its square.
    """

    weight: float = 0.0
    total: float = 0.0
    squares: float = 0.0

    @classmethod
    def of(cls, figure: float, weight: float = 1.0) -> Self:
        """Return the sums of one figure."""
        return cls(weight, weight * figure, weight * figure * figure)

    def plus(self, other: "Sums") -> "Sums":
        """Return the sums of both."""
        return Sums(self.weight + other.weight, self.total + other.total, self.squares + other.squares)

    def times(self, share: float) -> "Sums":
        """Return the sums with all weights multiplied."""
        return Sums(self.weight * share, self.total * share, self.squares * share)

    def mean(self, prior: float, prior_weight: float) -> float:
        """Return the mean, drawn towards a prior as if the prior had been seen ``prior_weight`` times.

        If figure and prior are normal this is the posterior mean, and ``prior_weight`` is the variance of a figure
        divided by the variance of the means (Bühlmann's credibility).
        """
        weight = self.weight + prior_weight
        return (self.total + prior_weight * prior) / weight if weight else prior

    def variance(self, prior: float, prior_weight: float) -> float:
        """Return the variance around the mean, drawn towards a prior in the same way."""
        if not self.weight:
            return prior
        around = max(0.0, self.squares - self.total * self.total / self.weight)
        return (around + prior_weight * prior) / (self.weight + prior_weight)


NOTHING = Sums()


def summed(many: Iterable[Sums]) -> Sums:
    """Return the sums of all."""
    found = NOTHING
    for one in many:
        found = found.plus(one)
    return found


def left_after(passed: timedelta, half_life: timedelta) -> float:
    """Return the share of a weight that is left after some time; 1 if no time has passed."""
    return 1.0 if passed <= timedelta() else 0.5 ** (passed / half_life)


def brief(sums: Sums, digits: int) -> tuple[float, ...]:
    """Return sums rounded to significant digits.

    The variance is a small difference of the sums, so it needs more digits than the mean.
    """
    return tuple(float(f"{figure:.{digits}g}") for figure in sums)


def later(a: datetime, b: datetime) -> datetime:
    """Return the later of two moments."""
    return a if a >= b else b


def lognormal(mean: float, variance: float) -> tuple[float, float]:
    """Return mean and variance of a log-normal figure from the mean and variance of its natural logarithm."""
    expected = exp(mean + variance / 2)
    return expected, expected * expected * (exp(variance) - 1)
