"""Ask for the invoices that are due, and remind merchants of what is overdue; called once a day."""

from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.tracing import tracer
from crowdship.invoicing import making, queue, service

clock = clock_from()


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Return how many merchants are to be billed, and how many invoices were reminded of."""
    return {"asked": queue.ask_for(making.due(clock)), "reminded": service.remind(clock)}
