"""Replays to merchants' endpoints: one page of the event log per message."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.observability import metrics
from crowdship.notify.webhooks.replay.model import ReplayJob
from crowdship.notify.webhooks.replay.service import replay_page

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def _replay(record: SQSRecord) -> None:
    replay_page(ReplayJob.model_validate_json(record.body))


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Send the page of each message in the batch."""
    return process_partial_response(event, _replay, processor, context)
