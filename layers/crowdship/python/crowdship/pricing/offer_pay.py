"""Pay of an offer: raised where the drivers who are asked would probably not take it in the time that is left. Pure.

The priced pay is where an offer begins and what no raise goes below. The cheapest raise is looked for with which

    1 - (1 - p(raise)) ^ tries >= fill probability

where ``p`` is the chance that one offer is taken, and ``tries`` how many offers still fit into the time that is left.
Each driver who did not take the delivery lowers the log-odds of the next by ``REFUSED``, as an answer tells something
about the offer that the model does not see. So the pay rises as an offer ages and as refusals come. A tip counts for
nothing here: it lowers no raise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from crowdship.planner.acceptance import LEAST, AcceptanceModel

REFUSED = 0.35
"""Log-odds by which each refusal, or offer that ran out, makes the next driver less likely to accept."""

FAR_FROM_SURE = 0.98
"""The share of offers that are seen of which a raise is expected to be taken at most; the last ones cost too much."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A driver who is asked.

    Parameters
    ----------
    chance : float
        The probability of acceptance as it is predicted at the present pay, the tip included.
    minutes : float
        The minutes of the trip that the driver is paid for, by which pay is compared.
    """

    chance: float
    minutes: float


@dataclass(frozen=True, slots=True)
class RaiseRules:
    """Rules of raises of a zone.

    Parameters
    ----------
    fill_probability : float
        The probability with which the offers that are left should fill the delivery.
    most : int
        The most that the pay is raised from here on, minor units.
    usual_pay_per_minute : float
        Minor units.
    """

    fill_probability: float
    most: int
    usual_pay_per_minute: float


def cheapest_raise(
    asked: Sequence[Asked], tip: int, refused: int, tries: int, rules: RaiseRules, model: AcceptanceModel
) -> int:
    """Return the least raise with which an offer is probably taken in time, at most ``rules.most``; minor units.

    Parameters
    ----------
    asked : sequence of Asked
        Who is asked at once; one of them takes it.
    tip : int
        Minor units; its part of the predicted chance is taken out.
    refused : int
        Drivers who did not take it before.
    tries : int
        Offers that fit into the time that is left, this one included.

    Examples
    --------
    >>> rules = RaiseRules(fill_probability=0.9, most=1000, usual_pay_per_minute=26.0)
    >>> asked = [Asked(0.4, 24.0)]
    >>> [cheapest_raise(asked, 0, 0, tries, rules, AcceptanceModel()) for tries in (9, 3, 2, 1)]
    [0, 126, 313, 1000]
    """
    needed = 1.0 - (1.0 - rules.fill_probability) ** (1.0 / max(1, tries))
    if rules.most <= 0 or taken(asked, 0, tip, refused, rules, model) >= needed:
        return 0
    low, high = 0, rules.most
    if taken(asked, high, tip, refused, rules, model) < needed:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if taken(asked, middle, tip, refused, rules, model) >= needed:
            high = middle
        else:
            low = middle
    return high


def taken(
    asked: Sequence[Asked], more: int, tip: int, refused: int, rules: RaiseRules, model: AcceptanceModel
) -> float:
    """Return the probability that one of the drivers takes an offer whose pay is raised by ``more``."""
    nobody = 1.0
    for one in asked:
        per_unit = model.pay / max(1.0, one.minutes) / rules.usual_pay_per_minute
        odds = odds_of(one.chance, model) + per_unit * (more - tip) - REFUSED * refused
        nobody *= 1.0 - model.seen / (1.0 + exp(-max(-50.0, min(50.0, odds))))
    return 1.0 - nobody


def raised_chance(one: Asked, more: int, rules: RaiseRules, model: AcceptanceModel) -> float:
    """Return the predicted chance of one driver with a raise, as the model alone has it."""
    odds = odds_of(one.chance, model) + model.pay * more / max(1.0, one.minutes) / rules.usual_pay_per_minute
    return max(LEAST, model.seen / (1.0 + exp(-min(50.0, odds))))


def odds_of(chance: float, model: AcceptanceModel) -> float:
    """Return the log-odds that an offer which is seen is taken."""
    seen = min(max(chance, LEAST) / model.seen, FAR_FROM_SURE)
    return log(seen / (1.0 - seen))


def shared(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Return an amount in shares by weight whose sum is the amount; what can't be shared goes to the first.

    Examples
    --------
    >>> shared(100, [300, 300, 300]), shared(7, [0, 0])
    ((34, 33, 33), (7, 0))
    """
    whole = sum(weights)
    parts = [amount * weight // whole if whole else 0 for weight in weights]
    for number in range(amount - sum(parts)):
        parts[number % len(parts)] += 1
    if not whole:
        return (amount, *(0 for _ in weights[1:]))
    return tuple(parts)
