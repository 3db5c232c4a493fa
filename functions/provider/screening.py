"""Reports of the provider of background checks."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.http import Api, serve
from crowdship.onboarding.executions import Executions
from crowdship.onboarding.screening.registry import signing_secret
from crowdship.onboarding.screening.reports import take_in

api = Api()
clock = clock_from()
wall = RunningClock()


@api.post("/v1/providers/screening/reports", status_code=204, tags=["provider"])
def report() -> Response[None]:
    """Report the result of a background check, signed as Standard Webhooks has it; the same report again is no fault.

    401 `bad_signature`, 401 `stale_timestamp` after five minutes, 404 `no_such_check`, 409 `another_person`, 409
    `another_check`, 409 `reported_already` with another result than before, 422 `unreadable_report`.
    """
    headers = {f"webhook-{name}": api.header(f"webhook-{name}") or "" for name in ("id", "timestamp", "signature")}
    take_in(headers, api.raw_body, signing_secret(), Executions.configured().start, clock, wall)
    return Response(HTTPStatus.NO_CONTENT)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
