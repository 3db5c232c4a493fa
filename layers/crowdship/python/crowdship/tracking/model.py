"""The newest position of a driver and what is derived from it: visits, progress towards a stop, alerts."""

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
"""A point that could only be reached faster than this is wrong (250 km/h)."""

MAX_BEHIND = timedelta(minutes=15)
"""A device's clock may be behind by this much: a reading dated up to this long before a duty may be of that duty."""

MAX_ACCURACY_M = 500.0
"""A reading less accurate than this, in metres, is not used."""

MOVED_M = 25.0
"""A driver who moved less than this since the last write counts as stationary."""

WRITTEN_EVERY = timedelta(seconds=30)
"""The position of a stationary driver is written no more often than this."""


class Fix(Value):
    """One position, as the device measured it.

    Parameters
    ----------
    point : Point
        WGS 84.
    device_at : datetime
        When the device was there: in a batch by the device's clock; in what is kept by our clock, as far as the two
        clocks can be compared.
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
    """A driver's visit to a place at which they have stops to make.

    Parameters
    ----------
    stop_ids : tuple of str
        The stops at the place: a bundle is one visit.
    approached : tuple of str
        The stops among these that the driver came near after setting out for them.
    approached_at, arrived_at, left_at : datetime or None
        The newest moment of each, by the device's clock. A driver who comes back has arrived anew and not left.
    sure : bool
        False if the phone was silent when the driver arrived or when they left.
    turning_at : datetime or None
        The moment since which positions say that the driver arrived, or left, while that is not certain yet.
    turning_sure : bool
        False if the phone was silent just before ``turning_at``.
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
        # Fields with their default are left out, so that the row of a position fits into one write unit.
        fields = type(self).model_fields
        return {name: value for name, value in dump(self).items() if getattr(self, name) != fields[name].default}

    @property
    def is_there(self) -> bool:
        """True while the driver is at the place."""
        return self.arrived_at is not None and self.left_at is None

    @property
    def delivery_ids(self) -> set[str]:
        """The deliveries that have stops at the place."""
        return {stop_of(stop_id)[0] for stop_id in self.stop_ids}

    @property
    def dwell_s(self) -> int | None:
        """Length of the visit in seconds; None while the driver is there, or if a moment is not sure."""
        if not self.sure or self.arrived_at is None or self.left_at is None:
            return None
        return round((self.left_at - self.arrived_at).total_seconds())


class Progress(Value):
    """Progress of a driver towards a stop they set out for.

    Parameters
    ----------
    least_s : float
        The shortest time that the stop was ever away, in seconds of free-flow driving.
    estimated : bool
        True if ``least_s`` is a great-circle estimate, which can't be compared with times along streets.
    away_since : datetime or None
        The moment, by the device's clock, since which the stop is farther away than ``least_s`` by more than the zone
        allows.
    """

    stop_id: str
    least_s: float
    estimated: bool = False
    away_since: Moment | None = None


class AlertKind(StrEnum):
    """Kinds of alerts to dispatchers."""

    SILENT = "silent"
    OFF_ROUTE = "off_route"
    RUNNING_LATE = "running_late"
    LONG_STOP = "long_stop"


class Alert(Value):
    """A state of a driver that a dispatcher has to look at.

    Parameters
    ----------
    stop_id : str
        The stop that the alert is about.
    since : datetime
        The moment since which the state lasts; for a late arrival, since when it is foreseen.
    seconds, limit_s : int
        The seconds measured, and the seconds that the zone allows.
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
        """Key of the alert: a late arrival is one alert per stop; any other kind is one alert per driver."""
        return self.kind, self.stop_id if self.kind is AlertKind.RUNNING_LATE else ""

    @property
    def worst_first(self) -> tuple[float, str]:
        """Sort key: alerts that are farthest beyond their limit, as a ratio, come first."""
        return -self.seconds / self.limit_s, self.stop_id


class TimeOff(Value):
    """The last period in which a driver was off duty; positions of it are not taken.

    Parameters
    ----------
    since : datetime or None
        Begin; None if the driver was never on duty before.
    until : datetime or None
        End; None while the driver is off duty.
    """

    since: Moment | None = None
    until: Moment | None = None

    def holds(self, at: datetime) -> bool:
        """Return whether a moment is in the period; its last ``MAX_BEHIND`` is not, as a device's clock may be slow."""
        if self.since and at <= self.since:
            return False  # a position of the duty before, which the app sent later
        return self.until is None or at < self.until - MAX_BEHIND


class Rival(Value):
    """A position that was left out as an impossible jump; its time is the device's.

    Parameters
    ----------
    agreed : int
        Number of such positions that agree with each other so far.
    """

    fix: Fix
    agreed: int


class Position(Aggregate):
    """The newest known position of a driver, with what is derived from it. Its id is the driver's.

    Parameters
    ----------
    fix : Fix
        The newest position of the device, or the place where the driver said they begin their duty; its time is by
        our clock.
    device_at : datetime or None
        The time of the device's newest position, by the device's clock.
    is_said : bool
        True if ``fix`` is the place that the driver stated and the device sent nothing since.
    clock : DeviceClock
        The difference between the device's clock and ours.
    rival : Rival or None
        Positions that agree with each other and exclude the newest one.
    jumped_at : datetime or None
        When the newest position last gave way to such positions.
    time_off : TimeOff or None
        None if it is not known.
    visits : tuple of Visit
        Visits to the places that come next on the route, and to the place where the driver is.
    alerts : tuple of Alert
        The standing alerts, as they were when they were raised.
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
        """True while the driver is off duty."""
        return self.time_off is not None and self.time_off.until is None

    @model_serializer(mode="wrap")
    def _brief(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # Fields that are seldom set are left out, so that the row fits into one write unit.
        seldom = {"is_said": self.is_said, "clock": self.clock.behind_s or self.clock.newest, "rival": self.rival}
        left_out = {name for name, value in {**seldom, "jumped_at": self.jumped_at}.items() if not value}
        return {name: value for name, value in dump(self).items() if name not in left_out}

    def moving_to(self, fix: Fix, device_at: datetime, now: datetime) -> Self:
        """Return the position with a newer fix of the device.

        Parameters
        ----------
        fix : Fix
            Its time is by our clock.
        device_at : datetime
            The same time by the device's clock.
        """
        return self.with_changes(fix=fix, device_at=device_at, received_at=now, is_said=False)

    def is_current(self, now: datetime) -> bool:
        """Return whether the position is recent enough (``FRESH``) to say where the driver is now."""
        return now - self.fix.device_at <= FRESH

    def beginning_duty(self, point: Point | None, now: datetime) -> Self:
        """Return the position of a driver who begins a duty, at ``point`` if they stated one."""
        off = TimeOff(since=self.time_off.since if self.time_off and self.is_off_duty else None, until=now)
        begun = self.with_changes(time_off=off, visits=(), progress=None)
        if point is None:
            return begun
        return begun.with_changes(fix=Fix(point=point, device_at=now), received_at=now, is_said=True)

    def going_off_duty(self, now: datetime) -> Self:
        """Return the position of a driver whose duty ends; visits and progress are dropped."""
        return self.with_changes(time_off=TimeOff(since=now), visits=(), progress=None)

    @property
    def learned_of_device(self) -> tuple[DeviceClock, Rival | None, datetime | None]:
        """Facts about the device itself that were derived from its readings."""
        return self.clock, self.rival, self.jumped_at

    def adds_to(self, known: Self | None) -> bool:
        """Return whether the position has to be written.

        A position that only says that the driver is still where ``known`` has them is written no more often than
        ``WRITTEN_EVERY``.
        """
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
