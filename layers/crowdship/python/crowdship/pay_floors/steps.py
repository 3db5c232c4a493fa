"""Steps of a calculation, for people: what is counted, the figure of law for it, and what it comes to. Pure."""

from collections.abc import Iterable
from fractions import Fraction

from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.law.model import Rule, Status
from crowdship.pay_floors.exact import written

HOUR_S, MINUTE_S = 3600, 60


class RuleUsed(Value):
    """A row of law that a step rests on, as it was in force."""

    jurisdiction: str
    rule: str
    value: str
    since: str
    status: Status
    source: str

    @classmethod
    def of(cls, rule: Rule) -> "RuleUsed":
        """Return the row as it is kept."""
        return cls(
            jurisdiction=rule.jurisdiction,
            rule=rule.name,
            value=rule.written,
            since=rule.start.isoformat(),
            status=rule.status,
            source=rule.source,
        )


class FloorStep(Value):
    """A line of a calculation.

    Parameters
    ----------
    code : str
        What is counted: ``engaged_time``, ``engaged_way``, ``trip_time``, ``offer``.
    quantity, unit : str
        How much of it, in decimals, and in what: ``h``, ``min``, ``mi``.
    rate : str
        Amount for one unit, major units.
    amount : str
        What it comes to, major units, not yet rounded.
    text : str
        The line in words, English.
    """

    code: str
    quantity: str
    unit: str
    rate: str
    amount: str
    currency: str
    text: str
    rules: tuple[RuleUsed, ...]


def step(
    code: str, quantity: Fraction, unit: str, rate: Fraction, currency: str, rules: Iterable[Rule], words: str
) -> FloorStep:
    """Return the line for a quantity at a rate.

    Parameters
    ----------
    words : str
        What is counted, with a small letter: ``engaged time``.
    """
    amount = quantity * rate
    return FloorStep(
        code=code,
        quantity=written(quantity),
        unit=unit,
        rate=written(rate),
        amount=written(amount),
        currency=currency,
        text=f"{words}: {written(quantity)} {unit} at {written(rate)} {currency} is {written(amount)} {currency}",
        rules=tuple(RuleUsed.of(rule) for rule in rules),
    )


class Reckoning(Value):
    """The least that law lets one driver earn in a period, and what they earned.

    Parameters
    ----------
    least, earned : Money
        The floor, and pay without tips.
    short : Money
        What is owed besides, 0 or more. By offers it is the sum of what each is short, as none makes up for another.
    steps : tuple of FloorStep
        How the floor was found.
    """

    least: Money
    earned: Money
    short: Money
    steps: tuple[FloorStep, ...] = ()

    @property
    def is_certain(self) -> bool:
        """True if every figure of law in it is published."""
        return all(rule.status is Status.PUBLISHED for one in self.steps for rule in one.rules)

    @classmethod
    def of_period(cls, least: Money, earned: Money, steps: Iterable[FloorStep]) -> "Reckoning":
        """Return the reckoning of earnings that are compared as a whole."""
        short = max(least.amount - earned.amount, 0)
        return cls(least=least, earned=earned, short=Money(amount=short, currency=least.currency), steps=tuple(steps))


class WrongCurrency(Exception):  # noqa: N818
    """Pay in another currency than the law's: nobody may compare the two."""


def pay_of(amounts: Iterable[Money], currency: str) -> Money:
    """Return the sum of pay.

    Raises
    ------
    WrongCurrency
        If some of it is in another currency.
    """
    listed = list(amounts)
    if others := {money.currency for money in listed} - {currency}:
        raise WrongCurrency(f"pay in {', '.join(sorted(others))} can't be compared with a floor in {currency}")
    return Money.total(listed, currency)
