"""Publishing of events: from the tables' streams to the bus, or to a queue if the bus does not take them."""

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
"""Bytes of all entries of one PutEvents. EventBridge takes four times as much since 2026, but not every emulator does.
An event that alone is larger is sent alone."""

TRIES = 4
BACK_OFF_S = 0.05

GIVE_UP_AFTER_S = 23 * 3600
"""Age at which an event that the bus still refuses goes to the queue of lost events. The stream drops it at 24 h."""

REFUSED_FOR_GOOD = frozenset({"MalformedDetail", "InvalidArgument", "InvalidArgumentException", "ValidationException"})
"""Error codes that are about the event itself. Any other error may pass."""

TIME_BYTES = 14
"""EventBridge counts this many bytes for a time."""


class BusUnavailable(Exception):  # noqa: N818
    """The bus takes no events now. The stream delivers them again."""


@dataclass(frozen=True)
class Outgoing:
    """An event as an entry of PutEvents, and the number of the record of the batch that it came with."""

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
        """The event as JSON text in the form of a write's events, of which it is the only one."""
        return f"[{self.entry['Detail']}]"

    @property
    def size(self) -> int:
        """Bytes, as EventBridge counts them: time, source, type, detail and resources, but not the bus's name."""
        texts = (self.entry["Source"], self.entry["DetailType"], self.entry["Detail"], *self.entry["Resources"])
        return TIME_BYTES + sum(len(text.encode()) for text in texts)


type Rejection = tuple[Outgoing, str]
"""An event that the bus did not take, and the reason."""


@dataclass(frozen=True)
class LostEvents:
    """The queue that keeps events which the bus does not take."""

    sqs: Any
    url: str

    def keep(self, events: str, why: str) -> None:
        """Keep the events of a write, which are JSON text, and the reason."""
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
        The queue for events that the bus will never take.
    """

    bus_name: str
    client: Any
    lost: LostEvents
    sleep: Callable[[float], None] = time.sleep

    def publish_records(self, records: Sequence[dict[str, Any]], now: float) -> str | None:
        """Put the events of a batch of stream records on the bus.

        The events of one subject are put in order, each one after the bus has taken the one before. An event that the
        bus will never take, or that the stream would soon drop, is kept with the reason and holds up no others.

        Returns
        -------
        str or None
            Sequence number of the first record that has to come again with all records after it, or None.

        Raises
        ------
        BusUnavailable
            If that is the first record of the batch: nothing was published.
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
        """Put kept events on the bus; return how many messages were replayed and how many are left.

        A message is deleted once the bus has its events. A crash in between sends them twice, and consumers recognise a
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

    def _put(self, call: Sequence[Outgoing]) -> tuple[list[Rejection], list[Rejection]]:
        """Put events on the bus, those that failed again; return what still fails and what always will."""
        failed: list[Rejection] = []
        refused: list[Rejection] = []
        left = list(call)
        for attempt in range(TRIES):
            if attempt:
                self.sleep(random.uniform(0, BACK_OFF_S * 2**attempt))
            failed = []
            for one, code, why in self._rejections(left):
                (refused if code in REFUSED_FOR_GOOD else failed).append((one, why))
            left = [one for one, _ in failed]
            if not left:
                break
        return failed, refused

    def _rejections(self, call: Sequence[Outgoing]) -> list[tuple[Outgoing, str, str]]:
        """Make one call; return the events that were refused, each with code and reason."""
        try:
            answer = self.client.put_events(Entries=[one.entry for one in call])
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in REFUSED_FOR_GOOD and len(call) > 1:
                # One event is at fault for all of them. One call for each tells which.
                return [rejection for one in call for rejection in self._rejections([one])]
            return [(one, code, str(error)) for one in call]
        results = zip(call, answer["Entries"], strict=True)
        return [
            (one, result["ErrorCode"], f"{result['ErrorCode']}: {result.get('ErrorMessage', '')}")
            for one, result in results
            if "ErrorCode" in result
        ]


def calls_for(outgoing: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    """Yield the events of each call: as many as one call may hold, in entries and bytes, and no subject twice.

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
