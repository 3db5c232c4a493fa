"""Tell drivers of documents that run out, and check uploads that were left alone; called every hour."""

from typing import Any

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.tracing import tracer
from crowdship.documents import expiry
from crowdship.documents.bucket import DocumentBucket

clock = clock_from()


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> dict[str, int]:
    """Return how many drivers were told, deliveries taken from paused drivers, and uploads dealt with."""
    return expiry.look(DocumentBucket.configured(), clock)
