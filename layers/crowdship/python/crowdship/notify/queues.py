"""The queues of the notify room: webhooks that are due, those given up, and pages of replays."""

import os
from functools import cache
from math import ceil
from typing import Any

import boto3
from botocore.config import Config

from crowdship.adapters.observability import logger
from crowdship.notify.webhooks.answers import Answer
from crowdship.notify.webhooks.endpoints import ReplayJob
from crowdship.notify.webhooks.retries import WebhookJob

MAX_QUEUE_DELAY_S = 900
"""SQS's limit on the delay of a message; a wait that is longer hops."""


@cache
def client(service: str) -> Any:
    """Return an AWS client whose calls, with all retries, stay well within the lease of a sending."""
    return boto3.client(service, config=Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3}))


def enqueue(job: WebhookJob, wait_s: float = 0.0) -> None:
    """Put a webhook on its queue, to be sent after a while."""
    client("sqs").send_message(
        QueueUrl=os.environ["WEBHOOKS_QUEUE_URL"],
        MessageBody=job.model_dump_json(),
        # Makes it a fair queue: while one endpoint's messages pile up, those of the others are served first.
        MessageGroupId=job.endpoint_id,
        DelaySeconds=min(MAX_QUEUE_DELAY_S, ceil(wait_s)),
    )


def bury(job: WebhookJob, answer: Answer) -> None:
    """Put a webhook aside that was given up."""
    reason = str(answer.status or answer.error)
    client("sqs").send_message(
        QueueUrl=os.environ["WEBHOOKS_DEAD_QUEUE_URL"],
        MessageBody=job.afresh().model_dump_json(),
        MessageGroupId=job.endpoint_id,
        MessageAttributes={"last_answer": {"DataType": "String", "StringValue": reason}},
    )
    logger.error("webhook given up", event_id=job.message.id, endpoint_id=job.endpoint_id, last_answer=reason)


def enqueue_page(job: ReplayJob, merchant_id: str, wait_s: float = 0.0) -> None:
    """Put a page of a replay on its queue, to be read after a while; merchants take turns."""
    client("sqs").send_message(
        QueueUrl=os.environ["REPLAYS_QUEUE_URL"],
        MessageBody=job.model_dump_json(),
        MessageGroupId=merchant_id,
        DelaySeconds=min(MAX_QUEUE_DELAY_S, ceil(wait_s)),
    )
