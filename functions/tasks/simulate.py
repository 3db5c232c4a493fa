"""Pages of simulations of price tables, one per message; each asks for the next."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.settings import settings
from crowdship.tariffs.simulation.service import Step, Steps, play

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
clock = clock_from()
steps = Steps(boto3.client("sqs"), lambda: settings().simulations_queue_url)


def _play(record: SQSRecord) -> None:
    play(Step.model_validate_json(record.body), clock, steps.send)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Read the page of each message in the batch."""
    return process_partial_response(event, _play, processor, context)
