"""All notices. A new one is an entry in its audience's module, and its texts."""

from typing import Any

from crowdship.kernel.events import DomainEvent
from crowdship.notify.customers.conversation import DRIVER_WROTE
from crowdship.notify.customers.notices import (
    ARRIVAL_MOVED,
    DELIVERED,
    FAILED,
    NEARLY_THERE,
    NOT_DELIVERED,
    OUT_FOR_DELIVERY,
    RETURNED,
    STILL_COMING,
)
from crowdship.notify.drivers.applications import LETTERS
from crowdship.notify.drivers.claims import CLAIMS
from crowdship.notify.drivers.extra_pay import EXTRA_PAY
from crowdship.notify.drivers.notices import (
    MESSAGE,
    OFFER,
    OFFER_EXPIRED,
    OFFER_TAKEN,
    OFFER_WITHDRAWN,
    ROUTE_CHANGED,
    STANDING,
    STANDING_PUSH,
)
from crowdship.notify.drivers.papers import PAPERS
from crowdship.notify.drivers.pay_floors import PAY_FLOOR_DUE
from crowdship.notify.drivers.payouts import PAYOUTS
from crowdship.notify.drivers.surge import SURGE_STARTED
from crowdship.notify.drivers.tax import TAX
from crowdship.notify.merchants.notices import ENDPOINT_DISABLED, INVOICE_OVERDUE
from crowdship.notify.notices import Notice

NOTICES: tuple[Notice[Any], ...] = (
    OUT_FOR_DELIVERY,
    ARRIVAL_MOVED,
    NEARLY_THERE,
    DELIVERED,
    NOT_DELIVERED,
    FAILED,
    STILL_COMING,
    RETURNED,
    DRIVER_WROTE,
    OFFER,
    OFFER_TAKEN,
    OFFER_WITHDRAWN,
    OFFER_EXPIRED,
    ROUTE_CHANGED,
    MESSAGE,
    *EXTRA_PAY,
    PAY_FLOOR_DUE,
    SURGE_STARTED,
    *PAPERS,
    *PAYOUTS,
    STANDING,
    STANDING_PUSH,
    *LETTERS,
    *TAX,
    *CLAIMS,
    ENDPOINT_DISABLED,
    INVOICE_OVERDUE,
)


def notices_about(event: DomainEvent) -> list[Notice[Any]]:
    """Return the notices that tell of an event."""
    return [notice for notice in NOTICES if notice.is_about(event)]
