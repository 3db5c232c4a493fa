"""Run a zone's tick: plan its open deliveries and make offers."""

import json
from functools import partial
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics, timed
from crowdship.adapters.settings import settings
from crowdship.adapters.tracing import tracer
from crowdship.dispatch.rounds import service as rounds
from crowdship.dispatch.rounds.ticks import TickQueue, run

clock = clock_from()
processor = BatchProcessor(EventType.SQS)
queue = TickQueue(boto3.client("sqs"), settings().ticks_queue_url, clock)


def _tick(record: SQSRecord) -> None:
    tick = json.loads(record.body)
    with timed("TickDurationMs"):
        play = partial(rounds.play, clock=clock)
        run(tick["zone_id"], tick["due_at"], record.message_id, play, queue, tick["asker"])


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> Any:
    """Run the ticks of a batch."""
    return process_partial_response(event, _tick, processor, context)
