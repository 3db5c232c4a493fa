"""Make the invoices of each merchant of a batch that are due."""

import json
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from crowdship.adapters.clock import clock_from
from crowdship.adapters.observability import metrics
from crowdship.adapters.settings import settings
from crowdship.invoicing import making
from crowdship.invoicing.files import InvoiceFiles
from crowdship.invoicing.mailing import SesMails

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
clock = clock_from()


def _make(record: SQSRecord) -> None:
    merchant_id = json.loads(record.body)["merchant_id"]
    making.make_due(merchant_id, InvoiceFiles.configured(), SesMails(settings().sender_email), clock)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> Any:
    """Make the documents of each merchant, each once."""
    return process_partial_response(event, _make, processor, context)
