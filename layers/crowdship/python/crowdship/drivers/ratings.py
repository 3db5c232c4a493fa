"""A driver's rating: the mean of customers' ratings and of the rating that the driver started with."""

from typing import Self

from pydantic import Field

from crowdship.kernel.events import Aggregate, Value

PRIOR_WEIGHT = 20
"""The rating at registration counts like so many ratings of customers, so that one bad evening does not decide."""


class Ratings(Value):
    """Customers' ratings of a driver, as far as the mean needs them.

    Parameters
    ----------
    prior : float
        The rating at registration, 1 to 5.
    count, total : int
        The number of customers' ratings, and the sum of their stars.

    Examples
    --------
    >>> Ratings(prior=4.0).counting(1, None).counting(5, None).mean
    3.91
    """

    prior: float = Field(default=5.0, ge=1, le=5)
    count: int = 0
    total: int = 0

    @property
    def mean(self) -> float:
        """The mean of all ratings and the prior, 1 to 5, with two decimals."""
        return round((self.prior * PRIOR_WEIGHT + self.total) / (PRIOR_WEIGHT + self.count), 2)

    def counting(self, stars: int, before: int | None) -> Self:
        """Return the ratings with one more, or with another one in place of an earlier rating of the same delivery.

        Parameters
        ----------
        stars : int
            1 to 5.
        before : int or None
            The stars of the earlier rating; None if there is none.
        """
        count = self.count if before else self.count + 1
        return self.model_copy(update={"count": count, "total": self.total + stars - (before or 0)})


class CountedRating(Aggregate):
    """The rating of one delivery as it was counted into its driver's; its id is the delivery's.

    Parameters
    ----------
    stars : int or None
        None if none was counted yet.
    of_sequence : int
        The sequence of the newest event that was counted.
    """

    stars: int | None = None
    of_sequence: int = 0
