"""Exact numbers of law: figures as fractions, and one rounding at the end. Pure."""

from decimal import Decimal
from fractions import Fraction

from crowdship.kernel.money import Money, digits_of
from crowdship.law.model import Rule
from crowdship.law.values import Amount

METRES_PER_MILE = Fraction(1609344, 1000)
"""The international mile."""

type Exact = int | Decimal | Fraction
"""A number without the errors of floating point."""


def exact(number: Exact) -> Fraction:
    """Return a number as a fraction.

    Raises
    ------
    TypeError
        If it is a float, whose last digits are wrong.
    """
    if isinstance(number, bool | float):
        raise TypeError(f"{number!r} is not exact; give a whole number, a Decimal or a Fraction")
    return Fraction(number)


def figure_of(rule: Rule) -> tuple[Fraction, str]:
    """Return the amount of a rule in major units, and its currency.

    Raises
    ------
    TypeError
        If the rule is no amount.
    """
    if not isinstance(rule.value, Amount):
        raise TypeError(f"{rule.name} is in {rule.unit}, not an amount")
    return Fraction(rule.value.number), rule.value.currency


def rounded_up(major: Fraction, currency: str) -> Money:
    """Return an amount in major units as money, a part of a minor unit counted as a whole one.

    Examples
    --------
    >>> str(rounded_up(Fraction("11.334"), "USD"))
    '11.34 USD'
    """
    minor = major * 10 ** digits_of(currency)
    return Money(amount=-(-minor.numerator // minor.denominator), currency=currency)


def half_up(major: Fraction, currency: str) -> Money:
    """Return an amount in major units, at least 0, as money: half a minor unit counts as a whole one.

    Examples
    --------
    >>> str(half_up(Fraction("0.125"), "USD")), str(half_up(Fraction("0.1249"), "USD"))
    ('0.13 USD', '0.12 USD')
    """
    doubled = major * 10 ** digits_of(currency) * 2 + 1
    return Money(amount=doubled.numerator // (doubled.denominator * 2), currency=currency)


def written(number: Fraction, digits: int = 4) -> str:
    """Return a number in decimals, for people: up to some digits, without zeros at the end.

    Examples
    --------
    >>> written(Fraction(1, 3)), written(Fraction(20)), written(Fraction("1.50"))
    ('0.3333', '20', '1.5')
    """
    scaled = round(number * 10**digits)
    text = f"{Decimal(scaled).scaleb(-digits):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
