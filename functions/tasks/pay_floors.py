"""Put the pay periods that are due to be reckoned on their queue; called every quarter of an hour."""

from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.tracing import tracer
from crowdship.pay_floors import closing
from crowdship.pay_floors.queue import enqueue

clock = clock_from()


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Return how many messages were put on the queue."""
    return {"sent": closing.send_due(enqueue, clock)}
