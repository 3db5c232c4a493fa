"""Make exchanges between a merchant's own drivers after one was given work or came on duty."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.bus import event_of
from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics, timed
from crowdship.adapters.tracing import tracer
from crowdship.dispatch.exchange import service as polishing

clock = clock_from()
processor = BatchProcessor(EventType.SQS)


def _polish(record: SQSRecord) -> None:
    with timed("PolishDurationMs"):
        polishing.after(event_of(record.body), clock)


@metrics.log_metrics
@tracer.capture_lambda_handler
def handler(event: dict[str, Any], context: Any) -> Any:
    """Make the exchanges that are worth it in the fleets of a batch of events."""
    return process_partial_response(event, _polish, processor, context)
