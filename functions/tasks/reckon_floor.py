"""Reckon what law lets a driver earn at least in a pay period, a message each, and pay what is short of it."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.pay_floors import closing

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
clock = clock_from()


def _work(record: SQSRecord) -> None:
    closing.work(closing.Job.model_validate_json(record.body), clock)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Do what each message of the batch asks for, once."""
    return process_partial_response(event, _work, processor, context)
