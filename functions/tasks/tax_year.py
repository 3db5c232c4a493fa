"""Go on with a task over a year's forms: one page for each message, which sends the next."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.tax import years
from crowdship.tax.bucket import TaxFiles
from crowdship.tax.payer import payer
from crowdship.tax.queue import send

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
clock = clock_from()


def _go_on(record: SQSRecord) -> None:
    following = years.go_on(years.YearJob.model_validate_json(record.body), payer, TaxFiles.configured, clock)
    if following:
        send(following)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Do the page of each message in the batch."""
    return process_partial_response(event, _go_on, processor, context)
