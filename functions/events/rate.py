"""Consumer of customers' ratings: counts each into its driver's rating."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.bus import event_of
from crowdship.adapters.observability import metrics
from crowdship.drivers import service as drivers

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def _count(record: SQSRecord) -> None:
    drivers.count_rating(event_of(record.body))


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Count each rating of the batch, once."""
    return process_partial_response(event, _count, processor, context)
