"""A merchant's webhook endpoints: what each wants, how it is doing, what signs for it, what is sent again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, StringConstraints

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id, new_id
from crowdship.merchants.model import Mode, sandbox_id
from crowdship.notify.webhooks.answers import THROTTLED, Answer

MERCHANT_EVENTS = frozenset(
    {
        "delivery.created",
        "delivery.offered",
        "delivery.assigned",
        "delivery.reassigned",
        "delivery.ready",
        "delivery.updated",
        "delivery.en_route_to_pickup",
        "delivery.approaching_pickup",
        "delivery.arrived_at_pickup",
        "delivery.picked_up",
        "delivery.en_route_to_dropoff",
        "delivery.approaching",
        "delivery.eta_changed",
        "delivery.arrived_at_dropoff",
        "delivery.delivered",
        "delivery.cancelled",
        "delivery.expired",
        "delivery.failed",
        "delivery.returning",
        "delivery.returned",
        "delivery.tipped",
        "source.message_ignored",
    }
)
"""What an endpoint can ask for by name. A test compares it with the schemas in ``events/``."""

ALL_EVENTS = "delivery.*"
ALL_OF_SOURCES = "source.*"
EVERYTHING = (ALL_EVENTS, ALL_OF_SOURCES)
"""What an endpoint hears if nothing is said."""

TEST_EVENT = "endpoint.test"

MOST_ENDPOINTS = 10
MOST_SECRETS = 5
"""Secrets in force at a time; each is a signature in the header."""

FAILING_FOR = timedelta(days=5)
"""An endpoint that took nothing for so long is disabled."""

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=5)
"""How long a whole endpoint is left alone when it asks us to slow down without a time, or hangs; doubled each time."""


def _known_filter(wanted: str) -> str:
    if wanted not in EVERYTHING and wanted not in MERCHANT_EVENTS:
        raise ValueError(f"there may be {', '.join(EVERYTHING)}, or any of {', '.join(sorted(MERCHANT_EVENTS))}")
    return wanted


EventFilter = Annotated[str, StringConstraints(max_length=60), AfterValidator(_known_filter)]
Description = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Url = Annotated[str, StringConstraints(min_length=8, max_length=500)]


def wanted(event_type: str, filters: Sequence[str]) -> bool:
    """Return whether any filter lets an event type through: its name, or all of its kind (``delivery.*``)."""
    return event_type in filters or f"{event_type.partition('.')[0]}.*" in filters


class DisabledBecause(StrEnum):
    """Why an endpoint gets nothing."""

    BY_HAND = "by_hand"
    GONE = "gone"
    FAILING = "failing"


class EndpointInput(Value):
    """Where events are to go, and which."""

    url: Url = Field(examples=["https://shop.example/hooks/crowdship"])
    mode: Mode = Field(default=Mode.LIVE, description="Whether it hears of real deliveries or of the sandbox's")
    events: tuple[EventFilter, ...] = Field(default=EVERYTHING, min_length=1, max_length=50)
    description: Description | None = None


class EndpointChange(Value):
    """What is to be different about an endpoint; what is left out stays, and null takes the description away."""

    url: Url | None = None
    events: Annotated[tuple[EventFilter, ...], Field(min_length=1, max_length=50)] | None = None
    description: Description | None = None
    active: bool | None = None

    @property
    def said(self) -> dict[str, Any]:
        """What was said, by field."""
        said = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in said.items() if value is not None or name == "description"}


class Endpoint(Aggregate):
    """One address of a merchant, and how it is doing.

    Moments are wall time: an endpoint's health is about transport. The signing secrets are in Secrets Manager.

    Parameters
    ----------
    secret_version : int
        The version of the secrets that a sender has to know at least; raised by a rotation.
    failing_since : datetime, optional
        Since when nothing was taken; None while all is well.
    not_before : datetime, optional
        Before then nothing at all is sent there.
    slowed : int
        How often in a row it was left alone.
    missed_since : datetime, optional
        Since when it may have missed something that was not replayed.
    """

    merchant_id: str
    url: str
    mode: Mode = Mode.LIVE
    events_wanted: tuple[str, ...] = EVERYTHING
    description: str | None = None
    created_at: Moment
    secret_version: int = 1
    disabled_at: Moment | None = None
    disabled_because: DisabledBecause | None = None
    failing_since: Moment | None = None
    not_before: Moment | None = None
    slowed: int = 0
    missed_since: Moment | None = None
    replay_id: str | None = None

    @classmethod
    def make(cls, merchant_id: str, given: EndpointInput, now: datetime) -> Self:
        """Return a new endpoint, whose URL was checked."""
        return cls(
            id=new_id("ept"),
            merchant_id=merchant_id,
            url=given.url,
            mode=given.mode,
            events_wanted=tuple(dict.fromkeys(given.events)),
            description=given.description,
            created_at=now,
        )

    @property
    def hears_of(self) -> str:
        """Whose deliveries it is told of: the merchant's, or those of its sandbox."""
        return self.merchant_id if self.mode is Mode.LIVE else sandbox_id(self.merchant_id)

    @property
    def active(self) -> bool:
        """Whether it is served."""
        return self.disabled_at is None

    def wants(self, event_type: str) -> bool:
        """Return whether it is to get an event."""
        return self.active and wanted(event_type, self.events_wanted)

    def changed(self, change: EndpointChange, now: datetime, at: datetime) -> Self:
        """Return the endpoint as its merchant wants it; a URL was checked before.

        Parameters
        ----------
        now, at : datetime
            Wall time, and business time for the event.
        """
        said = change.said
        active = said.pop("active", self.active)
        if "events" in said:
            said["events_wanted"] = tuple(dict.fromkeys(said.pop("events")))
        same = self.with_changes(**said)
        if active == same.active:
            return same
        return same.enabled() if active else same.disabled(DisabledBecause.BY_HAND, now, at)

    def enabled(self) -> Self:
        """Return it served again; what it missed since the trouble began can be replayed."""
        return self.with_changes(
            disabled_at=None,
            disabled_because=None,
            failing_since=None,
            not_before=None,
            slowed=0,
            missed_since=self.missed_since or self.failing_since or self.disabled_at,
        )

    def disabled(self, because: DisabledBecause, now: datetime, at: datetime) -> Self:
        """Return it not served any more, which is told."""
        if not self.active:
            return self
        changed = self.with_changes(disabled_at=now, disabled_because=because)
        since = self.failing_since.isoformat().replace("+00:00", "Z") if self.failing_since else None
        data = {"endpoint_id": self.id, "merchant_id": self.merchant_id, "because": because, "failing_since": since}
        return changed.emitting("endpoint.disabled", at, data)

    def took(self) -> Self:
        """Return it after a success; the same if nothing was wrong."""
        if self.failing_since is None and self.not_before is None and not self.slowed:
            return self
        return self.with_changes(failing_since=None, not_before=None, slowed=0)

    def refused(
        self, answer: Answer, asked_s: float, now: datetime, at: datetime, wall_per_business: float = 1.0
    ) -> Self:
        """Return it after a failure: left alone if it asks for that or hangs, disabled if it failed for too long.

        Parameters
        ----------
        asked_s : float
            The wait that its Retry-After asked for, in wall seconds.
        wall_per_business : float
            Wall seconds in a second of business time: below 1 where the clock runs fast.
        """
        failing = self if self.failing_since else self.with_changes(failing_since=now)
        slowed = failing._left_alone(answer, asked_s, now, wall_per_business)
        if slowed.failing_since and now - slowed.failing_since >= FAILING_FOR * wall_per_business:
            return slowed.disabled(DisabledBecause.FAILING, now, at)
        return slowed

    def _left_alone(self, answer: Answer, asked_s: float, now: datetime, wall_per_business: float) -> Self:
        throttled = answer.status in THROTTLED or answer.error == "Timeout"
        if not throttled and not asked_s:
            return self
        pause = timedelta(seconds=asked_s)
        first_to_say_so = self.not_before is None or self.not_before <= now
        if throttled and first_to_say_so:  # the others of one batch say the same thing
            own = min(FIRST_PAUSE * 2 ** min(self.slowed, 10), LONGEST_PAUSE) * wall_per_business
            until = now + max(pause, own)
            return self.with_changes(not_before=until, slowed=self.slowed + 1)
        until = max(self.not_before or now, now + pause)
        return self if until == self.not_before else self.with_changes(not_before=until)

    def must_be_active(self) -> None:
        """Check that it is served.

        Raises
        ------
        Conflict
            If it is disabled.
        """
        if not self.active:
            detail = f"{self.id} is disabled ({self.disabled_because}); set it active first."
            raise Conflict("endpoint_disabled", detail)


