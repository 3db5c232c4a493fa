"""Goods that have rules of their own. The categories are those that rules of law name: ``goods_alcohol_minimum_age``.

A category is a rule set, so a new one is a few rows of the law's tables and no code.
"""

from enum import StrEnum
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from crowdship.law.book import LAW

PREFIX = "goods_"
"""The beginning of the name of every rule of a category."""


class Demand(StrEnum):
    """The demand of a category's rule; the end of the rule's name."""

    CREDENTIALS = "credentials"
    """Credentials that the driver must hold."""

    DRIVER_AGE = "driver_age"
    """Least age of the driver, which the credential ``age_<years>`` proves."""

    DEDICATED_ONLY = "dedicated_only"
    """Only a merchant's own driver may carry them."""

    MINIMUM_AGE = "minimum_age"
    """Least age of the recipient."""

    CLOSED_HOURS = "closed_hours"
    """Hours of the local day in which nothing may be handed over."""

    CAPTURES = "captures"
    """Requirements that are asked for, by the names of the fields that say yes or no."""

    AFFIRMATIONS = "affirmations"
    """The driver's affirmations at the hand-over."""

    TEMPERATURE_LEAST = "temperature_least"
    TEMPERATURE_MOST = "temperature_most"
    """The range in which the goods stay, degrees Celsius."""

    ATTENDED = "attended"
    """Nothing may be left at the door."""

    NO_SWAP = "no_swap"
    """Goods on board stay with their driver."""

    REFUSALS = "refusals"
    """Reasons of a failure by which the hand-over is refused, beside those that every delivery has."""

    DISPOSITION = "disposition"
    """The end of goods that were not delivered is recorded before the delivery closes."""


def rule_of(goods: str, demand: Demand) -> str:
    """Return the name of the rule by which a category demands something."""
    return f"{PREFIX}{goods}_{demand}"


@cache
def categories() -> tuple[str, ...]:
    """Return all categories, sorted."""
    found = set()
    for rule in LAW.kinds:
        ends = [f"_{demand}" for demand in Demand if rule.endswith(f"_{demand}")]
        if rule.startswith(PREFIX) and ends:
            found.add(rule.removeprefix(PREFIX).removesuffix(max(ends, key=len)))
    return tuple(sorted(found))


def _known(goods: str) -> str:
    if goods not in categories():
        raise ValueError(f"it must be one of {', '.join(categories())}")
    return goods


def _listed(schema: dict[str, Any]) -> None:
    schema.pop("pattern", None)
    schema.pop("maxLength", None)
    schema["enum"] = list(categories())


Goods = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40),
    AfterValidator(_known),
    Field(json_schema_extra=_listed),
]
"""A category of goods with rules of its own; what is in none is carried everywhere."""
