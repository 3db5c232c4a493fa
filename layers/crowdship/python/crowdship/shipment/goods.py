"""Goods that not everybody may carry, and what each category demands."""

from dataclasses import dataclass
from enum import StrEnum

from crowdship.shipment.requirements.registry import Requirements


class Goods(StrEnum):
    """A category of goods with rules of its own; what is in none is carried everywhere."""

    ALCOHOL = "alcohol"
    TOBACCO = "tobacco"
    CANNABIS = "cannabis"
    PRESCRIPTION = "prescription"


OF_21, SIGNED = Requirements(minimum_age=21), Requirements(signature=True)


@dataclass(frozen=True)
class GoodsRule:
    """The demands of a category on the hand-over and on the driver.

    Parameters
    ----------
    requirements : Requirements
        The least that is required; only the fields that are set count.
    dedicated_only : bool
        Only a driver of the merchant's own may carry it.
    """

    requirements: Requirements
    dedicated_only: bool = False


GOODS_RULES: dict[Goods, GoodsRule] = {
    Goods.ALCOHOL: GoodsRule(OF_21),  # 27 CFR, and the states' codes: 21 everywhere in the United States
    Goods.TOBACCO: GoodsRule(OF_21),  # 21 U.S.C. 387f(d)(5)
    # Only an employee of the licensed retailer may deliver it (4 CCR 15415).
    Goods.CANNABIS: GoodsRule(OF_21, dedicated_only=True),
    Goods.PRESCRIPTION: GoodsRule(SIGNED),
}
"""By category; a request may ask for more than this, never for less."""


def completed(requirements: Requirements, goods: Goods | None) -> Requirements:
    """Return what a hand-over must capture, with what its goods demand."""
    return requirements.with_demands(GOODS_RULES[goods].requirements) if goods else requirements
