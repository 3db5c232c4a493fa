"""Calls of staff that read the audit trail."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from crowdship.adapters.audit import trail
from crowdship.adapters.audit.entries import AuditFilters, AuditPage
from crowdship.adapters.http import STAFF, Api, serve
from crowdship.kernel.clock import Day

api = Api()


@api.get("/v1/staff/audit", tags=["staff"])
def list_entries(
    subject: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    by: Annotated[str | None, Query(min_length=1, max_length=128)] = None,
    day: Annotated[Day | None, Query()] = None,
    readings: Annotated[bool, Query(description="Readings of personal data instead of changes")] = False,
    after: Annotated[str | None, Query(min_length=1)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> AuditPage:
    """List what staff did, the newest first: of a `subject` (an id), of a `day` (UTC), or `by` a person on a `day`.

    Every call that may change something is noted before it is made, and with its outcome after it. An entry without an
    outcome is of a call that did not end; refused calls and previews have entries too. With `readings=true` the entries
    are of calls that showed personal data, each noted before it is answered; what a page asks again and again is noted
    once in 15 minutes. The header `Reading-Purpose` may name the purpose as a code. `next_after` leads to the next
    page as `after`, null on the last.
    """
    api.caller(STAFF)
    return trail.listed(AuditFilters(subject=subject, by=by, day=day, readings=readings), after, limit)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request."""
    return serve(api, event, context)
