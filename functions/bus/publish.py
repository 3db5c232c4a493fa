"""Table streams to the bus."""

import os
from functools import cache
from typing import Any

import boto3

from crowdship.kernel.bus import events_of_stream, publish
from crowdship.kernel.observability import logger


@cache
def _bus() -> Any:
    return boto3.client("events")


def handler(event: dict[str, Any], context: Any) -> None:
    """Put the events of a batch of writes on the bus, in order.

    Any failure raises, so that the whole batch comes again: a later event of an aggregate must not overtake an
    earlier one, and consumers know a repeated event by its id.
    """
    events = events_of_stream(event["Records"])
    publish(events, os.environ["BUS_NAME"], _bus())
    logger.info("published", events=[emitted.id for emitted in events], types=[emitted.type for emitted in events])
