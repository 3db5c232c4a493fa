"""Calls of staff about applications to drive."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import STAFF, Api, serve
from crowdship.onboarding import review
from crowdship.onboarding.application import Application, ApplicationStage
from crowdship.onboarding.decisions import DisputeDecision, RefusalInput, ScreeningDecision
from crowdship.onboarding.executions import Executions
from crowdship.onboarding.views import ApplicationPage, ApplicationView

api = Api()
clock = clock_from()


def _view(application: Application) -> ApplicationView:
    Executions.configured().start(application)
    return ApplicationView.of(application.id, clock)


@api.get("/v1/staff/applications", tags=["staff"])
def list_applications(
    stage: Annotated[ApplicationStage, Query()] = ApplicationStage.FOR_STAFF,
    after: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> ApplicationPage:
    """List the applications in a stage, the oldest first; `after` is a `next_after`."""
    api.caller(STAFF)
    return ApplicationPage.of(stage, after, limit)


@api.get("/v1/staff/applications/<application_id>", tags=["staff"])
def read_application(application_id: str) -> ApplicationView:
    """Read an application with its steps, the report, and the masks of tax form and bank account."""
    api.caller(STAFF)
    return ApplicationView.of(application_id, clock)


@api.post("/v1/staff/applications/<application_id>/check/decide", tags=["staff"])
def decide_check(application_id: str, body: Annotated[ScreeningDecision, Body()]) -> ApplicationView:
    """Decide about a report: `go_on`, or `adverse`, which refuses the application.

    409 `wait_not_over` before the wait after the notice has ended, 409 `already_decided` with who did, 422
    `assessment_missing` for a decision against the applicant without an assessment of the record.
    """
    return _view(review.decide(application_id, body, api.caller(STAFF), clock))


@api.post("/v1/staff/applications/<application_id>/check/close-dispute", tags=["staff"])
def close_dispute(application_id: str, body: Annotated[DisputeDecision, Body()]) -> ApplicationView:
    """Close a dispute: `corrected` clears the check, `upheld` has the applicant told anew with the whole wait."""
    return _view(review.close_dispute(application_id, body, api.caller(STAFF), clock))


@api.post("/v1/staff/applications/<application_id>/check/order", tags=["staff"])
def order_check(application_id: str) -> ApplicationView:
    """Order the background check again: the provider is late with it, or refused it; else 409 `not_overdue`."""
    api.caller(STAFF)
    return _view(review.order_anew(application_id, clock))


@api.post("/v1/staff/applications/<application_id>/approve", tags=["staff"])
def approve_application(application_id: str) -> ApplicationView:
    """Approve an application: the driver may take work; 409 `steps_missing` names what is not done."""
    return _view(review.approve(application_id, api.caller(STAFF), clock))


@api.post("/v1/staff/applications/<application_id>/refuse", tags=["staff"])
def refuse_application(application_id: str, body: Annotated[RefusalInput, Body()]) -> ApplicationView:
    """Refuse an application for another reason than a report; 409 `report_undecided` while one stands against them."""
    return _view(review.refuse(application_id, body, api.caller(STAFF), clock))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
