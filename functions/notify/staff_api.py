"""Staff on webhooks: what became of them, and endpoints that asked for no more."""

from typing import Any

from crowdship.kernel.http import STAFF, Api, serve
from crowdship.notify import service
from crowdship.notify.views import ResumedEndpoint, Webhooks

api = Api()


@api.get("/v1/staff/deliveries/<delivery_id>/webhooks", tags=["staff"])
def webhooks(delivery_id: str) -> Webhooks:
    """Return every attempt to tell merchants' endpoints of a delivery."""
    api.caller(STAFF)
    return Webhooks.of(delivery_id, service.webhooks_of(delivery_id))


@api.post("/v1/staff/merchants/<merchant_id>/endpoints/<endpoint_id>/resume", tags=["staff"])
def resume_endpoint(merchant_id: str, endpoint_id: str) -> ResumedEndpoint:
    """Send to an endpoint again that had answered 410; what happened meanwhile it is not told."""
    api.caller(STAFF)
    return service.resume_endpoint(merchant_id, endpoint_id)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
