"""Positions and what follows from them."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from crowdship.kernel.clock import Moment
from crowdship.kernel.devices import FRESH, DeviceClock
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.geo import Point, distance_m
from crowdship.routes.stops import stop_of

MAX_SPEED_MPS = 70.0
"""Faster than this between two points is no driving but a wrong point (250 km/h)."""

MAX_BEHIND = timedelta(minutes=15)
"""It may be behind by this much: what it dates so long before a duty began may still be of that duty."""

MAX_ACCURACY_M = 500.0

MOVED_M = 25.0
"""A driver who moved less than this since the last write counts as stationary."""

WRITTEN_EVERY = timedelta(seconds=30)
"""The position of a stationary driver is written no more often than this."""


class Fix(Value):
    """One position as the device saw it.

    Parameters
    ----------
    point : Point
        WGS 84.
    device_at : datetime
        When it was there: in a batch by the device's clock, in what is kept by ours as far as the two can be compared.
    accuracy_m : float
        Radius within which the driver was, metres.
    speed_mps : float or None
        Metres per second, if the device knows.
    """

    point: Point
    device_at: Moment
    accuracy_m: float = Field(default=10, ge=0, le=100_000)
    speed_mps: float | None = Field(default=None, ge=0, le=200)


class Visit(Value):
    """A driver and a place where they have stops to make.

    Parameters
    ----------
    stop_ids : tuple of str
        The stops at the place: a bundle is one visit.
    approached : tuple of str
        Those of them that the driver was near after they had set out for them.
    approached_at, arrived_at, left_at : datetime or None
        By the device's clock, the newest of each; someone who comes back has arrived anew and not left.
    sure : bool
        Whether the phone was silent neither when the driver came nor when they left.
    turning_at : datetime or None
        Since when positions say that they came, or left, if that is not certain yet.
    turning_sure : bool
        Whether the phone was not silent just before that.
    """

    stop_ids: tuple[str, ...]
    point: Point
    approached: tuple[str, ...] = ()
    approached_at: Moment | None = None
    arrived_at: Moment | None = None
    left_at: Moment | None = None
    sure: bool = True
    turning_at: Moment | None = None
    turning_sure: bool = True

    @model_serializer(mode="wrap")
    def _brief(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # The row of a position is to fit into a write unit, so what is as it is at first is left out.
        fields = type(self).model_fields
        return {name: value for name, value in dump(self).items() if getattr(self, name) != fields[name].default}

    @property
    def is_there(self) -> bool:
        """Whether the driver is at the place."""
        return self.arrived_at is not None and self.left_at is None

    @property
    def delivery_ids(self) -> set[str]:
        """The deliveries whose stops are there."""
        return {stop_of(stop_id)[0] for stop_id in self.stop_ids}

    @property
    def dwell_s(self) -> int | None:
        """How long they were there, in seconds; None if they are, or if that is not known."""
        if not self.sure or self.arrived_at is None or self.left_at is None:
            return None
        return round((self.left_at - self.arrived_at).total_seconds())


class Progress(Value):
    """How a driver gets on to a stop they set out for.

    Parameters
    ----------
    least_s : float
        The shortest time it was ever away, in seconds of free-flow driving.
    estimated : bool
        Whether that is the great circle's time, which streets can't match.
    away_since : datetime or None
        Since when, by the device's clock, it is farther away than that by more than the zone lets pass.
    """

    stop_id: str
    least_s: float
    estimated: bool = False
    away_since: Moment | None = None


class AlertKind(StrEnum):
    """What dispatchers have to look at."""

    SILENT = "silent"
    OFF_ROUTE = "off_route"
    RUNNING_LATE = "running_late"
    LONG_STOP = "long_stop"


class Alert(Value):
    """Something about a driver that a dispatcher has to look at.

    Parameters
    ----------
    stop_id : str
        The stop that it is about.
    since : datetime
        Since when it is so; of a late arrival since when that is foreseen.
    seconds, limit_s : int
        How bad it is, and what the zone lets pass.
    """

    kind: AlertKind
    stop_id: str
    since: Moment
    seconds: int
    limit_s: int

    @property
    def delivery_id(self) -> str:
        """The delivery whose stop it is."""
        return stop_of(self.stop_id)[0]

    @property
    def occurrence(self) -> tuple[AlertKind, str]:
        """What it is about: someone is silent once, whatever their next stop is, and late for every customer."""
        return self.kind, self.stop_id if self.kind is AlertKind.RUNNING_LATE else ""

    @property
    def worst_first(self) -> tuple[float, str]:
        """What to sort by: those that are farthest beyond their limit come first."""
        return -self.seconds / self.limit_s, self.stop_id


class TimeOff(Value):
    """The last time that a driver was off duty, when nobody has to know where they are.

    Parameters
    ----------
    since : datetime or None
        None if they were never on duty before.
    until : datetime or None
        None while it lasts.
    """

    since: Moment | None = None
    until: Moment | None = None

    def holds(self, at: datetime) -> bool:
        """Return whether a moment belongs to it, also if the device's clock is slow by up to ``MAX_BEHIND``."""
        if self.since and at <= self.since:
            return False  # its app kept what belongs to the duty before
        return self.until is None or at < self.until - MAX_BEHIND


