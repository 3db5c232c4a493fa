"""Events on their way: from a table's stream to the bus, from the bus to a consumer's queue."""

import json
from typing import Any, Literal

from aws_lambda_powertools.utilities.parser import parse
from pydantic import BaseModel, ConfigDict, TypeAdapter

from crowdship.kernel.events import DomainEvent

SOURCE = "crowdship"


EVENTS: TypeAdapter[list[DomainEvent]] = TypeAdapter(list[DomainEvent], config=ConfigDict(hide_input_in_errors=True))
"""Reads the events of one write from the JSON in its row."""


class Sent(BaseModel):
    """The part of an EventBridge envelope that is read: the sender, which must be us, and the event."""

    source: Literal["crowdship"]
    detail: DomainEvent


def event_of(record_body: str) -> DomainEvent:
    """Return the domain event in an SQS body that an EventBridge rule sent.

    Raises
    ------
    pydantic.ValidationError
        If it is no event of ours. The message then ends in its dead-letter queue.
    """
    return parse(event=json.loads(record_body), model=Sent).detail


def events_of_record(record: dict[str, Any]) -> list[DomainEvent]:
    """Return the events that one write emitted, in order.

    A write that leaves the version as it was (a TTL change, a replay by hand) emits nothing.

    Raises
    ------
    pydantic.ValidationError
        If it carries anything else than events of ours.
    """
    new = record["dynamodb"].get("NewImage", {})
    old = record["dynamodb"].get("OldImage", {})
    if "events" not in new or new.get("version") == old.get("version"):
        return []
    return EVENTS.validate_json(new["events"]["S"])
