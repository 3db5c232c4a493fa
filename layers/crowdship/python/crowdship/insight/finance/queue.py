"""The queue of finance's mails, on which each mail waits for its sender."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import boto3

from crowdship.adapters.settings import settings
from crowdship.insight.finance.model import MailTask


@cache
def _sqs() -> Any:
    return boto3.client("sqs")


def put(tasks: Sequence[MailTask]) -> None:
    """Put tasks on the queue, one message each."""
    for task in tasks:
        _sqs().send_message(QueueUrl=settings().mailings_queue_url, MessageBody=task.model_dump_json())
