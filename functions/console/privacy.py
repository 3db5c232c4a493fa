"""Calls of staff that erase personal data."""

from typing import Any

from crowdship.adapters.http import STAFF, Api, serve
from crowdship.contact.erasure import erase_person as erase
from crowdship.deliveries.views import DeliveryState
from crowdship.drivers.identity import SignIns
from crowdship.drivers.views import DriverView
from crowdship.intake import erasure
from crowdship.notify.push import service as subscriptions

api = Api()


@api.delete("/v1/staff/deliveries/<delivery_id>/contacts", tags=["staff"])
def erase_contacts(delivery_id: str) -> DeliveryState:
    """Erase the personal data of a delivery's sender and recipient, and their messages; refused until it is closed."""
    api.caller(STAFF)
    return DeliveryState.of(erasure.erase_contacts(delivery_id))


@api.delete("/v1/staff/drivers/<driver_id>/person", tags=["staff"])
def erase_person(driver_id: str) -> DriverView:
    """Erase a driver's personal data, what they wrote, sign-in and browsers; refused while they are on duty."""
    api.caller(STAFF)
    return DriverView.of(erase(driver_id, SignIns.configured().remove, subscriptions.forget))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
