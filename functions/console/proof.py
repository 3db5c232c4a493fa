"""Calls of staff about hand-overs: proof, rating, completion in a driver's stead, and held pay."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JPEG, PICTURE, STAFF, Api, serve
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.holds import Verdict
from crowdship.deliveries.views import DeliveryState
from crowdship.proof import service as proof
from crowdship.proof import verification
from crowdship.proof.images import ImageStore
from crowdship.proof.views import ProofView, Verification
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.stops import by_hand, holds, ratings
from crowdship.stops.views import CompleteByHandInput, DecisionInput, FailByHandInput, HeldDelivery, HeldPay, RatingView

api = Api()
clock = clock_from()
KEPT_S = 300


@api.get("/v1/staff/deliveries/<delivery_id>/proof", tags=["staff"])
def read_proof(delivery_id: str) -> ProofView:
    """Read the proof of the hand-over; the links to its pictures end after five minutes."""
    api.caller(STAFF)
    return proof.view(delivery_id, ImageStore.configured())


@api.get("/v1/staff/deliveries/<delivery_id>/proof/verify", tags=["staff"])
def verify_proof(delivery_id: str) -> Verification:
    """Check that nobody changed the proof: its chain of custody, and the bytes of its pictures."""
    api.caller(STAFF)
    return verification.verify(deliveries.get(delivery_id), ImageStore.configured(), clock)


@api.get("/v1/staff/deliveries/<delivery_id>/proof/<kind>", responses=PICTURE, tags=["staff"])
def read_picture(delivery_id: str, kind: ImageKind) -> Response[str | None]:
    """Look at a picture of the proof, upright and without what the phone wrote into it."""
    api.caller(STAFF)
    image = proof.picture_for_staff(delivery_id, kind)
    return api.kept(JPEG, image.shown.sha256, lambda: ImageStore.configured().body(image), KEPT_S)


@api.get("/v1/staff/deliveries/<delivery_id>/rating", tags=["staff"])
def read_rating(delivery_id: str) -> RatingView:
    """Read the customer's rating with its comment; 404 `not_rated` if there is none."""
    api.caller(STAFF)
    return ratings.read(delivery_id)


@api.post("/v1/staff/deliveries/<delivery_id>/complete", tags=["staff"])
def complete_delivery(delivery_id: str, body: Annotated[CompleteByHandInput, Body()]) -> DeliveryState:
    """Complete a delivery in its driver's stead, or its return to the shop; the proof says who vouched for it."""
    wish = body.reason, api.caller(STAFF), ImageStore.configured(), clock
    return DeliveryState.of(
        by_hand.complete_by_hand(delivery_id, *wish, by=body.driver_id, disposition=body.disposition)
    )


@api.post("/v1/staff/deliveries/<delivery_id>/fail", tags=["staff"])
def fail_delivery(delivery_id: str, body: Annotated[FailByHandInput, Body()]) -> DeliveryState:
    """End a delivery in its driver's stead: goods on board are returned, unless they are lost."""
    return DeliveryState.of(by_hand.fail_by_hand(delivery_id, body.reason, api.caller(STAFF), clock, body.disposition))


@api.get("/v1/staff/zones/<zone_id>/held-pay", tags=["staff"])
def read_held_pay(zone_id: str) -> HeldPay:
    """List closed deliveries whose booking is held, because the driver's phone does not confirm their steps."""
    api.caller(STAFF)
    return holds.held(zone_id)


@api.post("/v1/staff/deliveries/<delivery_id>/release-pay", tags=["staff"])
def release_pay(delivery_id: str, body: Annotated[DecisionInput, Body()]) -> HeldDelivery:
    """Book the held charge and pay of a delivery, by its outcome."""
    return holds.decide(delivery_id, Verdict.RELEASED, body.ground, api.caller(STAFF), clock)


@api.post("/v1/staff/deliveries/<delivery_id>/refuse-pay", tags=["staff"])
def refuse_pay(delivery_id: str, body: Annotated[DecisionInput, Body()]) -> HeldDelivery:
    """Drop the held charge and pay of a delivery for good: nothing is charged, and nothing is paid."""
    return holds.decide(delivery_id, Verdict.REFUSED, body.ground, api.caller(STAFF), clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
