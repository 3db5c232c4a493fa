"""What a merchant is answered about a delivery."""

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.views import DeliveryView
from crowdship.kernel.clock import Clock
from crowdship.tracking import service as tracking
from crowdship.tracking.link import tracking_url


def view_of(delivery: Delivery, clock: Clock) -> DeliveryView:
    """Return a delivery as its merchant sees it now, with the customer's link."""
    expected = tracking.live_arrival(delivery, clock)
    interval = (expected.earliest, expected.latest) if expected else (None, None)
    link = tracking_url(delivery.id, delivery.dropoff_window.closes_at)
    return DeliveryView.of(delivery, link, expected.at if expected else delivery.eta, interval)
