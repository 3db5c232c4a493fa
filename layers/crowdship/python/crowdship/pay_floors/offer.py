"""The least pay of one offer, where law sets one: so much a minute and a mile, and never less than a sum. Pure."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from crowdship.kernel.money import Money
from crowdship.law.book import LAW, Book, When
from crowdship.law.model import Rule
from crowdship.pay_floors.exact import Exact, exact, figure_of, rounded_up

PER_MINUTE, PER_MILE, MINIMUM = "offer_per_minute", "offer_per_mile", "offer_minimum"


class OfferFloor(NamedTuple):
    """The least pay of an offer, and the rules that it follows from.

    Parameters
    ----------
    amount : Money
        Without any tip; a part of a minor unit counts as a whole one.
    rules : tuple of Rule
        Rows of law in force; their status says how certain the figures are.
    """

    amount: Money
    rules: tuple[Rule, ...]


def least_offer_pay(
    jurisdictions: Iterable[str], on: When, minutes: Exact, miles: Exact, *, law: Book = LAW
) -> OfferFloor | None:
    """Return the least pay of an offer at a place, or None where law sets none for deliveries.

    It is the larger of the pay for minutes and miles and of the least sum (SMC 8.37.050 for Seattle).

    Parameters
    ----------
    jurisdictions : iterable of str
        Codes of the pickup, the widest first, as a delivery's ``pickup_law`` has them.
    on : date or datetime
        Local day, or moment, of the offer.
    minutes, miles : int, Decimal or Fraction
        Engaged time from acceptance to completion, and the way in it; planned ones while the offer is made.

    Raises
    ------
    TypeError
        If a number is a float.
    ValueError
        If a number is below zero.

    Examples
    --------
    >>> from datetime import date
    >>> from decimal import Decimal
    >>> floor = least_offer_pay(("US", "US-WA", "US-WA-seattle"), date(2025, 6, 2), 18, Decimal("4.2"))
    >>> str(floor.amount), [rule.written for rule in floor.rules]
    ('11.34 USD', ['0.45 USD', '0.77 USD', '5.20 USD'])
    """
    codes = tuple(jurisdictions)
    rules = tuple(rule for name in (PER_MINUTE, PER_MILE, MINIMUM) if (rule := law.strictest(name, codes, on)))
    if not rules:
        return None
    quantities = {PER_MINUTE: exact(minutes), PER_MILE: exact(miles)}
    if any(quantity < 0 for quantity in quantities.values()):
        raise ValueError(f"an offer takes no {minutes} minutes and {miles} miles; both are 0 or more")
    least, by_work, currency = Fraction(0), Fraction(0), ""
    for rule in rules:
        figure, currency = figure_of(rule)
        if rule.name == MINIMUM:
            least = figure
        else:
            by_work += figure * quantities[rule.name]
    return OfferFloor(rounded_up(max(least, by_work), currency), rules)
