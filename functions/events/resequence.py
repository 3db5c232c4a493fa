"""Resequence a driver's route after a delivery was added, removed or given other times."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.bus import event_of
from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.tracing import tracer
from crowdship.dispatch.resequence.service import improve

clock = clock_from()
processor = BatchProcessor(EventType.SQS)


def _resequence(record: SQSRecord) -> None:
    event = event_of(record.body)
    if event.livemode and event.data["driver_id"]:
        improve(event.data["driver_id"], event.data["zone_id"], clock)


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> Any:
    """Resequence the routes that a batch of events concerns."""
    return process_partial_response(event, _resequence, processor, context)
