"""A merchant's webhook endpoint: its address, the events that it wants, and its health."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import new_id
from crowdship.merchants.model import Mode, sandbox_id
from crowdship.notify.webhooks.delivery.answers import THROTTLED, EndpointAnswer
from crowdship.notify.webhooks.endpoints.filters import ALL, EventFilter, wanted

ID_PREFIX = "ept"
TEST_EVENT = "endpoint.test"

MOST_ENDPOINTS = 10
FAILING_FOR = timedelta(days=5)
"""An endpoint that accepted nothing for this time is disabled."""

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=5)
"""Pauses of an endpoint that hangs, or asks us to slow down without naming a time: doubled each time."""


Description = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Url = Annotated[str, StringConstraints(min_length=8, max_length=500)]


class DisabledBecause(StrEnum):
    """The reason for which an endpoint is disabled."""

    BY_HAND = "by_hand"
    GONE = "gone"
    FAILING = "failing"


class EndpointInput(Value):
    """The address of a new endpoint, and the events that it is sent."""

    url: Url = Field(examples=["https://shop.example/hooks/crowdship"])
    mode: Mode = Field(default=Mode.LIVE, description="Live: events of real deliveries; test: those of the sandbox")
    events: tuple[EventFilter, ...] = Field(default=(ALL,), min_length=1, max_length=50)
    description: Description | None = None


class EndpointChange(Value):
    """Changes of an endpoint. A field that is left out stays; null removes the description."""

    url: Url | None = None
    events: Annotated[tuple[EventFilter, ...], Field(min_length=1, max_length=50)] | None = None
    description: Description | None = None
    active: bool | None = None

    @property
    def said(self) -> dict[str, Any]:
        """The fields that were given, by name."""
        said = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: value for name, value in said.items() if value is not None or name == "description"}


class Endpoint(Aggregate):
    """An endpoint of a merchant and its health.

    Moments are wall time: an endpoint's health is about transport. The signing secrets are in Secrets Manager.

    Parameters
    ----------
    secret_version : int
        The lowest version of the secrets that a sender may sign with; a rotation raises it.
    failing_since : datetime, optional
        The first failure since the last success; None while all is well.
    not_before : datetime, optional
        The end of a pause: nothing is sent to the endpoint before.
    slowed : int
        Pauses in a row.
    missed_since : datetime, optional
        The moment since which it may have missed events that were not replayed.
    """

    merchant_id: str
    url: str
    mode: Mode = Mode.LIVE
    events_wanted: tuple[str, ...] = (ALL,)
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
            id=new_id(ID_PREFIX),
            merchant_id=merchant_id,
            url=given.url,
            mode=given.mode,
            events_wanted=tuple(dict.fromkeys(given.events)),
            description=given.description,
            created_at=now,
        )

    @property
    def hears_of(self) -> str:
        """The id under which the deliveries are kept that it is told of: the merchant's or its sandbox's."""
        return self.merchant_id if self.mode is Mode.LIVE else sandbox_id(self.merchant_id)

    @property
    def active(self) -> bool:
        """True if the endpoint is sent events."""
        return self.disabled_at is None

    def wants(self, event_type: str) -> bool:
        """Return whether it is sent events of a type."""
        return self.active and wanted(event_type, self.events_wanted)

    def changed(self, change: EndpointChange, now: datetime, at: datetime) -> Self:
        """Return the endpoint with the changes of its merchant, whose URL was checked before.

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
        """Return the endpoint active again, noting since when it missed events, which can be replayed."""
        return self.with_changes(
            disabled_at=None,
            disabled_because=None,
            failing_since=None,
            not_before=None,
            slowed=0,
            missed_since=self.missed_since or self.failing_since or self.disabled_at,
        )

    def disabled(self, because: DisabledBecause, now: datetime, at: datetime) -> Self:
        """Return the endpoint disabled, with the event that tells so."""
        if not self.active:
            return self
        changed = self.with_changes(disabled_at=now, disabled_because=because)
        since = self.failing_since.isoformat().replace("+00:00", "Z") if self.failing_since else None
        data = {"endpoint_id": self.id, "merchant_id": self.merchant_id, "because": because, "failing_since": since}
        return changed.emitting("endpoint.disabled", at, data)

    def took(self) -> Self:
        """Return the endpoint after a success; the same if nothing was wrong."""
        if self.failing_since is None and self.not_before is None and not self.slowed:
            return self
        return self.with_changes(failing_since=None, not_before=None, slowed=0)

    def refused(
        self, answer: EndpointAnswer, asked_s: float, now: datetime, at: datetime, wall_per_business: float = 1.0
    ) -> Self:
        """Return the endpoint after a failure: paused if it asks for that or hangs, disabled if it failed for too long.

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

    def _left_alone(self, answer: EndpointAnswer, asked_s: float, now: datetime, wall_per_business: float) -> Self:
        throttled = answer.status in THROTTLED or answer.error == "Timeout"
        if not throttled and not asked_s:
            return self
        pause = timedelta(seconds=asked_s)
        first_to_say_so = self.not_before is None or self.not_before <= now
        if throttled and first_to_say_so:  # a pause that was counted for one message of a batch counts for all
            own = min(FIRST_PAUSE * 2 ** min(self.slowed, 10), LONGEST_PAUSE) * wall_per_business
            until = now + max(pause, own)
            return self.with_changes(not_before=until, slowed=self.slowed + 1)
        until = max(self.not_before or now, now + pause)
        return self if until == self.not_before else self.with_changes(not_before=until)

    def must_be_active(self) -> None:
        """Check that it is active.

        Raises
        ------
        Conflict
            If it is disabled.
        """
        if not self.active:
            detail = f"{self.id} is disabled ({self.disabled_because}); set it active first."
            raise Conflict("endpoint_disabled", detail)
