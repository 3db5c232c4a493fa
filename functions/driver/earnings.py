"""Earnings, for the driver who earned them."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import DRIVERS, Api, serve
from crowdship.kernel.clock import Day
from crowdship.pay_floors import queries as pay_floors
from crowdship.pay_floors.views import PayFloors
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


@api.get("/v1/driver/pay-floors", tags=["driver"])
def own_pay_floors(
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 12,
) -> PayFloors:
    """Return the calling driver's pay by period, compared with the least that law lets them earn, the newest first."""
    return pay_floors.of_driver(api.caller(DRIVERS), cursor, limit)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
