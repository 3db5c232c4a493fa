"""Events on their way from the tables' streams to the bus, and those that the bus does not take."""

import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from pydantic import ValidationError

from crowdship.adapters.bus import EVENTS, SOURCE, events_of_record
from crowdship.adapters.observability import logger
from crowdship.kernel.events import DomainEvent

MAX_ENTRIES = 10
"""EventBridge's limit on the entries of one PutEvents."""

MAX_BYTES = 256 * 1024
"""Bytes of all entries of one PutEvents. EventBridge takes four times as much since 2026; not everything that stands in
for it does. An event that is larger alone is tried alone."""

TRIES = 4
BACK_OFF_S = 0.05

GIVE_UP_AFTER_S = 23 * 3600
"""Age at which an event that the bus still refuses is kept elsewhere: the stream forgets it at 24 hours."""

REFUSED_FOR_GOOD = frozenset({"MalformedDetail", "InvalidArgument", "InvalidArgumentException", "ValidationException"})
"""Codes that are about the event; every other may be over sooner or later."""

TIME_BYTES = 14
"""EventBridge counts this many bytes for a time."""


class BusUnavailable(Exception):  # noqa: N818
    """The bus takes no events now; the stream brings them again."""


@dataclass(frozen=True)
class Outgoing:
    """An event as the bus is to get it, and which record of the batch it came with."""

    event: DomainEvent
    entry: dict[str, Any]
    record: int = 0

    @classmethod
    def of(cls, event: DomainEvent, bus_name: str, record: int = 0) -> "Outgoing":
        """Return an event on its way to a bus."""
        entry = {
            "Source": SOURCE,
            "DetailType": event.type,
            "Time": event.time,
            "Detail": event.model_dump_json(),
            "EventBusName": bus_name,
            "Resources": [event.subject],
        }
        return cls(event, entry, record)

    @property
    def alone(self) -> str:
        """The event as the only one of its write."""
        return f"[{self.entry['Detail']}]"

    @property
    def size(self) -> int:
        """Bytes, as EventBridge counts them: time, source, type, detail and resources, but not the bus's name."""
        texts = (self.entry["Source"], self.entry["DetailType"], self.entry["Detail"], *self.entry["Resources"])
        return TIME_BYTES + sum(len(text.encode()) for text in texts)


type Refusal = tuple[Outgoing, str]
"""An event that the bus did not take, and why."""


@dataclass(frozen=True)
class LostEvents:
    """The queue that keeps events which the bus does not take."""

    sqs: Any
    url: str

    def keep(self, events: str, why: str) -> None:
        """Keep the events of a write themselves, as JSON text, with the reason."""
        logger.error("event_kept", why=why)
        self.sqs.send_message(QueueUrl=self.url, MessageBody=json.dumps({"why": why, "events": events}))


