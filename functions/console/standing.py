"""Calls of staff about drivers' performance and conduct: cases, decisions, appeals, policies."""

from collections.abc import Iterable
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import JSON, STAFF, Api, serve
from crowdship.performance import service as performance
from crowdship.performance.views import PerformanceCheck, PerformanceView
from crowdship.standing import service as standing
from crowdship.standing.case import Case
from crowdship.standing.inputs import (
    AppealAnswerInput,
    CaseInput,
    ConductDecisionInput,
    DismissalInput,
    SafetyStopInput,
)
from crowdship.standing.policy import ConductPolicyInput
from crowdship.standing.values import CaseWait
from crowdship.standing.views import Cases, CaseView, Policies, PolicyView

api = Api()
clock, wall = clock_from(), RunningClock()


def _shown(cases: Iterable[Case]) -> Cases:
    return Cases(cases=tuple(standing.shown(cases)))


def _one(case: Case) -> CaseView:
    return _shown([case]).cases[0]


@api.get("/v1/staff/drivers/<driver_id>/performance", tags=["staff"])
def read_drivers_performance(driver_id: str) -> PerformanceView:
    """Read a driver's measures; acceptance is shown to the driver and to nobody else's use."""
    api.caller(STAFF)
    return performance.read(driver_id, clock)


@api.get("/v1/staff/drivers/<driver_id>/performance/verify", tags=["staff"])
def verify_performance(driver_id: str) -> PerformanceCheck:
    """Make a driver's measures anew of all deliveries of the window, and compare them with the stored ones."""
    api.caller(STAFF)
    return performance.check(driver_id, clock)


@api.get("/v1/staff/drivers/<driver_id>/cases", tags=["staff"])
def list_cases_of_driver(driver_id: str) -> Cases:
    """List all cases about a driver, the newest first."""
    api.caller(STAFF)
    return _shown(standing.of_driver(driver_id))


@api.post("/v1/staff/drivers/<driver_id>/cases", status_code=201, tags=["staff"])
def open_case(driver_id: str, body: Annotated[CaseInput, Body()]) -> Response[CaseView]:
    """Open a case about a driver with its evidence, which is hashed; it changes nothing yet.

    The same `request_id` again is the same case.
    """
    return Response(201, JSON, _one(standing.open_case(driver_id, body, api.caller(STAFF), clock, wall)))


@api.get("/v1/staff/cases", tags=["staff"])
def list_cases(waits_for: Annotated[CaseWait, Query()]) -> Cases:
    """List the cases that wait for a proposal to be looked at, a decision, a review or an answer, the oldest first."""
    api.caller(STAFF)
    return _shown(standing.waiting(waits_for))


@api.get("/v1/staff/cases/<case_id>", tags=["staff"])
def read_case(case_id: str) -> CaseView:
    """Read a case; `intact` says whether its evidence is as it was hashed."""
    api.caller(STAFF)
    return _one(standing.get(case_id))


@api.post("/v1/staff/cases/<case_id>/stop", status_code=200, tags=["staff"])
def stop_driver(case_id: str, body: Annotated[SafetyStopInput, Body()]) -> CaseView:
    """Suspend the driver at once for somebody's safety; it lifts by itself if nobody reviews it in five days."""
    return _one(standing.stop(case_id, body.reason, api.caller(STAFF), clock, wall))


@api.post("/v1/staff/cases/<case_id>/decide", status_code=200, tags=["staff"])
def decide_case(case_id: str, body: Annotated[ConductDecisionInput, Body()]) -> CaseView:
    """Lower the driver's standing; what bars takes effect when the notice that the law asks for has run."""
    return _one(standing.decide(case_id, body, api.caller(STAFF), clock, wall))


@api.post("/v1/staff/cases/<case_id>/dismiss", status_code=200, tags=["staff"])
def dismiss_case(case_id: str, body: Annotated[DismissalInput, Body()]) -> CaseView:
    """Close a case without a decision; a driver who was stopped works again."""
    return _one(standing.dismiss(case_id, body.reasons, api.caller(STAFF), clock, wall))


@api.post("/v1/staff/cases/<case_id>/answer", status_code=200, tags=["staff"])
def answer_appeal(case_id: str, body: Annotated[AppealAnswerInput, Body()]) -> CaseView:
    """Answer a driver's appeal; whoever decided, or stopped the driver, is refused: 403 `same_person`."""
    return _one(standing.answer(case_id, body, api.caller(STAFF), clock, wall))


@api.get("/v1/staff/policies", tags=["staff"])
def list_policies() -> Policies:
    """List all versions of the deactivation policy, the oldest first."""
    api.caller(STAFF)
    return Policies.of(standing.policies())


@api.post("/v1/staff/policies", status_code=201, tags=["staff"])
def publish_policy(body: Annotated[ConductPolicyInput, Body()]) -> Response[PolicyView]:
    """Publish a version of the deactivation policy, which never changes; the same text again is the same version."""
    return Response(201, JSON, PolicyView.of(standing.publish(body, api.caller(STAFF), clock)))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
