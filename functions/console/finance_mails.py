"""Finance's mails for staff: who gets which when, what was sent, and tests."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import STAFF, Api, serve
from crowdship.insight.finance import service as mails
from crowdship.insight.finance.views import FinanceMails, FinanceMailsRequest

api = Api()
clock = clock_from()


@api.get("/v1/staff/finance/mails", tags=["staff"])
def read_finance_mails() -> FinanceMails:
    """Return who gets which mail when, what is due next, and what was sent."""
    api.caller(STAFF)
    return mails.seen(clock)


@api.put("/v1/staff/finance/mails", tags=["staff"])
def put_finance_mails(body: Annotated[FinanceMailsRequest, Body()]) -> FinanceMails:
    """Change who gets which mail when; with `test`, one mail is sent at once to one of its recipients.

    422 `not_a_recipient` if the test goes to somebody else. A mail that is enabled anew begins with what is due from
    now on.
    """
    return mails.put(body, api.caller(STAFF), clock)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