@dataclass(frozen=True)
class Publisher:
    """Puts events on the bus.

    Parameters
    ----------
    bus_name : str
    client : boto3 EventBridge client
    lost : LostEvents
        Keeps what the bus will never take.
    """

    bus_name: str
    client: Any
    lost: LostEvents
    sleep: Callable[[float], None] = time.sleep

    def publish_records(self, records: Sequence[dict[str, Any]], now: float) -> str | None:
        """Put the events of a batch of stream records on the bus.

        The events of one subject are put in order, each once the bus has the one before. What the bus will never take
        is kept with its reason and holds up nothing. So is what the stream would soon forget.

        Returns
        -------
        str or None
            Sequence number of the first record that has to come again with all after it, or None.

        Raises
        ------
        BusUnavailable
            If that is the first of the batch: nothing got out.
        """
        outgoing = list(self._outgoing(records))
        for call in calls_for(outgoing):
            failures, refused = self._put(call)
            for one, why in refused:
                self.lost.keep(one.alone, why)
            for failed, why in failures:
                record = records[failed.record]
                if now - _created_at(record) > GIVE_UP_AFTER_S:
                    self.lost.keep(failed.alone, f"refused for a day: {why}")
                elif failed.record == 0:
                    raise BusUnavailable(f"the bus refuses {failed.event.id}: {why}")
                else:
                    logger.error("bus_unavailable", event_id=failed.event.id, why=why)
                    return str(record["dynamodb"]["SequenceNumber"])
        logger.info("published", events=[one.event.id for one in outgoing], types=[one.event.type for one in outgoing])
        return None

    def replay(self, limit: int = 200) -> dict[str, int]:
        """Put events that were kept on the bus again, some at a time; return how many messages went and how many stay.

        A message is deleted once the bus has its events: a crash in between sends them twice, and consumers know a
        repeated event.
        """
        counts = {"replayed": 0, "left": 0}
        while sum(counts.values()) < limit:
            batch = self.lost.sqs.receive_message(
                QueueUrl=self.lost.url, MaxNumberOfMessages=10, VisibilityTimeout=60, WaitTimeSeconds=1
            ).get("Messages", [])
            if not batch:
                break
            for message in batch:
                gone = self._replayed(message["Body"])
                if gone:
                    self.lost.sqs.delete_message(QueueUrl=self.lost.url, ReceiptHandle=message["ReceiptHandle"])
                counts["replayed" if gone else "left"] += 1
        return counts

    def _replayed(self, body: str) -> bool:
        try:
            events = EVENTS.validate_json(json.loads(body)["events"])
        except (ValueError, KeyError, TypeError):
            logger.error("event_unreadable")
            return False
        for call in calls_for([Outgoing.of(event, self.bus_name) for event in events]):
            failed, refused = self._put(call)
            if failed or refused:
                logger.error("event_stays", why=[why for _, why in (*failed, *refused)])
                return False
        return True

    def _outgoing(self, records: Sequence[dict[str, Any]]) -> Iterator[Outgoing]:
        for number, record in enumerate(records):
            try:
                events = events_of_record(record)
            except ValidationError as error:
                self.lost.keep(record["dynamodb"]["NewImage"]["events"]["S"], str(error))
            else:
                yield from (Outgoing.of(event, self.bus_name, number) for event in events)

    def _put(self, call: Sequence[Outgoing]) -> tuple[list[Refusal], list[Refusal]]:
        """Put events on the bus in one call, those that fail again; return what still fails and what always will."""
        failed: list[Refusal] = []
        refused: list[Refusal] = []
        left = list(call)
        for attempt in range(TRIES):
            if attempt:
                self.sleep(random.uniform(0, BACK_OFF_S * 2**attempt))
            failed = []
            for one, code, why in self._refusals(left):
                (refused if code in REFUSED_FOR_GOOD else failed).append((one, why))
            left = [one for one, _ in failed]
            if not left:
                break
        return failed, refused

    def _refusals(self, call: Sequence[Outgoing]) -> list[tuple[Outgoing, str, str]]:
        """Make one call; return what of it was refused, with code and reason."""
        try:
            answer = self.client.put_events(Entries=[one.entry for one in call])
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in REFUSED_FOR_GOOD and len(call) > 1:
                # One of them is at fault for all: which, they tell one by one.
                return [refusal for one in call for refusal in self._refusals([one])]
            return [(one, code, str(error)) for one in call]
        results = zip(call, answer["Entries"], strict=True)
        return [
            (one, result["ErrorCode"], f"{result['ErrorCode']}: {result.get('ErrorMessage', '')}")
            for one, result in results
            if "ErrorCode" in result
        ]


def calls_for(outgoing: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    """Yield events call by call: as many as one call may hold, in entries and bytes, and no subject twice.

    The bus may take a later entry of a call and refuse an earlier one, so two events of one subject in one call could
    overtake each other.
    """
    call: list[Outgoing] = []
    for one in outgoing:
        is_full = len(call) == MAX_ENTRIES or sum(other.size for other in call) + one.size > MAX_BYTES
        if call and (is_full or any(other.event.subject == one.event.subject for other in call)):
            yield call
            call = []
        call.append(one)
    if call:
        yield call


def _created_at(record: dict[str, Any]) -> float:
    return float(record["dynamodb"]["ApproximateCreationDateTime"])
