"""Consumer of the events that tell of drivers' engaged work and duties: notes each where law sets a pay floor."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.bus import event_of
from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.pay_floors import noting

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
clock = clock_from()


def _note(record: SQSRecord) -> None:
    noting.note(event_of(record.body), clock)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Note each event of the batch, once."""
    return process_partial_response(event, _note, processor, context)
