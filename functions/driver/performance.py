"""Calls of drivers about their performance, and about what decides who is offered work."""

from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import DRIVERS, Api, serve
from crowdship.dispatch.disclosure import Disclosure, disclosed
from crowdship.performance import service as performance
from crowdship.performance.views import PerformanceView

api = Api()
clock = clock_from()


@api.get("/v1/driver/performance", tags=["driver"])
def read_performance() -> PerformanceView:
    """Read the own measures, with lateness by cause in seconds; `acceptance` is shown and counts for nothing."""
    return performance.read(api.caller(DRIVERS), clock)


@api.get("/v1/driver/disclosure", tags=["driver"])
def read_disclosure() -> Disclosure:
    """Read what decides who is offered work in your zone, the part that can weigh most first."""
    return disclosed(performance.zone_of(api.caller(DRIVERS)))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
