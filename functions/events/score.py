"""Consumer of what says how a driver works: ends of deliveries, customers' ratings, ends of offers."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.bus import event_of
from crowdship.adapters.clock import RunningClock, clock_from
from crowdship.adapters.observability import metrics
from crowdship.performance import service as performance
from crowdship.standing import service as standing

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
clock, wall = clock_from(), RunningClock()


def _count(record: SQSRecord) -> None:
    card = performance.note(event_of(record.body), clock)
    if card:
        standing.consider(card, clock, wall)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Count each event of the batch, once, and propose to staff what is worth a look."""
    return process_partial_response(event, _count, processor, context)
