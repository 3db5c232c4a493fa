"""Consumer of the events that KPIs measure: writes their values as metrics."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.bus import event_of
from crowdship.adapters.observability import add_measurement, metrics
from crowdship.insight.kpis import measurements

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def _measure(record: SQSRecord) -> None:
    for measurement in measurements(event_of(record.body)):
        add_measurement(measurement.name, measurement.unit.value, measurement.value, measurement.dimensions)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Measure each event of the batch."""
    return process_partial_response(event, _measure, processor, context)
