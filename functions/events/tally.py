"""Consumer of the events that zones' days are summed from, and of those that finance is told of as exceptions."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.bus import event_of
from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.insight.finance import service as mails
from crowdship.insight.zone_days import service as zone_days

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
clock = clock_from()


def _note(record: SQSRecord) -> None:
    event = event_of(record.body)
    if not mails.note(event, clock):
        zone_days.note(event)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Note each event of the batch, once."""
    return process_partial_response(event, _note, processor, context)
