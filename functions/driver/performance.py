"""Calls of drivers about their performance and standing, and about what decides who is offered work."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import DRIVERS, Api, serve
from crowdship.dispatch.disclosure import Disclosure, disclosed
from crowdship.performance import service as performance
from crowdship.performance.views import PerformanceView
from crowdship.standing import service as standing
from crowdship.standing.inputs import AppealInput
from crowdship.standing.views import StandingView

api = Api()
clock, wall = clock_from(), RunningClock()


@api.get("/v1/driver/performance", tags=["driver"])
def read_performance() -> PerformanceView:
    """Read the own measures, with lateness by cause in seconds; `acceptance` is shown and counts for nothing."""
    return performance.read(api.caller(DRIVERS), clock)


@api.get("/v1/driver/disclosure", tags=["driver"])
def read_disclosure() -> Disclosure:
    """Read what decides who is offered work in your zone, the part that can weigh most first."""
    return disclosed(performance.zone_of(api.caller(DRIVERS)))


@api.get("/v1/driver/standing", tags=["driver"])
def read_standing() -> StandingView:
    """Read the own standing: decisions with their evidence, reasons, policy and dates, and until when to appeal."""
    return standing.of_own(api.caller(DRIVERS), clock)


@api.post("/v1/driver/cases/<case_id>/appeal", status_code=200, tags=["driver"])
def appeal(case_id: str, body: Annotated[AppealInput, Body()]) -> StandingView:
    """Appeal against a decision, once and in time; another person than the one who decided answers."""
    driver_id = api.caller(DRIVERS)
    standing.appeal(case_id, driver_id, body, clock, wall)
    return standing.of_own(driver_id, clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
