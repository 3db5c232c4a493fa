"""Wake a zone when an event gives it work: ask for a tick."""

import os
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.dispatch.ticks import TickQueue, wake
from crowdship.kernel.bus import event_of
from crowdship.kernel.clock import clock_from

processor = BatchProcessor(EventType.SQS)
queue = TickQueue(boto3.client("sqs"), os.environ.get("TICKS_QUEUE_URL", ""), clock_from())


def _wake(record: SQSRecord) -> None:
    wake(event_of(record.body), queue)


def handler(event: dict[str, Any], context: Any) -> Any:
    """Wake the zones of a batch of events."""
    return process_partial_response(event, _wake, processor, context)
