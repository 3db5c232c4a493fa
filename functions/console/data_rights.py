"""Calls of staff about drivers' requests for correction of their data."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import STAFF, Api, serve
from crowdship.data_rights import corrections
from crowdship.data_rights.model import CorrectionDecision
from crowdship.data_rights.views import CorrectionLine, CorrectionLines

api = Api()
clock, wall = clock_from(), RunningClock()


@api.get("/v1/staff/corrections", tags=["staff"])
def list_corrections() -> CorrectionLines:
    """List drivers' requests for correction that wait for a decision, the one that is due first first."""
    api.caller(STAFF)
    return corrections.waiting(clock)


@api.post("/v1/staff/corrections/<correction_id>/decide", tags=["staff"])
def decide_correction(correction_id: str, body: Annotated[CorrectionDecision, Body()]) -> CorrectionLine:
    """Grant or refuse a request, with words for the driver; a granted name, phone or e-mail address is changed."""
    return corrections.decide(correction_id, body, api.caller(STAFF), clock, wall)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
