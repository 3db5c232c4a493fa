"""The merchants' API for claims about deliveries."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import StringConstraints

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import JSON, Api, serve
from crowdship.claims import merchants as own
from crowdship.claims.inputs import MerchantClaimInput
from crowdship.claims.views import MerchantClaim, MerchantClaims
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope

api = Api()
clock, wall = clock_from(), RunningClock()


@api.post("/v1/claims", status_code=201, tags=["merchant"])
def open_claim(body: Annotated[MerchantClaimInput, Body()]) -> Response[MerchantClaim]:
    """Open a claim about a delivery, or withdraw one; the same `reference` again is the same claim.

    A small clear claim is decided at once; others wait for a person, until `decide_by` at the latest.
    """
    merchant = api.admit(merchants.authenticate, Scope.WRITE)
    return Response(201, JSON, own.act(body, merchant.id, clock, wall))


@api.get("/v1/claims", tags=["merchant"])
def list_claims(
    month: Annotated[
        Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")] | None,
        Query(description="Month (UTC) in which they were opened, such as 2026-06; the present one if left out"),
    ] = None,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 50,
) -> MerchantClaims:
    """List the claims that you opened in a month, the newest first."""
    merchant = api.admit(merchants.authenticate, Scope.READ)
    return own.listed(merchant.id, month, cursor, limit, clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
