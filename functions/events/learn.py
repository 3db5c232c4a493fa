"""Learn travel times and stays from drivers' legs and stays."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.bus import event_of
from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.tracking.learning.service import ZoneObservation, observation_of, store_observations

clock = clock_from()


def _observation(record: SQSRecord) -> ZoneObservation | None:
    return observation_of(event_of(record.body))


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Learn from a batch of events, with one write for each zone."""
    observed: list[ZoneObservation | None] = []
    processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    answer = process_partial_response(event, lambda record: observed.append(_observation(record)), processor, context)
    # If this fails the whole batch comes again; observations that were stored are not stored twice.
    store_observations(observed, clock)
    return answer
