"""Merchants' calls about the proof of their deliveries."""

from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import Api, serve
from crowdship.deliveries import service as deliveries
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope
from crowdship.proof import verification
from crowdship.proof.images import ImageStore
from crowdship.proof.views import Verification

api = Api()
clock = clock_from()


@api.get("/v1/deliveries/<delivery_id>/proof/verify", tags=["merchant"])
def verify_proof(delivery_id: str) -> Verification:
    """Check that nobody changed a proof: its chain of custody, and the bytes of its pictures.

    Keep `sha256`, the hash of the last entry: each later entry rests on it.
    """
    merchant = api.admit(merchants.authenticate, Scope.READ)
    delivery = deliveries.get_of_merchant(delivery_id, merchant.id)
    return verification.verify(delivery, ImageStore.configured(), clock).for_merchants()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
