"""Answers to a merchant about one delivery, or about all deliveries of a day."""

from datetime import date

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.filters import Filters
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.views import DeliveryView
from crowdship.intake.orders.views import DeliveryPage
from crowdship.kernel.clock import Clock
from crowdship.tracking import service as tracking
from crowdship.tracking.page.link import tracking_url


def view_of(delivery: Delivery, clock: Clock) -> DeliveryView:
    """Return a delivery as its merchant sees it now, with the customer's link."""
    expected = tracking.live_arrival(delivery, clock)
    interval = (expected.earliest, expected.latest) if expected else (None, None)
    link = tracking_url(delivery.id, delivery.dropoff_window.closes_at)
    return DeliveryView.of(delivery, link, expected.at if expected else delivery.eta, interval)


def page_of(merchant_id: str, day: date, cursor: str | None, limit: int) -> DeliveryPage:
    """Return a page of the deliveries that a merchant created on a UTC day.

    Raises
    ------
    Unprocessable
        If the cursor is none of this list's.
    """
    found, following = deliveries.listed(Filters(merchant_id=merchant_id, day=day), cursor, limit)
    return DeliveryPage(
        deliveries=tuple(
            DeliveryView.of(delivery, tracking_url(delivery.id, delivery.dropoff_window.closes_at), delivery.eta)
            for delivery in found
        ),
        cursor=following,
    )
