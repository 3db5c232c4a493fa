"""Attempts to deliver webhooks, one per message; those of a batch run in parallel."""

from typing import Any

from aws_lambda_powertools.utilities.batch import AsyncBatchProcessor, EventType, async_process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.notify.webhooks.delivery.retries import WebhookJob
from crowdship.notify.webhooks.delivery.service import send_webhook

processor = AsyncBatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
clock = clock_from()


async def _send(record: SQSRecord) -> None:
    await send_webhook(WebhookJob.model_validate_json(record.body), clock)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Make the attempt of each message in the batch."""
    return async_process_partial_response(event, _send, processor, context)
