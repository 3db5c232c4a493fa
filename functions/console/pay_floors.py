"""Pay floors for staff: the calculations of a period, or of a driver."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import STAFF, Api, serve
from crowdship.kernel.clock import Day
from crowdship.pay_floors import queries
from crowdship.pay_floors.views import PayFloors

api = Api()
clock = clock_from()


@api.get("/v1/staff/pay-floors", tags=["staff"])
def list_pay_floors(
    jurisdiction: Annotated[str, Query(description="Code of the place, such as US-CA", max_length=60)] = "US-CA",
    period: Annotated[Day | None, Query(description="A day of the period; the one that ended last if left out")] = None,
    driver_id: Annotated[str | None, Query(description="All periods of this driver instead", max_length=60)] = None,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> PayFloors:
    """List the pay of drivers in a period, compared with the least that law lets them earn, with each step.

    With `driver_id` the periods of one driver, the newest first, with the work that was counted.
    """
    api.caller(STAFF)
    if driver_id:
        return queries.of_driver(driver_id, cursor, limit)
    return queries.of_period(jurisdiction, period, cursor, limit, clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