# --- what signs


class SigningSecret(Value):
    """A secret that signs an endpoint's webhooks, and until when; None is for good."""

    secret: str
    until: Moment | None = None


class Signing(Value):
    """The secrets of one endpoint, newest first, as they lie in Secrets Manager."""

    version: int = 0
    signing: tuple[SigningSecret, ...] = ()

    def in_force(self, now: datetime) -> list[str]:
        """Return the secrets that sign now, newest first: two while one takes over from the other."""
        return [held.secret for held in self._held(now)]

    def _held(self, now: datetime) -> list[SigningSecret]:
        return [held for held in self.signing if held.until is None or now < held.until]

    def rotated(self, secret: str, now: datetime, overlap: timedelta) -> Self:
        """Return them with a new secret; those before sign along for a while, at most as long as they would have.

        Raises
        ------
        Conflict
            If too many sign already.
        """
        ends = now + overlap
        before = [
            held.model_copy(update={"until": min(held.until or ends, ends)}) for held in self._held(now) if now < ends
        ]
        if len(before) >= MOST_SECRETS:
            detail = f"{len(before)} secrets sign already; wait until one has run out, or rotate with overlap_hours 0."
            raise Conflict("too_many_secrets", detail)
        return self.model_copy(update={"version": self.version + 1, "signing": (SigningSecret(secret=secret), *before)})


class RotationInput(Value):
    """For how many hours the old secret signs along; 0 if it is known to strangers."""

    overlap_hours: int = Field(default=24, ge=0, le=168)


# --- what is sent again


class ReplayInput(Value):
    """One event by its id, or all from a moment on (until now if no end is given) that did not get through."""

    event_id: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    since: Moment | None = None
    until: Moment | None = None
    include_delivered: bool = Field(default=False, description="Also what the endpoint took already")


class ReplayState(StrEnum):
    """How far a replay is."""

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
        Which page is next; a message for another page is an echo.
    read, queued : int
        Events that were looked at, and those put on the queue of webhooks.
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
        """Return the replay of one event, which is on the queue as this attempt."""
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
        """Return whether this is what is asked for, also if it was asked without an end."""
        same_end = asked.until is None or asked.until == self.until
        return self.since == asked.since and same_end and self.include_delivered == asked.include_delivered

    def went_on(self, position: str, read: int, queued: int, *, ended: bool) -> Self:
        """Return it one page further."""
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
