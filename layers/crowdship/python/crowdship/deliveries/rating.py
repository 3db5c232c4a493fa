"""A customer's rating of a delivery, an aggregate of its own.

The ledger makes the events of a closed delivery again from their sequences, so a rating must not add to those.
"""

from typing import Self

from pydantic import Field

from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Aggregate


class Rating(Aggregate):
    """The stars that a customer gave; its id is the delivery's. The comment is in the vault."""

    stars: int = Field(ge=1, le=5)
    at: Moment

    @classmethod
    def given(cls, before: Self | None, delivery: Delivery, stars: int, at: Moment) -> Self:
        """Return the rating of a delivery, in place of the one before; equal stars change nothing."""
        if before and before.stars == stars:
            return before
        rating = before.with_changes(stars=stars, at=at) if before else cls(id=delivery.id, stars=stars, at=at)
        data = {
            "delivery_id": delivery.id,
            "livemode": delivery.livemode,
            "merchant_id": delivery.merchant_id,
            "zone_id": delivery.zone_id,
            "driver_id": delivery.driver_id,
            "stars": stars,
            "previous_stars": before.stars if before else None,
        }
        return rating.emitting("rating.given", at, data)
