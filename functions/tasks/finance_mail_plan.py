"""Sum the last days of zones, and queue the finance mails that are due; called every quarter of an hour."""

from datetime import UTC, datetime, timedelta
from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.tracing import tracer
from crowdship.insight.finance import service as mails
from crowdship.insight.zone_days import service as zone_days

clock = clock_from()

SUMMING = timedelta(seconds=400)
"""Wall time for which days are summed; those that are left are summed by the next call."""


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Return how many days were summed, and how many mails were queued."""
    summed = zone_days.sum_what_is_due(clock, datetime.now(UTC) + SUMMING)
    return {"summed": summed, "queued": mails.plan(clock)}
