"""A tap on the running bus: a rule and a queue of its own, which get every event that crowdship emits."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from local.running import RunningStack
from tests.api_clients import eventually


class Tap:
    """Everything that went over the bus since this was opened."""

    def __init__(self, stack: RunningStack) -> None:
        self._sqs, self._rules = stack.client("sqs"), stack.client("events")
        self._bus = stack.outputs["BusName"]
        self._name = f"tap-{secrets.token_hex(4)}"
        self._url = self._sqs.create_queue(QueueName=self._name)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        pattern = json.dumps({"source": ["crowdship"]})
        self._rules.put_rule(Name=self._name, EventBusName=self._bus, EventPattern=pattern)
        self._rules.put_targets(Rule=self._name, EventBusName=self._bus, Targets=[{"Id": "tap", "Arn": arn}])
        self.envelopes: list[dict[str, Any]] = []

    def close(self) -> None:
        """Remove rule and queue."""
        self._rules.remove_targets(Rule=self._name, EventBusName=self._bus, Ids=["tap"])
        self._rules.delete_rule(Name=self._name, EventBusName=self._bus)
        self._sqs.delete_queue(QueueUrl=self._url)

    def read(self) -> list[dict[str, Any]]:
        """Return the events so far, in the order they came in."""
        while found := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            self.envelopes += [json.loads(message["Body"]) for message in found]
            handles = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(found)]
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=handles)
        return [envelope["detail"] for envelope in self.envelopes]

    def wait_for(self, what: str, wanted: Callable[[dict[str, Any]], bool], count: int = 1) -> list[dict[str, Any]]:
        """Return the events that are wanted, once there are so many."""

        def look() -> list[dict[str, Any]] | None:
            found = [event for event in self.read() if wanted(event)]
            return found if len(found) >= count else None

        found = eventually(look, f"{what} on the bus")
        assert found
        return found

    def by_aggregate(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """Return the events by aggregate, each once and in the order of their sequence.

        A delivery and its proof share an id, as do a driver and their route: the kind is told by the type.
        """
        known = {event["id"]: event for event in self.read()}
        ordered: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for event in sorted(known.values(), key=lambda event: int(event["sequence"])):
            ordered[event["type"].partition(".")[0], event["subject"]].append(event)
        return ordered
