"""Pictures of a hand-over for a customer with a tracking link."""

from typing import Any

from aws_lambda_powertools.event_handler import Response

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JPEG, PICTURE, Api, serve
from crowdship.proof import service as proofs
from crowdship.proof.images import ImageStore
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.tracking.page.link import delivery_behind

api = Api()
clock = clock_from()
KEPT_S = 86_400


@api.get("/v1/track/<token>/proof/<kind>", responses=PICTURE, tags=["customer"])
def read_picture(token: str, kind: ImageKind) -> Response[str | None]:
    """Look at a picture of the hand-over; 404 `no_picture` before it."""
    image = proofs.picture_for_customer(delivery_behind(token, clock), kind)
    return api.kept(JPEG, image.shown.sha256, lambda: ImageStore.configured().body(image), KEPT_S)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
