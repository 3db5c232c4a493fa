"""A tap on the running bus: a rule and a queue that receive the events that crowdship emits."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Any

from local.running import RunningStack

MOST_AT_ONCE = 10


class Tap:
    """A queue of the events that are published from now on.

    Parameters
    ----------
    types : sequence of str
        The types of events to receive; all types if empty.
    """

    def __init__(self, stack: RunningStack, types: Sequence[str] = ()) -> None:
        self._sqs, self._rules = stack.client("sqs"), stack.client("events")
        self._bus = stack.outputs["BusName"]
        self._name = f"tap-{secrets.token_hex(4)}"
        self._url = self._sqs.create_queue(QueueName=self._name)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        pattern: dict[str, Any] = {"source": ["crowdship"]}
        if types:
            pattern["detail-type"] = list(types)
        self._rules.put_rule(Name=self._name, EventBusName=self._bus, EventPattern=json.dumps(pattern))
        self._rules.put_targets(Rule=self._name, EventBusName=self._bus, Targets=[{"Id": "tap", "Arn": arn}])

    def close(self) -> None:
        """Remove rule and queue."""
        self._rules.remove_targets(Rule=self._name, EventBusName=self._bus, Ids=["tap"])
        self._rules.delete_rule(Name=self._name, EventBusName=self._bus)
        self._sqs.delete_queue(QueueUrl=self._url)

    def take(self) -> list[dict[str, Any]]:
        """Return the envelopes received since the last call, in the order of the queue."""
        envelopes: list[dict[str, Any]] = []
        while found := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=MOST_AT_ONCE).get("Messages"):
            envelopes += [json.loads(message["Body"]) for message in found]
            handles = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(found)]
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=handles)
        return envelopes
