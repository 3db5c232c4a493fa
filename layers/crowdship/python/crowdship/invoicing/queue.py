"""The queue of merchants whose invoices are to be made."""

import json
from collections.abc import Iterable
from functools import cache
from itertools import batched
from typing import Any

import boto3

from crowdship.adapters.settings import settings

BATCH = 10


@cache
def _sqs() -> Any:
    return boto3.client("sqs")


def ask_for(merchant_ids: Iterable[str]) -> int:
    """Put merchants on the queue; return how many.

    Raises
    ------
    RuntimeError
        If the queue refused some of them; the next day's sweep asks again.
    """
    asked = 0
    for some in batched(merchant_ids, BATCH, strict=False):
        entries = [{"Id": str(n), "MessageBody": json.dumps({"merchant_id": one})} for n, one in enumerate(some)]
        answer = _sqs().send_message_batch(QueueUrl=settings().invoices_queue_url, Entries=entries)
        if refused := answer.get("Failed"):
            raise RuntimeError(f"the queue of invoices refused {len(refused)} messages")
        asked += len(some)
    return asked
