"""Calls of staff about claims: what waits, openings, decisions."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import JSON, STAFF, Api, serve
from crowdship.claims import staff
from crowdship.claims.inputs import StaffClaimInput
from crowdship.claims.values import ClaimState
from crowdship.claims.views import StaffClaim, StaffClaims

api = Api()
clock, wall = clock_from(), RunningClock()


@api.get("/v1/staff/claims", tags=["staff"])
def list_claims(
    state: Annotated[
        ClaimState | None, Query(description="An open state; those to be decided first come first")
    ] = None,
    delivery_id: Annotated[str | None, Query()] = None,
    claim_id: Annotated[str | None, Query()] = None,
) -> StaffClaims:
    """List the claims in a state, about a delivery, or one; each with findings and the matrix's suggestion."""
    api.caller(STAFF)
    return staff.listed(state, delivery_id, claim_id)


@api.post("/v1/staff/claims", status_code=201, tags=["staff"])
def act_on_claim(body: Annotated[StaffClaimInput, Body()]) -> Response[StaffClaim]:
    """Open a claim, or decide on one.

    A grant above the zone's limit waits for another person, who confirms it: 409 `second_person_needed` for the same
    one. 409 `answer_awaited` while the driver may answer and something is to be taken from their pay.
    """
    return Response(201, JSON, staff.act(body, api.caller(STAFF), clock, wall))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
