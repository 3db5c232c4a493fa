"""Queues of webhooks: those that are due, those given up, and pages of replays."""

from math import ceil

from crowdship.adapters.observability import logger
from crowdship.adapters.settings import settings
from crowdship.notify.clients import client
from crowdship.notify.webhooks.delivery.answers import EndpointAnswer
from crowdship.notify.webhooks.delivery.retries import WebhookJob
from crowdship.notify.webhooks.replay.model import ReplayJob

MAX_QUEUE_DELAY_S = 900
"""SQS's limit on the delay of a message. A longer wait is made of several."""


def enqueue(job: WebhookJob, wait_s: float = 0.0) -> None:
    """Put a webhook on its queue, to be sent after a while."""
    client("sqs").send_message(
        QueueUrl=settings().webhooks_queue_url,
        MessageBody=job.model_dump_json(),
        # Makes it a fair queue: while one endpoint's messages pile up, messages of the others are served first.
        MessageGroupId=job.endpoint_id,
        DelaySeconds=min(MAX_QUEUE_DELAY_S, ceil(wait_s)),
    )


def bury(job: WebhookJob, answer: EndpointAnswer) -> None:
    """Put a webhook that was given up on the queue of those."""
    reason = str(answer.status or answer.error)
    client("sqs").send_message(
        QueueUrl=settings().webhooks_dead_queue_url,
        MessageBody=job.afresh().model_dump_json(),
        MessageGroupId=job.endpoint_id,
        MessageAttributes={"last_answer": {"DataType": "String", "StringValue": reason}},
    )
    logger.error("webhook given up", event_id=job.message.id, endpoint_id=job.endpoint_id, last_answer=reason)


def enqueue_page(job: ReplayJob, merchant_id: str, wait_s: float = 0.0) -> None:
    """Put a page of a replay on its queue, to be sent after a while. The queue is fair to merchants."""
    client("sqs").send_message(
        QueueUrl=settings().replays_queue_url,
        MessageBody=job.model_dump_json(),
        MessageGroupId=merchant_id,
        DelaySeconds=min(MAX_QUEUE_DELAY_S, ceil(wait_s)),
    )
