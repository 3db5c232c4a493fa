"""API of merchants for their webhook endpoints: addresses, secrets, the delivery log and replays."""

from datetime import timedelta
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import JSON, Api, serve
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope
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
)

api = Api()
clock = clock_from()


def _merchant() -> str:
    return api.admit(merchants.authenticate, Scope.ACCOUNT).id


@api.get("/v1/account/endpoints", tags=["merchant"])
def list_endpoints() -> Endpoints:
    """List webhook endpoints."""
    return Endpoints.of(endpoints.endpoints(_merchant()))


@api.post("/v1/account/endpoints", status_code=201, tags=["merchant"])
def add_endpoint(body: Annotated[EndpointInput, Body()]) -> Response[NewEndpoint]:
    """Add a webhook endpoint; its signing secret is shown this once."""
    return Response(201, JSON, NewEndpoint.with_secret(*endpoints.add(_merchant(), body)))


@api.get("/v1/account/endpoints/<endpoint_id>", tags=["merchant"])
def read_endpoint(endpoint_id: str) -> EndpointView:
    """Read a webhook endpoint and its health."""
    return EndpointView.of(endpoints.endpoint(_merchant(), endpoint_id))


@api.patch("/v1/account/endpoints/<endpoint_id>", tags=["merchant"])
def change_endpoint(endpoint_id: str, body: Annotated[EndpointChange, Body()]) -> EndpointView:
    """Change a webhook endpoint, disable it, or set it active again."""
    return EndpointView.of(endpoints.change(_merchant(), endpoint_id, body, clock))


@api.delete("/v1/account/endpoints/<endpoint_id>", tags=["merchant"])
def delete_endpoint(endpoint_id: str) -> Endpoints:
    """Delete a webhook endpoint and its secret; the answer has those that are left."""
    return Endpoints.of(endpoints.remove(_merchant(), endpoint_id))


@api.post("/v1/account/endpoints/<endpoint_id>/rotate-secret", tags=["merchant"])
def rotate_secret(endpoint_id: str, body: Annotated[RotationInput, Body()]) -> NewSecret:
    """Make a new signing secret, shown this once; during an overlap the old one signs as well."""
    return NewSecret.of(*endpoints.rotate_secret(_merchant(), endpoint_id, timedelta(hours=body.overlap_hours)))


@api.post("/v1/account/endpoints/<endpoint_id>/test", status_code=202, tags=["merchant"])
def test_endpoint(endpoint_id: str) -> Response[TestSent]:
    """Send a signed test event; the answer will be in the delivery log."""
    return Response(202, JSON, TestSent.of(endpoints.test(_merchant(), endpoint_id, clock)))


@api.get("/v1/account/endpoints/<endpoint_id>/attempts", tags=["merchant"])
def attempts(
    endpoint_id: str,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    state: Annotated[AttemptState | None, Query()] = None,
) -> Attempts:
    """Return the delivery log of an endpoint: every attempt of the last 30 days, the newest first."""
    return Attempts.of(log.attempts(_merchant(), endpoint_id, cursor=cursor, limit=limit, state=state))


@api.post("/v1/account/endpoints/<endpoint_id>/replay", status_code=202, tags=["merchant"])
def replay(endpoint_id: str, body: Annotated[ReplayInput, Body()]) -> Response[ReplayView]:
    """Send one event again, or all that an endpoint did not accept in a span of time."""
    return Response(202, JSON, ReplayView.of(replays.replay(_merchant(), endpoint_id, body)))


@api.get("/v1/account/endpoints/<endpoint_id>/replays/<replay_id>", tags=["merchant"])
def read_replay(endpoint_id: str, replay_id: str) -> ReplayView:
    """Read the progress of a replay."""
    return ReplayView.of(replays.replay_of(_merchant(), endpoint_id, replay_id))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
