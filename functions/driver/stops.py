"""Calls of drivers about their route and each step at a stop."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import DRIVERS, JSON, Api, serve
from crowdship.deliveries.views import DeliveryState
from crowdship.proof import service as proofs
from crowdship.proof.images import ImageStore
from crowdship.proof.model import DeliverInput
from crowdship.proof.uploads import CONTENT_TYPES, UploadRequest
from crowdship.proof.views import PictureKept
from crowdship.routes import service as routing
from crowdship.routes.views import ConfirmInput, RouteView
from crowdship.settlement import corrections
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.stops import service as stops
from crowdship.stops.views import CorrectInput, FailInput, PickUpInput, ReturnInput, StepInput, StopInput, UploadForm

Sha256 = Annotated[str, Query(pattern="^[0-9a-f]{64}$", description="SHA-256 of the bytes, in hexadecimal")]
PICTURES = {"PUT /v1/driver/deliveries/{delivery_id}/proofs/{kind}": sorted(frozenset().union(*CONTENT_TYPES.values()))}

api = Api()
clock = clock_from()


@api.get("/v1/driver/route", tags=["driver"])
def read_route() -> RouteView:
    """Read the open stops in order, with the contact at each.

    Until the pickup a customer is shown by first name and area; door, whole name and notes follow with the pickup.
    """
    return stops.route_view(api.caller(DRIVERS), clock)


@api.post("/v1/driver/route/confirm", tags=["driver"])
def confirm_route(body: Annotated[ConfirmInput, Body()]) -> RouteView:
    """Confirm the plan of a revision; setting out for a stop does so too."""
    driver_id = api.caller(DRIVERS)
    routing.confirm(driver_id, body.revision)
    return stops.route_view(driver_id, clock)


@api.post("/v1/driver/deliveries/<delivery_id>/depart", tags=["driver"])
def depart(delivery_id: str, body: Annotated[StopInput, Body()]) -> DeliveryState:
    """Set out for a stop of the delivery, or turn back to it; a repeated call changes nothing."""
    return DeliveryState.of(stops.depart(delivery_id, api.caller(DRIVERS), body.stop, body.device_at, clock))


@api.post("/v1/driver/deliveries/<delivery_id>/arrive", tags=["driver"])
def arrive(delivery_id: str, body: Annotated[StopInput, Body()]) -> DeliveryState:
    """Arrive at the stop."""
    made = body.stop, body.device_at, clock, body.position
    return DeliveryState.of(stops.arrive(delivery_id, api.caller(DRIVERS), *made))


@api.post("/v1/driver/deliveries/<delivery_id>/unassign", tags=["driver"])
def unassign(delivery_id: str, body: Annotated[StepInput, Body()]) -> DeliveryState:
    """Give up a delivery that is not fetched yet: it is offered to others, and nothing is paid for it."""
    return DeliveryState.of(stops.unassign(delivery_id, api.caller(DRIVERS), body.device_at, clock))


@api.post("/v1/driver/deliveries/<delivery_id>/pick-up", tags=["driver"])
def pick_up(delivery_id: str, body: Annotated[PickUpInput, Body()]) -> DeliveryState:
    """Take the goods on board; refused until what the delivery requires at the pickup is captured."""
    made = body.device_at, clock, body, body, body.position
    return DeliveryState.of(stops.pick_up(delivery_id, api.caller(DRIVERS), *made))


@api.post("/v1/driver/deliveries/<delivery_id>/proofs", status_code=201, tags=["driver"])
def announce_proof(delivery_id: str, body: Annotated[UploadRequest, Body()]) -> Response[UploadForm]:
    """Get a form to upload a photo or a signature with: at most 5 MB, valid for 10 minutes."""
    driver_id = api.caller(DRIVERS)
    form = proofs.announce_upload(delivery_id, driver_id, body, ImageStore.configured(), clock)
    return Response(201, JSON, UploadForm(kind=body.kind, url=form["url"], fields=form["fields"]))


@api.put("/v1/driver/deliveries/<delivery_id>/proofs/<kind>", status_code=201, tags=["driver"])
def take_picture(delivery_id: str, kind: ImageKind, sha256: Sha256) -> Response[PictureKept]:
    """Keep a picture: at most 3 MB, checked on arrival; the newest of a kind counts, the same again changes nothing."""
    driver_id, taken = api.caller(DRIVERS), (kind, api.header("Content-Type") or "", sha256, api.raw_body)
    kept = proofs.take_picture(delivery_id, driver_id, *taken, ImageStore.configured(), clock)
    return Response(201, JSON, kept)


@api.post("/v1/driver/deliveries/<delivery_id>/deliver", tags=["driver"])
def deliver(delivery_id: str, body: Annotated[DeliverInput, Body()]) -> DeliveryState:
    """Complete the hand-over; refused until everything the delivery requires is captured."""
    return DeliveryState.of(stops.deliver(delivery_id, api.caller(DRIVERS), body, ImageStore.configured(), clock))


@api.post("/v1/driver/deliveries/<delivery_id>/fail", tags=["driver"])
def fail(delivery_id: str, body: Annotated[FailInput, Body()]) -> DeliveryState:
    """Give up the hand-over at the stop, with a reason; goods on board are left, disposed of or brought back."""
    made = body.reason, body.position, body.device_at, clock, ImageStore.configured(), body, body
    failed = stops.fail(delivery_id, api.caller(DRIVERS), *made, body.disposition)
    return DeliveryState.of(failed)


@api.post("/v1/driver/deliveries/<delivery_id>/correct", tags=["driver"])
def correct(delivery_id: str, body: Annotated[CorrectInput, Body()]) -> DeliveryState:
    """Take back the ending that was stated last, within 15 minutes of it: the delivery is at its stop again."""
    return DeliveryState.of(corrections.correct(delivery_id, api.caller(DRIVERS), body, clock))


@api.post("/v1/driver/deliveries/<delivery_id>/return", tags=["driver"])
def return_goods(delivery_id: str, body: Annotated[ReturnInput, Body()]) -> DeliveryState:
    """Hand the goods back where they were picked up; refused until what the delivery requires there is captured."""
    made = body.device_at, clock, body.position, body, body.disposition
    return DeliveryState.of(stops.return_goods(delivery_id, api.caller(DRIVERS), *made))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context, PICTURES)
