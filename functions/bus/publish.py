"""Table streams to the bus; and back onto it what was kept because the bus did not take it."""

import time
from functools import cache
from typing import Any

import boto3

from crowdship.adapters.observability import metrics
from crowdship.adapters.publishing import LostEvents, Publisher
from crowdship.adapters.settings import settings


@cache
def _publisher() -> Publisher:
    lost = LostEvents(boto3.client("sqs"), settings().lost_queue_url)
    return Publisher(settings().bus_name, boto3.client("events"), lost)


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Publish the events of a batch of writes; or, for ``{"replay": true}``, those that were kept.

    Returns
    -------
    dict
        From which record on the batch is to come again; or how many kept messages went and how many stay.
    """
    if event.get("replay"):
        return _publisher().replay()
    again = _publisher().publish_records(event["Records"], time.time())
    return {"batchItemFailures": [{"itemIdentifier": again}] if again else []}
