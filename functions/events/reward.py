"""Consumer of the events by which drivers earn extra pay, and merchants reach the tiers of their contracts."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.bus import event_of
from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.incentives import counting
from crowdship.tariffs import counting as volume

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
clock = clock_from()


def _count(record: SQSRecord) -> None:
    event = event_of(record.body)
    counting.count(event, clock)
    volume.count(event)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Count each event of the batch, once."""
    return process_partial_response(event, _count, processor, context)
