"""Write and send the finance mails on the queue."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.observability import metrics
from crowdship.insight.finance import service as mails
from crowdship.insight.finance.model import MailTask

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
clock, wall = clock_from(), RunningClock()


def _send(record: SQSRecord) -> None:
    mails.deliver(MailTask.model_validate_json(record.body), clock, wall)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Send each mail of the batch, once."""
    return process_partial_response(event, _send, processor, context)