class Rival(Value):
    """A position that was left out as an impossible jump, by the device's clock.

    Parameters
    ----------
    agreed : int
        How many such positions agree with each other so far.
    """

    fix: Fix
    agreed: int


class Position(Aggregate):
    """The newest known position of a driver, whose id it has, and what follows from it.

    Parameters
    ----------
    fix : Fix
        The device's newest, or where they said they begin their duty, with our time.
    device_at : datetime or None
        The time of the device's newest, by the device's clock.
    is_said : bool
        Whether it is where the driver said they begin their duty; the device sent nothing since.
    clock : DeviceClock
        How far the device's clock is from ours.
    rival : Rival or None
        Where the device's positions agree it is that don't fit to the newest.
    jumped_at : datetime or None
        When the newest gave way to such positions.
    time_off : TimeOff or None
        None if that is not known.
    visits : tuple of Visit
        At the places that come next on the route, and where they are.
    alerts : tuple of Alert
        Those that stand, as they were when they were raised.
    """

    fix: Fix
    received_at: Moment
    device_at: Moment | None = None
    is_said: bool = False
    clock: DeviceClock = DeviceClock()
    rival: Rival | None = None
    jumped_at: Moment | None = None
    time_off: TimeOff | None = None
    visits: tuple[Visit, ...] = ()
    progress: Progress | None = None
    alerts: tuple[Alert, ...] = ()

    @property
    def is_off_duty(self) -> bool:
        """Whether the driver is off duty."""
        return self.time_off is not None and self.time_off.until is None

    @model_serializer(mode="wrap")
    def _brief(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Fields that are seldom set are left out: the row is to fit into a write unit.
        seldom = {"is_said": self.is_said, "clock": self.clock.behind_s or self.clock.newest, "rival": self.rival}
        left_out = {name for name, value in {**seldom, "jumped_at": self.jumped_at}.items() if not value}
        return {name: value for name, value in dump(self).items() if name not in left_out}

    def moving_to(self, fix: Fix, device_at: datetime, now: datetime) -> Self:
        """Return it with the device's newest position, which has a time by our clock and one by the device's."""
        return self.with_changes(fix=fix, device_at=device_at, received_at=now, is_said=False)

    def tells_of_now(self, now: datetime) -> bool:
        """Return whether it tells where the driver is, not where they were before a silence."""
        return now - self.fix.device_at <= FRESH

    def standing_at(self, point: Point | None, now: datetime) -> Self:
        """Return it of a driver who begins a duty, at a point if they said one, for nobody knows how long."""
        off = TimeOff(since=self.time_off.since if self.time_off and self.is_off_duty else None, until=now)
        begun = self.with_changes(time_off=off, visits=(), progress=None)
        if point is None:
            return begun
        return begun.with_changes(fix=Fix(point=point, device_at=now), received_at=now, is_said=True)

    def going_off_duty(self, now: datetime) -> Self:
        """Return it of a driver whose duty ends: where they go from here is no visit."""
        return self.with_changes(time_off=TimeOff(since=now), visits=(), progress=None)

    @property
    def learned_of_device(self) -> tuple[DeviceClock, Rival | None, datetime | None]:
        """What the device's readings told about the device itself."""
        return self.clock, self.rival, self.jumped_at

    def adds_to(self, known: Self | None) -> bool:
        """Return whether it has to be written: it says more than that somebody stands where they stood just now."""
        if (
            known is None
            or self.events
            or self.is_said != known.is_said
            or self.visits != known.visits
            or self.alerts != known.alerts
        ):
            return True
        if _turning(self.progress) != _turning(known.progress) or self.learned_of_device != known.learned_of_device:
            return True
        waited = self.received_at - known.received_at
        return waited >= WRITTEN_EVERY or distance_m(self.fix.point, known.fix.point) >= MOVED_M


def _turning(progress: Progress | None) -> tuple[str, Moment | None] | None:
    return (progress.stop_id, progress.away_since) if progress else None
