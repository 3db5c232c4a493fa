"""Wake zones: after an event that gives a zone work, and when the scheduled sweep finds a zone or a surge overdue."""

from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.bus import event_of
from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.adapters.settings import settings
from crowdship.dispatch.rounds.sweep import revive
from crowdship.dispatch.rounds.ticks import TickQueue, wake
from crowdship.tariffs.surging import end_due

processor = BatchProcessor(EventType.SQS)
queue = TickQueue(boto3.client("sqs"), settings().ticks_queue_url, clock_from())


def _wake(record: SQSRecord) -> None:
    wake(event_of(record.body), queue)


def _sweep() -> dict[str, Any]:
    overdue = revive(queue)
    if overdue:
        metrics.add_metric("ZonesOverdue", MetricUnit.Count, len(overdue))
    return {"overdue": overdue, "surges_ended": end_due(queue.clock)}


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Wake the zones of a batch of events; for ``{"sweep": true}`` wake the overdue ones, and end surges."""
    if event.get("sweep"):
        return _sweep()
    return process_partial_response(event, _wake, processor, context)
