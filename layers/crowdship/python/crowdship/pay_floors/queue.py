"""The queue of periods that are to be reckoned."""

from collections.abc import Iterable
from functools import cache
from itertools import batched
from typing import Any

import boto3

from crowdship.adapters.settings import settings
from crowdship.pay_floors.closing import Job

AT_ONCE = 10
"""The most messages of one call, by SQS's limit."""


@cache
def _client() -> Any:
    return boto3.client("sqs", region_name=settings().region)


def enqueue(jobs: Iterable[Job]) -> None:
    """Put messages on the queue, in the order in which they come.

    Raises
    ------
    RuntimeError
        If the queue refused one; all are put there again by the next call.
    """
    for some in batched(jobs, AT_ONCE, strict=False):
        entries = [{"Id": str(number), "MessageBody": job.model_dump_json()} for number, job in enumerate(some)]
        answer = _client().send_message_batch(QueueUrl=settings().floors_queue_url, Entries=entries)
        if refused := answer.get("Failed"):
            raise RuntimeError(f"the queue refused {len(refused)} messages: {refused[0].get('Code')}")
