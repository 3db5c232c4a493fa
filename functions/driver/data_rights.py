"""Calls of drivers about their data: an export of everything, and requests for correction."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import DRIVERS, JSON, Api, serve
from crowdship.data_rights import corrections, exports
from crowdship.data_rights.model import CorrectionInput
from crowdship.data_rights.views import CorrectionList, CorrectionView, ExportView, LatestExport

api = Api()
clock, wall = clock_from(), RunningClock()


@api.post("/v1/driver/data-export", status_code=202, tags=["driver"])
def request_export() -> Response[ExportView]:
    """Ask for a ZIP file with everything that is held on the calling driver; one of the last 24 hours counts."""
    return Response(202, JSON, exports.request(api.caller(DRIVERS), clock, wall))


@api.get("/v1/driver/data-export", tags=["driver"])
def read_export() -> LatestExport:
    """Read the calling driver's latest export, with a link for ten minutes once it is ready; it is kept for 7 days."""
    return exports.latest(api.caller(DRIVERS), wall)


@api.post("/v1/driver/corrections", tags=["driver"])
def ask_for_correction(body: Annotated[CorrectionInput, Body()]) -> CorrectionView:
    """Ask staff to correct a field, with the reason; answered within a month, or two weeks for data on work."""
    return corrections.ask(api.caller(DRIVERS), body, clock, wall)


@api.get("/v1/driver/corrections", tags=["driver"])
def list_corrections() -> CorrectionList:
    """List the calling driver's requests for correction with their decisions, the newest first."""
    return corrections.own(api.caller(DRIVERS))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
