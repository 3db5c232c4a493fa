"""Report to finance on the settled period of ``{"period": "YYYY-MM-DD"}``; yesterday if it is left out."""

from datetime import date, timedelta
from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.settings import settings
from crowdship.adapters.tracing import tracer
from crowdship.insight.service import report

clock = clock_from()


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Mail the report unless it was mailed before."""
    named = event.get("period")
    period = date.fromisoformat(named) if named else clock.now().date() - timedelta(days=1)
    sent = report(period, settings().sender_email, settings().finance_email, clock)
    return {"period": str(period), "sent": sent}
