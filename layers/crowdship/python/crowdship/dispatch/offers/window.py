"""Time for which an offer is open: the zone's setting, or the law of a pickup where that is longer. Pure."""

from collections.abc import Iterable
from datetime import datetime

from crowdship.deliveries.model import Delivery
from crowdship.law.book import LAW
from crowdship.law.places import with_wider
from crowdship.zones.model import ZoneSettings

RULE = "offer_window"


def answer_seconds(deliveries: Iterable[Delivery], settings: ZoneSettings, now: datetime) -> int:
    """Return how many seconds a driver has to answer an offer that is made now.

    The law is that of the day of the offer, at each pickup of the bundle: one that came after the zone was made holds
    as well.
    """
    codes = dict.fromkeys(code for delivery in deliveries for code in delivery.pickup_law)
    rule = LAW.strictest(RULE, (*codes, *with_wider(settings.jurisdictions)), now)
    return max(settings.dispatch.offers.seconds, rule.number if rule else 0)


def longest_answer_seconds(settings: ZoneSettings, now: datetime) -> int:
    """Return the longest that an offer of a zone may be open, wherever its pickups are."""
    rule = LAW.strictest(RULE, LAW.jurisdictions, now)
    return max(settings.dispatch.offers.seconds, rule.number if rule else 0)
