"""Consumer of requests for exports of the journal: writes each file."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.bus import event_of
from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.observability import metrics
from crowdship.settlement.exports import service as exports
from crowdship.settlement.exports.files import ExportFiles

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
clock, wall = clock_from(), RunningClock()


def _export(record: SQSRecord) -> None:
    exports.make(event_of(record.body), ExportFiles.configured(), clock, wall)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Make each export of the batch, once."""
    return process_partial_response(event, _export, processor, context)
