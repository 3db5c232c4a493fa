"""The queue of tasks over a year's forms."""

from functools import cache
from typing import Any

import boto3

from crowdship.adapters.settings import settings
from crowdship.tax.years import YearJob


@cache
def _client() -> Any:
    return boto3.client("sqs")


def send(job: YearJob) -> None:
    """Send a message to the queue named by ``TAX_YEARS_QUEUE_URL``."""
    _client().send_message(QueueUrl=settings().tax_years_queue_url, MessageBody=job.model_dump_json())
