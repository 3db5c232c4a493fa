"""A replay: events that are sent to an endpoint again."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id
from crowdship.notify.webhooks.endpoints.model import Endpoint


class ReplayInput(Value):
    """One event by its id, or all since a moment that were not accepted, until now if no end is given."""

    event_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    since: Moment | None = None
    until: Moment | None = None
    include_delivered: bool = Field(default=False, description="Also what the endpoint took already")


class ReplayState(StrEnum):
    """The progress of a replay."""

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"


class Replay(Aggregate):
    """Events that are sent to an endpoint again, page by page of the event log.

    Parameters
    ----------
    position : str
        The key of the last event of the log that was looked at.
    step : int
        The number of the next page. A message for an earlier page is a repetition.
    read, queued : int
        Events that were looked at, and those that were enqueued.
    """

    merchant_id: str
    endpoint_id: str
    event_id: str | None = None
    since: Moment | None = None
    until: Moment | None = None
    include_delivered: bool = False
    created_at: Moment
    state: ReplayState = ReplayState.RUNNING
    position: str = ""
    step: int = 0
    read: int = 0
    queued: int = 0

    @classmethod
    def of_event(cls, endpoint: Endpoint, event_id: str, attempt: int, now: datetime) -> Self:
        """Return the replay of one event, which is enqueued as this attempt."""
        return cls(
            id=derived_id("rpl", endpoint.id, event_id, attempt),
            merchant_id=endpoint.merchant_id,
            endpoint_id=endpoint.id,
            event_id=event_id,
            include_delivered=True,
            created_at=now,
            state=ReplayState.FINISHED,
            read=1,
            queued=1,
        )

    @classmethod
    def of_span(cls, endpoint: Endpoint, asked: ReplayInput, now: datetime, kept: timedelta) -> Self:
        """Return the replay of a span.

        Raises
        ------
        Unprocessable
            If the span is empty, or begins before the log does.
        """
        if asked.since is None or asked.event_id is not None:
            raise Unprocessable("what_to_replay", "Give either event_id, or since with or without until.", "/since")
        until = min(asked.until or now, now)
        if asked.since >= until:
            raise Unprocessable("empty_span", "since must be before until, and in the past.", "/since")
        if asked.since < now - kept:
            detail = f"Events are kept for {kept.days} days; since can't be before {(now - kept):%Y-%m-%dT%H:%M:%SZ}."
            raise Unprocessable("no_longer_kept", detail, "/since")
        return cls(
            id=derived_id("rpl", endpoint.id, asked.since.isoformat(), until.isoformat(), asked.include_delivered),
            merchant_id=endpoint.merchant_id,
            endpoint_id=endpoint.id,
            since=asked.since,
            until=until,
            include_delivered=asked.include_delivered,
            created_at=now,
        )

    def is_for(self, asked: ReplayInput) -> bool:
        """Return whether this replay is the one that is asked for, also if the request names no end."""
        same_end = asked.until is None or asked.until == self.until
        return self.since == asked.since and same_end and self.include_delivered == asked.include_delivered

    def went_on(self, position: str, read: int, queued: int, *, ended: bool) -> Self:
        """Return the replay after one more page."""
        return self.with_changes(
            position=position or self.position,
            step=self.step + 1,
            read=self.read + read,
            queued=self.queued + queued,
            state=ReplayState.FINISHED if ended else ReplayState.RUNNING,
        )


class ReplayJob(Value):
    """One page of a replay: the body of a message on its queue."""

    endpoint_id: str
    replay_id: str
    step: int
