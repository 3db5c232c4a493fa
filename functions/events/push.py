"""Events from the bus: push messages to drivers' phones, and an SMS where none works."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.bus import event_of
from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.notify.service import tell_drivers

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
clock = clock_from()


def _push(record: SQSRecord) -> None:
    tell_drivers(event_of(record.body), clock)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Tell drivers of each event in the batch."""
    return process_partial_response(event, _push, processor, context)
