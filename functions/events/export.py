"""Consumer of drivers' requests for an export: gathers what is held and stores the file."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.bus import event_of
from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.observability import metrics
from crowdship.data_rights import gathering
from crowdship.data_rights.exports import ExportStore

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
clock, wall = clock_from(), RunningClock()


def _export(record: SQSRecord) -> None:
    gathering.make(event_of(record.body), ExportStore.configured(), clock, wall)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Make each export of the batch, once."""
    return process_partial_response(event, _export, processor, context)
