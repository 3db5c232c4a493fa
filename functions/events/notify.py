"""Events from the bus: webhooks to merchants, notices to customers, drivers and merchants."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.notify.service import on_message

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
clock = clock_from()


def _notify(record: SQSRecord) -> None:
    on_message(record.body, clock)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Send the webhooks and notices of each event in the batch."""
    return process_partial_response(event, _notify, processor, context)
