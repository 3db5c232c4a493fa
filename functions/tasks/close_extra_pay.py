"""Settle incentives and blocks whose time is over, and give on places of who did not come; called every few minutes."""

from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.tracing import tracer
from crowdship.blocks import closing as blocks
from crowdship.incentives import closing as incentives

clock = clock_from()


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Return how many promises and blocks were looked at."""
    try:
        promises = incentives.close_due(clock)
    finally:
        # Neither waits for the other.
        looked_at = blocks.look_at_due(clock)
    return {"promises": promises, "blocks": looked_at}
