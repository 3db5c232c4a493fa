"""Law of a zone: the jurisdictions that count in it, and settings that would undercut their rules. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point
from crowdship.law.book import LAW
from crowdship.law.model import Rule
from crowdship.law.places import jurisdictions_of, jurisdictions_touched, with_wider
from crowdship.zones.classification import Guard
from crowdship.zones.model import ZoneSettings


@dataclass(frozen=True)
class Bound:
    """A setting that a rule of law bounds.

    Parameters
    ----------
    rule : str
        Name of the rule.
    pointer : str
        JSON pointer of the setting.
    value : callable
        Returns the setting in the unit of the rule.
    """

    rule: str
    pointer: str
    value: Callable[[ZoneSettings], int]


BOUNDS = (Bound("offer_window", "/dispatch/offers/seconds", lambda settings: settings.dispatch.offers.seconds),)
"""All settings that law bounds."""


def jurisdictions_in(settings: ZoneSettings) -> tuple[str, ...]:
    """Return the codes of all jurisdictions that count anywhere in a zone, the widest first."""
    return with_wider((*jurisdictions_touched(settings.area), *settings.jurisdictions))


def jurisdictions_at(point: Point, settings: ZoneSettings) -> tuple[str, ...]:
    """Return the codes of the jurisdictions that count at a point of a zone, the widest first."""
    return with_wider((*jurisdictions_of(point), *settings.jurisdictions))


def refuse_unlawful(settings: ZoneSettings, now: datetime) -> None:
    """Check the settings of a zone against the law of every jurisdiction that it touches.

    Raises
    ------
    Unprocessable
        ``unknown_jurisdiction``, or ``below_the_law`` with each rule, its jurisdiction, figure and source.
    """
    unknown = [
        (f"/jurisdictions/{number}", f"There is no jurisdiction {code} in the tables of law.")
        for number, code in enumerate(settings.jurisdictions)
        if code not in LAW.jurisdictions
    ]
    if unknown:
        known = ", ".join(sorted(LAW.jurisdictions.keys() - {"*"}))
        raise Unprocessable("unknown_jurisdiction", f"{unknown[0][1]} It has {known}.", errors=unknown)
    codes = jurisdictions_in(settings)
    undercut = [
        (bound.pointer, _sentence(bound.value(settings), rule))
        for bound in BOUNDS
        if (rule := LAW.strictest(bound.rule, codes, now)) and rule.demands_more_than(bound.value(settings))
    ]
    if undercut:
        raise Unprocessable("below_the_law", " ".join(told for _, told in undercut), errors=undercut)


def contractors_law(settings: ZoneSettings, now: datetime) -> dict[Guard, str]:
    """Return the law that asks for each guard of contractors in a zone, as a part of a sentence; none is left out."""
    codes = jurisdictions_in(settings)
    found = ((guard, LAW.strictest(guard, codes, now)) for guard in Guard)
    return {guard: f"{rule.jurisdiction}: {rule.source}" for guard, rule in found if rule}


def _sentence(value: int, rule: Rule) -> str:
    """Return why a value can't be: the rule's name, jurisdiction, figure, first day, status and source."""
    where = LAW.jurisdictions[rule.jurisdiction].name
    law = f"{rule.name} of {where} ({rule.jurisdiction}) is {rule.written} {rule.unit} since {rule.start}"
    return f"It is {value}; {law}, {rule.status}: {rule.source}."
