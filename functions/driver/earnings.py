"""Earnings, for the driver who earned them."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import DRIVERS, Api, serve
from crowdship.kernel.clock import Day
from crowdship.payouts import queries
from crowdship.payouts.views import Earnings

api = Api()
clock = clock_from()


@api.get("/v1/driver/earnings", tags=["driver"])
def earnings(
    period: Annotated[Day | None, Query(description="A day; today if left out")] = None,
) -> Earnings:
    """Return what the calling driver earned on a day, line by line, and what was paid for it."""
    driver_id = api.caller(DRIVERS)
    return queries.earnings(driver_id, period or clock.now().date())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
