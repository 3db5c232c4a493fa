"""Calls of finance about drivers' tax: payees and notices, forms of a year, and deposits of withheld tax."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Path, Query

from crowdship.adapters.clock import clock_from
from crowdship.adapters.http import STAFF, Api, serve
from crowdship.tax import acts, notices
from crowdship.tax.bucket import TaxFiles
from crowdship.tax.notices import NoticeResults, NoticesInput
from crowdship.tax.queue import send
from crowdship.tax.requests import PayeeList, YearInput
from crowdship.tax.views import PayeePage, YearView

api = Api()
clock = clock_from()

Year = Annotated[int, Path(ge=2020, le=2099)]


@api.get("/v1/staff/tax/drivers", tags=["staff"])
def list_payees(
    driver_id: Annotated[str | None, Query(max_length=60)] = None,
    waits_for: Annotated[PayeeList, Query(alias="list")] = PayeeList.NOTICE_DUE,
    after: Annotated[str | None, Query(max_length=60)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> PayeePage:
    """List payees by what they wait for, or read one with links to the letters; `after` is a `next_after`."""
    api.caller(STAFF)
    if driver_id:
        return PayeePage.one(driver_id, TaxFiles.configured(), clock)
    return PayeePage.of(waits_for, after, limit, clock)


@api.post("/v1/staff/tax/notices", tags=["staff"])
def change_notices(body: Annotated[NoticesInput, Body()]) -> NoticeResults:
    """Enter the agency's list (CP2100, CP2100A), letters that were mailed, or a paper that answers a notice.

    A list of many is answered one by one: what is refused for one payee leaves the others alone.
    """
    return notices.change(body, api.caller(STAFF), clock)


@api.get("/v1/staff/tax/years/<year>", tags=["staff"])
def read_year(
    year: Year,
    after: Annotated[str | None, Query(max_length=60)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> YearView:
    """Read a year: totals beside what the books paid, withheld tax by month, files, and a page of forms."""
    api.caller(STAFF)
    return YearView.of(year, after, limit, TaxFiles.configured())


@api.post("/v1/staff/tax/years/<year>", tags=["staff"])
def change_year(year: Year, body: Annotated[YearInput, Body()]) -> YearView:
    """Begin a task over all forms of a year, act on the form of one driver, or record a deposit of withheld tax.

    409 `task_runs` while one runs, `year_open` before all days are settled, `forms_differ` if the forms are not what
    the books paid, `not_reviewed` before finance reviewed them, `filed` for a form that the agency has.
    """
    acts.change(year, body, api.caller(STAFF), send, clock)
    return YearView.of(year, None, 50, TaxFiles.configured())


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
