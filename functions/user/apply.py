"""Calls of people who want to drive; everybody may make them."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import JSON, Api, same_origin_only, serve
from crowdship.adapters.idempotency import IdempotencyKey
from crowdship.adapters.secrets import secret
from crowdship.adapters.settings import settings
from crowdship.drivers.identity import SignIns
from crowdship.onboarding import entrance
from crowdship.onboarding.requests import ApplicationInput
from crowdship.onboarding.views import OpenZones, Received

api = Api()
api.use([same_origin_only])
clock = clock_from()
wall = RunningClock()


@api.get("/v1/applications/zones", tags=["applicant"])
def list_open_zones() -> OpenZones:
    """List the zones in which people may apply, with the vehicles that drivers there may drive."""
    return OpenZones.now()


@api.post("/v1/applications", status_code=202, tags=["applicant"])
def apply(
    body: Annotated[ApplicationInput, Body()],
    idempotency_key: Annotated[IdempotencyKey, Header(alias="Idempotency-Key")],
) -> Response[Received]:
    """Apply to drive; whoever applies for the first time is mailed a password to sign in with.

    The answer is the same whether or not somebody applied with the address before. 422 `no_such_zone`, 422 `vehicle`;
    429 `too_many_applications` from one address.
    """
    entrance.count(api.viewer_address(secret(settings().edge_secret)), wall)
    hashing, invite = secret(settings().address_secret), SignIns.configured().invite
    entrance.apply_once(body, idempotency_key, hashing, invite, clock, api.lambda_context)
    return Response(HTTPStatus.ACCEPTED, JSON, Received())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
