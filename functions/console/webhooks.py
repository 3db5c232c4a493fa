"""API of staff for webhooks: those of a delivery, and merchants' endpoints."""

from datetime import timedelta
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JSON, STAFF, Api, serve
from crowdship.notify.webhooks.delivery import log
from crowdship.notify.webhooks.delivery.attempts import AttemptState
from crowdship.notify.webhooks.endpoints import service as endpoints
from crowdship.notify.webhooks.endpoints.model import EndpointChange, EndpointInput
from crowdship.notify.webhooks.endpoints.signing import RotationInput
from crowdship.notify.webhooks.replay import service as replays
from crowdship.notify.webhooks.replay.model import ReplayInput
from crowdship.notify.webhooks.views import (
    Attempts,
    Endpoints,
    EndpointView,
    NewEndpoint,
    NewSecret,
    ReplayView,
    TestSent,
    Webhooks,
)

api = Api()
clock = clock_from()


@api.get("/v1/staff/deliveries/<delivery_id>/webhooks", tags=["staff"])
def webhooks(delivery_id: str) -> Webhooks:
    """Return every attempt to send webhooks of a delivery."""
    api.caller(STAFF)
    return Webhooks.of(delivery_id, log.webhooks_of(delivery_id))


@api.get("/v1/staff/merchants/<merchant_id>/endpoints", tags=["staff"])
def list_endpoints(merchant_id: str) -> Endpoints:
    """List webhook endpoints."""
    api.caller(STAFF)
    return Endpoints.of(endpoints.endpoints(merchant_id))


@api.post("/v1/staff/merchants/<merchant_id>/endpoints", status_code=201, tags=["staff"])
def add_endpoint(merchant_id: str, body: Annotated[EndpointInput, Body()]) -> Response[NewEndpoint]:
    """Add a webhook endpoint; its signing secret is shown this once."""
    api.caller(STAFF)
    return Response(201, JSON, NewEndpoint.with_secret(*endpoints.add(merchant_id, body)))


@api.get("/v1/staff/merchants/<merchant_id>/endpoints/<endpoint_id>", tags=["staff"])
def read_endpoint(merchant_id: str, endpoint_id: str) -> EndpointView:
    """Read a webhook endpoint and its health."""
    api.caller(STAFF)
    return EndpointView.of(endpoints.endpoint(merchant_id, endpoint_id))


@api.patch("/v1/staff/merchants/<merchant_id>/endpoints/<endpoint_id>", tags=["staff"])
def change_endpoint(merchant_id: str, endpoint_id: str, body: Annotated[EndpointChange, Body()]) -> EndpointView:
    """Change a webhook endpoint, disable it, or set it active again."""
    api.caller(STAFF)
    return EndpointView.of(endpoints.change(merchant_id, endpoint_id, body, clock))


@api.delete("/v1/staff/merchants/<merchant_id>/endpoints/<endpoint_id>", tags=["staff"])
def delete_endpoint(merchant_id: str, endpoint_id: str) -> Endpoints:
    """Delete a webhook endpoint and its secret; the answer has those that are left."""
    api.caller(STAFF)
    return Endpoints.of(endpoints.remove(merchant_id, endpoint_id))


@api.post("/v1/staff/merchants/<merchant_id>/endpoints/<endpoint_id>/rotate-secret", tags=["staff"])
def rotate_secret(merchant_id: str, endpoint_id: str, body: Annotated[RotationInput, Body()]) -> NewSecret:
    """Make a new signing secret, shown this once; during an overlap the old one signs as well."""
    api.caller(STAFF)
    return NewSecret.of(*endpoints.rotate_secret(merchant_id, endpoint_id, timedelta(hours=body.overlap_hours)))


@api.post("/v1/staff/merchants/<merchant_id>/endpoints/<endpoint_id>/test", status_code=202, tags=["staff"])
def test_endpoint(merchant_id: str, endpoint_id: str) -> Response[TestSent]:
    """Send a signed test event; the answer will be in the delivery log."""
    api.caller(STAFF)
    return Response(202, JSON, TestSent.of(endpoints.test(merchant_id, endpoint_id, clock)))


@api.get("/v1/staff/merchants/<merchant_id>/endpoints/<endpoint_id>/attempts", tags=["staff"])
def attempts(
    merchant_id: str,
    endpoint_id: str,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    state: Annotated[AttemptState | None, Query()] = None,
) -> Attempts:
    """Return the delivery log of an endpoint: every attempt of the last 30 days, the newest first."""
    api.caller(STAFF)
    return Attempts.of(log.attempts(merchant_id, endpoint_id, cursor=cursor, limit=limit, state=state))


@api.post("/v1/staff/merchants/<merchant_id>/endpoints/<endpoint_id>/replay", status_code=202, tags=["staff"])
def replay(merchant_id: str, endpoint_id: str, body: Annotated[ReplayInput, Body()]) -> Response[ReplayView]:
    """Send one event again, or all that an endpoint did not accept in a span of time."""
    api.caller(STAFF)
    return Response(202, JSON, ReplayView.of(replays.replay(merchant_id, endpoint_id, body)))


@api.get("/v1/staff/merchants/<merchant_id>/endpoints/<endpoint_id>/replays/<replay_id>", tags=["staff"])
def read_replay(merchant_id: str, endpoint_id: str, replay_id: str) -> ReplayView:
    """Read the progress of a replay."""
    api.caller(STAFF)
    return ReplayView.of(replays.replay_of(merchant_id, endpoint_id, replay_id))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
