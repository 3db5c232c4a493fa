"""Events on their way: from a table's stream to the bus, from the bus to a consumer's queue."""

import json
from collections.abc import Iterable
from typing import Any, Literal

import boto3
from aws_lambda_powertools.utilities.parser import parse
from pydantic import BaseModel

from crowdship.kernel.events import DomainEvent

SOURCE = "crowdship"
MAX_ENTRIES = 10
"""EventBridge's limit on the entries of one PutEvents."""


class Sent(BaseModel):
    """What of an EventBridge envelope counts: that we sent it, and what is in it."""

    source: Literal["crowdship"]
    detail: DomainEvent


def event_of(record_body: str) -> DomainEvent:
    """Return the domain event in an SQS body that an EventBridge rule sent.

    Raises
    ------
    pydantic.ValidationError
        If it is no event of ours; the message then ends in its dead-letter queue.
    """
    return parse(event=json.loads(record_body), model=Sent).detail


def events_of_stream(records: Iterable[dict[str, Any]]) -> list[DomainEvent]:
    """Return the events that the writes in a batch of DynamoDB stream records emitted, in order.

    A write that leaves the version as it was (a TTL change, a replay by hand) emits nothing.
    """
    events = []
    for record in records:
        new = record["dynamodb"].get("NewImage", {})
        old = record["dynamodb"].get("OldImage", {})
        if "events" not in new or new.get("version") == old.get("version"):
            continue
        events += [DomainEvent.model_validate(event) for event in json.loads(new["events"]["S"])]
    return events


def publish(events: Iterable[DomainEvent], bus_name: str, client: Any = None) -> None:
    """Put events on the bus, in order.

    Raises
    ------
    RuntimeError
        If the bus refused any; the caller's whole batch is then to be retried, consumers know duplicates by id.
    """
    client = client or boto3.client("events")
    entries = [
        {
            "Source": SOURCE,
            "DetailType": event.type,
            "Time": event.time,
            "Detail": event.model_dump_json(),
            "EventBusName": bus_name,
            "Resources": [event.subject],
        }
        for event in events
    ]
    for start in range(0, len(entries), MAX_ENTRIES):
        answer = client.put_events(Entries=entries[start : start + MAX_ENTRIES])
        if answer["FailedEntryCount"]:
            refused = [entry for entry in answer["Entries"] if "ErrorCode" in entry]
            raise RuntimeError(f"the bus refused {len(refused)} events, the first with {refused[0]}")
