"""Reports of providers on our messages: replies to SMS, and mails that bounced or were complained about."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.clock import RunningClock
from crowdship.adapters.observability import metrics
from crowdship.notify.reach.service import take_in

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
wall = RunningClock()


def _take_in(record: SQSRecord) -> None:
    take_in(record.body, wall)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Take in each report of the batch."""
    return process_partial_response(event, _take_in, processor, context)
