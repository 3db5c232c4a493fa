"""Let time do what the fault matrix says about claims; called every few minutes."""

from typing import Any

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.tracing import tracer
from crowdship.claims import due

clock, wall = clock_from(), RunningClock()


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Return how many claims changed."""
    return {"changed": due.sweep(clock, wall)}
