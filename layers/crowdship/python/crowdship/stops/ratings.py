"""Use case of staff: a customer's rating with its comment."""

from crowdship.deliveries import service as deliveries
from crowdship.kernel.errors import NotFound
from crowdship.stops.views import RatingView
from crowdship.vault import service as vault
from crowdship.vault.model import comment_token


def read(delivery_id: str) -> RatingView:
    """Return the customer's rating of a delivery.

    Raises
    ------
    NotFound
        If there is no such delivery, or no rating of it.
    """
    deliveries.get(delivery_id)
    rating = deliveries.rating_of(delivery_id)
    if rating is None:
        raise NotFound("not_rated", f"The customer of {delivery_id} has not rated it.")
    comment = vault.comment(comment_token(delivery_id))
    return RatingView(stars=rating.stars, at=rating.at, comment=comment.text if comment else None)
