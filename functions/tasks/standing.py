"""Let time do what people decided about drivers' standing; called every few minutes."""

from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.tracing import tracer
from crowdship.standing import due

clock = clock_from()


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Return how many cases changed."""
    return {"changed": due.sweep(clock)}
