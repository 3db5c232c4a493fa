"""Calls of drivers about claims that may be laid on them."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import DRIVERS, Api, serve
from crowdship.claims import service as claims
from crowdship.claims.inputs import ClaimAnswerInput
from crowdship.claims.views import DriverClaims

api = Api()
clock, wall = clock_from(), RunningClock()


def _own(driver_id: str) -> DriverClaims:
    found = claims.of_driver(driver_id)
    return DriverClaims.of(found, claims.words_of(found), clock.now())


@api.get("/v1/driver/claims", tags=["driver"])
def read_claims() -> DriverClaims:
    """Read the claims that you are or were asked about, with findings, dates, and pay that is on hold."""
    return _own(api.caller(DRIVERS))


@api.post("/v1/driver/claims/<claim_id>/answer", status_code=200, tags=["driver"])
def answer_claim(claim_id: str, body: Annotated[ClaimAnswerInput, Body()]) -> DriverClaims:
    """Answer a claim, once and in time; a person reads it before they decide."""
    driver_id = api.caller(DRIVERS)
    claims.answer(claim_id, driver_id, body.words, clock, wall)
    return _own(driver_id)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
