"""Measures of a driver's work over a rolling window, with a prior. Pure.

Each measure is a share of the driver's deliveries in the window. It starts from a prior that counts like so many
deliveries, so that one bad evening does not sink a newcomer; a customer who gives no rating has no weight. Acceptance
of offers is none of them: nothing about offers is on a driver's record.
"""

from datetime import timedelta

from pydantic import Field

from crowdship.kernel.events import Value

PRIOR_WEIGHT = 20
"""Deliveries, or ratings, that the prior counts like."""

PRIOR_SHARE = 0.95
"""The share from which on-time, completion and compliance start."""

WINDOW_DELIVERIES = 100
"""The newest deliveries that count."""

WINDOW = timedelta(days=90)
"""Deliveries that ended earlier do not count."""

LATE_S = 300
"""A delivery counts as late from so many seconds of lateness by the driver's own part."""


class Measures(Value):
    """Counts of a driver's deliveries in the window, and the measures made of them.

    Parameters
    ----------
    prior : float
        The rating at registration, 1 to 5.
    rated, stars : int
        Ratings of customers, and the sum of their stars.
    carried : int
        Deliveries that the driver carried to an end.
    late : int
        Of the delivered ones, those that were late by the driver's own part.
    delivered : int
        Deliveries that reached the customer.
    dropped : int
        Deliveries that the driver took and gave up, or lost.
    contradicted : int
        Deliveries of which a person found that the driver was not where they said.

    Examples
    --------
    >>> Measures(prior=4.0, rated=2, stars=6).rating, Measures().rating, Measures(rated=1, stars=1).rating
    (3.91, 5.0, 4.81)
    >>> Measures(carried=10, delivered=10, late=3).on_time
    0.867
    """

    prior: float = Field(default=5.0, ge=1, le=5)
    rated: int = 0
    stars: int = 0
    carried: int = 0
    delivered: int = 0
    late: int = 0
    dropped: int = 0
    contradicted: int = 0

    @property
    def rating(self) -> float:
        """The mean of the ratings and the prior, 1 to 5, with two decimals."""
        return round((self.prior * PRIOR_WEIGHT + self.stars) / (PRIOR_WEIGHT + self.rated), 2)

    @property
    def on_time(self) -> float:
        """Share of delivered goods that were not late by the driver's own part, 0 to 1."""
        return _share(self.delivered - self.late, self.delivered)

    @property
    def completion(self) -> float:
        """Share of deliveries taken that the driver carried to an end, 0 to 1."""
        return _share(self.carried, self.carried + self.dropped)

    @property
    def compliance(self) -> float:
        """Share of deliveries whose steps no person found to be false, 0 to 1."""
        return _share(self.carried - self.contradicted, self.carried)


def _share(good: int, of: int) -> float:
    return round((good + PRIOR_SHARE * PRIOR_WEIGHT) / (of + PRIOR_WEIGHT), 3)
