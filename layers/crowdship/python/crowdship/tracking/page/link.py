"""The tracking link of a customer: making it and reading it."""

from datetime import datetime

from crowdship.adapters.secrets import secret
from crowdship.adapters.settings import settings
from crowdship.kernel.clock import Clock
from crowdship.tracking.page.token import link_expiry, read_token, tracking_token


def tracking_url(delivery_id: str, dropoff_closes_at: datetime) -> str:
    """Return the address of the page on which a delivery can be followed."""
    token = tracking_token(secret(settings().tracking_secret), delivery_id, link_expiry(dropoff_closes_at))
    return f"{settings().pages_url}/t/{token}"


def delivery_behind(token: str, clock: Clock) -> str:
    """Return the id of the delivery that a link's token names.

    Raises
    ------
    Unauthorized
        If the token was not made here, or was altered.
    Gone
        If it has expired.
    """
    return read_token(secret(settings().tracking_secret), token, clock.now())
