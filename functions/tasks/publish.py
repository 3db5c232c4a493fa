"""Publishing of events from table streams to the bus, and replay of events that the bus did not take."""

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
    """Publish the events of a batch of writes; for ``{"replay": true}`` publish the kept ones.

    Returns
    -------
    dict
        The first record from which the batch has to be sent again; for a replay, how many kept messages were
        published and how many are left.
    """
    if event.get("replay"):
        return _publisher().replay()
    again = _publisher().publish_records(event["Records"], time.time())
    return {"batchItemFailures": [{"itemIdentifier": again}] if again else []}
