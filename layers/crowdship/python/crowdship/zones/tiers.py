"""Tiers: what a driver's measures open, as a zone's staff choose it. Pure."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from crowdship.kernel.events import Value


class Tier(Value):
    """A tier: the measures that it needs, and the worth of the goods that it opens.

    Acceptance of offers is no measure that a tier could need.

    Parameters
    ----------
    code : str
        Names it, such as ``trusted``.
    deliveries : int
        Deliveries of the window that the driver carried to an end, at least.
    rating, on_time, completion, compliance : float
        The least value of each measure: stars from 1 to 5, and shares from 0 to 1.
    goods_value : int or None
        Largest worth of a delivery's goods that it opens, in minor units of the zone's currency; None for any.
    """

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,29}$")]
    deliveries: int = Field(default=0, ge=0, le=100)
    rating: float = Field(default=1.0, ge=1, le=5)
    on_time: float = Field(default=0.0, ge=0, le=1)
    completion: float = Field(default=0.0, ge=0, le=1)
    compliance: float = Field(default=0.0, ge=0, le=1)
    goods_value: int | None = Field(default=None, ge=0)

    @property
    def is_open_to_all(self) -> bool:
        """True if it needs nothing."""
        return (self.deliveries, self.rating, self.on_time, self.completion, self.compliance) == (0, 1, 0, 0, 0)

    def opens(self, value: int) -> bool:
        """Return whether it opens goods of a worth."""
        return self.goods_value is None or value <= self.goods_value


def _ascending(tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
    if not tiers[0].is_open_to_all:
        raise ValueError("the first tier is the newcomers': it needs nothing of the measures")
    if len({tier.code for tier in tiers}) < len(tiers):
        raise ValueError("give each tier a code of its own")
    values = [float("inf") if tier.goods_value is None else tier.goods_value for tier in tiers]
    if values != sorted(values):
        raise ValueError("each tier opens at least the goods_value of the one before; null opens any")
    return tiers


Tiers = Annotated[tuple[Tier, ...], Field(min_length=1, max_length=10), AfterValidator(_ascending)]
"""A zone's tiers, that of newcomers first."""

USUAL: tuple[Tier, ...] = (
    Tier(code="newcomer", goods_value=20_000),
    Tier(code="proven", deliveries=20, rating=4.5, on_time=0.85, completion=0.9, compliance=0.93, goods_value=100_000),
    Tier(code="trusted", deliveries=80, rating=4.7, on_time=0.93, completion=0.95, compliance=0.97),
)
"""Tiers of a zone whose staff chose none."""


def most_valuable(values: Iterable[int | None]) -> int:
    """Return the largest worth among some deliveries; one that names none counts as 0."""
    return max((value or 0 for value in values), default=0)
