"""Calls of staff that erase personal data."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JSON, STAFF, Api, serve
from crowdship.data_rights.erasure import erase_driver
from crowdship.deliveries.erasure import ErasureState, ErasureView
from crowdship.drivers.views import DriverView
from crowdship.intake import erasure
from crowdship.proof.images import ImageStore

api = Api()
clock = clock_from()

ERASED: dict[int, OpenAPIResponse] = {
    200: {"description": "Erased, but for what a hold keeps", "content": {JSON: {"model": ErasureView}}},
    202: {"description": "It waits and is done by itself", "content": {JSON: {"model": ErasureView}}},
}


@api.delete("/v1/staff/deliveries/<delivery_id>/contacts", responses=ERASED, tags=["staff"])
def erase_contacts(delivery_id: str) -> Response[ErasureView]:
    """Erase the people of a delivery: contacts, PIN, recipient, comment, messages, pictures and drivers' notes.

    While the delivery is under way, and while its driver may take the end back, it is `pending` (202) and later done by
    itself. `partly` means that pay is held: `kept` says which parts stay, why, and until when. The same call again
    changes nothing.
    """
    api.caller(STAFF)
    view = erasure.erase_contacts(delivery_id, ImageStore.configured(), clock)
    return Response(202 if view.state is ErasureState.PENDING else 200, JSON, view)


@api.delete("/v1/staff/drivers/<driver_id>/person", tags=["staff"])
def erase_person(driver_id: str) -> DriverView:
    """Erase a driver's personal data, what they wrote, documents, sign-in and browsers; refused while on duty.

    Their plate, newest position, requests and export go as well; the trail, on which pay rests, expires within 30 days.
    Identity and bank account go; the tax form ends after four years, or at once if they could never work. 409
    `report_undecided` while a report stands against an applicant.
    """
    api.caller(STAFF)
    return DriverView.of(erase_driver(driver_id, clock))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
