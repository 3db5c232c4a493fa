"""Test deliveries: each message plays one step of a script and sends a delayed message for the next step."""

import json
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.settings import settings
from crowdship.sandbox.service import Turn, take

clock = clock_from()
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
sqs = boto3.client("sqs")


def _play(record: SQSRecord) -> None:
    if following := take(Turn.of(json.loads(record.body)), clock):
        turn, delay = following
        sqs.send_message(QueueUrl=settings().sandbox_queue_url, MessageBody=turn.model_dump_json(), DelaySeconds=delay)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Play each step of the batch."""
    return process_partial_response(event, _play, processor, context)
