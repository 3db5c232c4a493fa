"""The probability that a driver accepts an offer, and the number of drivers to ask at once.

The model is a logistic regression with four features: the offer's pay per minute of the whole trip, as a multiple of
the usual pay; the way to the pickup; the driver's tier; and the driver's time on duty. Choice models of gig work agree
on the signs of these four. The sizes are set so that an ordinary driver who sees an offer at the usual pay, 8 minutes
away, takes it nine times in ten; at half the pay two times in three; 20 minutes away every other time; and one offer in
seven is not seen in time, whatever it says. A driver's earlier refusals are no feature on purpose: declining never
counts against a driver.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

LEAST = 0.02
"""The lowest probability of an offer, so that no cost is infinite."""


@dataclass(frozen=True, slots=True)
class AcceptanceModel:
    """Coefficients of the log-odds that an offer is taken.

    Parameters
    ----------
    base : float
        For an offer that pays nothing, at the pickup, to a rested driver without a tier.
    pay : float
        For each time the usual pay per minute.
    way_per_minute : float
        For each minute to the pickup.
    tier : float
        For the highest tier; in proportion for those below.
    fatigue_per_hour : float
        For each hour on duty beyond ``rested_h``.
    rested_h : float
        Hours on duty that tire nobody.
    seen : float
        Share of offers that are seen before they run out.
    """

    base: float = 0.8
    pay: float = 2.8
    way_per_minute: float = -0.18
    tier: float = 0.4
    fatigue_per_hour: float = -0.25
    rested_h: float = 4.0
    seen: float = 0.85

    def willingness(self, tier: float, on_duty_h: float) -> float:
        """Return a driver's part of the log-odds."""
        return self.base + self.tier * tier + self.fatigue_per_hour * max(0.0, on_duty_h - self.rested_h)

    def probability(self, willingness: float, pay_ratio: float, way_s: float) -> float:
        """Return how likely an offer is taken, between ``LEAST`` and 1.

        Parameters
        ----------
        willingness : float
            The driver's part.
        pay_ratio : float
            Pay per minute of the trip, as a multiple of what is usual.
        way_s : float
            To the pickup, in seconds.
        """
        odds = willingness + self.pay * pay_ratio + self.way_per_minute * way_s / 60
        return max(LEAST, self.seen / (1.0 + exp(-max(odds, -50.0))))


@dataclass(frozen=True, slots=True)
class AskRules:
    """The rules for how many drivers are asked at once.

    Parameters
    ----------
    sure : float
        The first wave asks the fewest drivers with which the offer is accepted with this probability.
    most : int
        The most drivers of a wave.
    widen_after : int
        A directed offer goes to one driver at a time until this many did not take it, then to a wave.
    """

    sure: float = 0.99
    most: int = 5
    widen_after: int = 3


def wave(likely: Sequence[float], refused: int, rules: AskRules, *, broadcast: bool) -> int:
    """Return how many of the candidates, best first, are asked at once.

    Parameters
    ----------
    likely : sequence of float
        The probability that each accepts.
    refused : int
        The number of drivers who did not take it before. Every ``most`` of them halve the doubt that is left to a wave,
        so that a delivery that was refused often is offered to more drivers.
    broadcast : bool
        False if one driver is asked until ``widen_after`` refused.

    Examples
    --------
    >>> wave([0.9, 0.8, 0.7, 0.6], refused=0, rules=AskRules(), broadcast=True)
    3
    """
    if not likely:
        return 0
    if not broadcast and refused < rules.widen_after:
        return 1
    doubt = (1.0 - rules.sure) * 0.5 ** (refused / rules.most)
    nobody = 1.0
    for number, chance in enumerate(likely[: rules.most], 1):
        nobody *= 1.0 - chance
        if nobody <= doubt:
            return number
    return min(len(likely), rules.most)
