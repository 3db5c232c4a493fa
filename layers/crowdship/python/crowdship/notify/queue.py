"""The queue of notices, on which events are put again of which something, or somebody, is still to be told."""

from math import ceil

from crowdship.adapters.settings import settings
from crowdship.kernel.clock import Clock
from crowdship.notify.clients import client
from crowdship.notify.waiting import WaitingEvent
from crowdship.notify.webhooks.announcing.model import Announcement
from crowdship.notify.webhooks.queues import MAX_QUEUE_DELAY_S

SOONEST_S = 1


def put_back(event: WaitingEvent, clock: Clock) -> None:
    """Put an event on the queue, to come again; a longer wait than SQS has is made of several."""
    wait_s = ceil(clock.wall_seconds(event.until - clock.now()))
    client("sqs").send_message(
        QueueUrl=settings().notices_queue_url,
        MessageBody=event.model_dump_json(),
        DelaySeconds=max(SOONEST_S, min(MAX_QUEUE_DELAY_S, wait_s)),
    )


def go_on(rest: Announcement) -> None:
    """Put the rest of an announcement on the queue, to be told at once."""
    client("sqs").send_message(QueueUrl=settings().notices_queue_url, MessageBody=rest.model_dump_json())
