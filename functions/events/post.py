"""Consumer of the events that cause postings: books each."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.bus import event_of
from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.settlement import booking

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def _post(record: SQSRecord) -> None:
    if booking.post(event_of(record.body)):
        metrics.add_metric("PostingsMade", MetricUnit.Count, 1)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Book each event of the batch, once."""
    return process_partial_response(event, _post, processor, context)
