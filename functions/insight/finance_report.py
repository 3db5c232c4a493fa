"""Mail the report on a settled period to finance: ``{"period": "YYYY-MM-DD"}``, yesterday if left out."""

import os
from datetime import date, timedelta
from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.tracing import tracer
from crowdship.insight.service import report

clock = clock_from()


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Mail the report unless it was mailed before."""
    named = event.get("period")
    period = date.fromisoformat(named) if named else clock.now().date() - timedelta(days=1)
    sent = report(period, os.environ["SENDER_EMAIL"], os.environ["FINANCE_EMAIL"], clock)
    return {"period": str(period), "sent": sent}
