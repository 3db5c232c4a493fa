"""API models of what a customer may do by the tracking link, and has done."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from crowdship.deliveries.customers import MOST_CUSTOMER_TIP, customer_tip, is_allowed, refuse_rating, tip_by_customer
from crowdship.deliveries.editing import Editable, refuse_late
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.rating import Rating
from crowdship.kernel.events import Value
from crowdship.kernel.money import CurrencyCode, Money
from crowdship.merchants.model import Merchant
from crowdship.vault.model import LONGEST_NOTES, CommentText


class RatingInput(Value):
    """A customer's rating; it replaces the one before, and its comment."""

    stars: int = Field(ge=1, le=5)
    comment: CommentText | None = None


class CustomerTipInput(Value):
    """A customer's tip, in minor units of the delivery's currency."""

    amount: int = Field(ge=1, le=MOST_CUSTOMER_TIP)


class InstructionsInput(Value):
    """Instructions for the driver at the door, in place of the notes before."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NOTES, strip_whitespace=True)]


class Allowed(Value):
    """The acts that the customer is allowed now."""

    rate: bool
    tip: bool
    instruct: bool


class CustomerActions(Value):
    """The acts that a customer is allowed by the link, and those already done.

    Parameters
    ----------
    stars : int or None
        The customer's rating, 1 to 5; null if there is none.
    tipped : Money or None
        The customer's tip; null if there is none.
    """

    may: Allowed
    currency: CurrencyCode = Field(description="The currency of a tip")
    stars: int | None
    tipped: Money | None

    @classmethod
    def of(cls, delivery: Delivery, rating: Rating | None, merchant: Merchant, now: datetime, /, **seen: Any) -> Self:
        """Return the actions on a delivery, by the rules that refuse them.

        Parameters
        ----------
        **seen
            Further fields of a subclass.
        """
        tip = customer_tip(delivery)
        return cls(
            may=Allowed(
                rate=is_allowed(lambda: refuse_rating(delivery, now)),
                tip=tip is None and is_allowed(lambda: tip_by_customer(delivery, 1, now, taken=merchant.customer_tips)),
                instruct=is_allowed(lambda: refuse_late(delivery, frozenset({Editable.INSTRUCTIONS}))),
            ),
            currency=delivery.price.tip.currency,
            stars=rating.stars if rating else None,
            tipped=tip.amount if tip else None,
            **seen,
        )
