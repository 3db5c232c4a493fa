"""Goods that not everybody may carry, and what each category demands."""

from dataclasses import dataclass
from enum import StrEnum


class Goods(StrEnum):
    """A category of goods with rules of its own; what is in none is carried everywhere."""

    ALCOHOL = "alcohol"
    TOBACCO = "tobacco"
    CANNABIS = "cannabis"
    PRESCRIPTION = "prescription"


@dataclass(frozen=True)
class GoodsRule:
    """What a category demands of a hand-over and of who carries it.

    Parameters
    ----------
    minimum_age : int or None
        Years, proven by a document at the door.
    signature : bool
        The recipient signs.
    dedicated_only : bool
        Only a driver of the merchant's own may carry it.
    """

    minimum_age: int | None = None
    signature: bool = False
    dedicated_only: bool = False


GOODS_RULES: dict[Goods, GoodsRule] = {
    Goods.ALCOHOL: GoodsRule(minimum_age=21),  # 27 CFR, and the states' codes: 21 everywhere in the United States
    Goods.TOBACCO: GoodsRule(minimum_age=21),  # 21 U.S.C. 387f(d)(5)
    # Only an employee of the licensed retailer may deliver it (4 CCR 15415).
    Goods.CANNABIS: GoodsRule(minimum_age=21, dedicated_only=True),
    Goods.PRESCRIPTION: GoodsRule(signature=True),
}
"""By category; a request may ask for more than this, never for less."""
