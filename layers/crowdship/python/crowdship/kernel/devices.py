"""Statements of phones, which may be wrong: by a wrong clock, of a place they don't know, or in no readable form."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import SerializerFunctionWrapHandler, TypeAdapter, ValidationError, WrapValidator, model_serializer

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point, distance_m

CLOCK_SKEW = timedelta(minutes=2)
"""A device's clock may be off by this much without being called wrong."""

LONGEST_OFFLINE = timedelta(days=2)
"""No app keeps anything for longer than this; what a device dates earlier comes from a wrong clock."""

FRESH = timedelta(minutes=3)
"""A batch is live if its newest reading is no older than this."""

AS_OLD = timedelta(minutes=1)
"""Two batches count as equally old if their ages differ by no more than this."""

GAP = timedelta(minutes=10)
"""Readings of one batch that are farther apart than this belong to different groups."""

NOWHERE_M = 50_000.0
"""Within this distance of 0° N 0° E there is only sea; phones report that place when they know none."""


class DeviceClock(Value):
    """The difference between a device's clock and ours, as far as its batches of readings show it.

    Parameters
    ----------
    behind_s : float
        Seconds to add to the device's time to get ours; below 0 if its clock is fast.
    newest : datetime or None
        The device's time of the newest reading of the last batch, if that batch looked old.
    heard_at : datetime or None
        When that batch came in, by our clock.
    """

    behind_s: float = 0.0
    newest: Moment | None = None
    heard_at: Moment | None = None

    @model_serializer(mode="wrap")
    def _brief(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in dump(self).items() if value}

    @property
    def behind(self) -> timedelta:
        """The time by which the device's clock is behind ours; below 0 if it is fast."""
        return timedelta(seconds=self.behind_s)

    def ours(self, said: datetime) -> datetime:
        """Return a moment of the device by our clock; the first or last of the calendar if it lies beyond.

        Examples
        --------
        >>> slow = DeviceClock(behind_s=90)
        >>> slow.ours(datetime(2026, 6, 1, 12, tzinfo=UTC))
        datetime.datetime(2026, 6, 1, 12, 1, 30, tzinfo=datetime.timezone.utc)
        """
        try:
            return said + self.behind
        except OverflowError:
            return (datetime.min if self.behind_s < 0 else datetime.max).replace(tzinfo=UTC)

    def theirs(self, at: datetime) -> datetime:
        """Return a moment of ours by the device's clock.

        Raises
        ------
        OverflowError
            If no calendar has that moment.
        """
        return at - self.behind

    def hearing(self, newest: datetime, now: datetime, before: datetime | None = None) -> Self:
        """Return the clock after one more batch, whose newest reading has this device time.

        Four signs tell that a clock is wrong or was put right:

        - The newest reading is ahead of us. A reading can't be made after it came in, so it counts as made just now.
        - The newest reading is older than ``LONGEST_OFFLINE``, for which no app keeps anything.
        - The newest readings of successive batches stay equally old. Those of a phone that catches up get younger.
        - The clock was fast, and now shows our time, which is earlier than what it showed ``before``: it was put right.
        """
        age, behind = now - newest, self.behind
        looks_old = age - behind > FRESH
        put_right = before is not None and newest < before and behind < -FRESH and timedelta(0) <= age <= FRESH
        if age < behind or age - behind > LONGEST_OFFLINE or put_right or (looks_old and self._is_steady(newest, now)):
            return type(self)(behind_s=0.0 if put_right else round(age.total_seconds(), 3))
        if not looks_old:
            return type(self)(behind_s=self.behind_s)
        return type(self)(behind_s=self.behind_s, newest=newest, heard_at=now)

    def _is_steady(self, newest: datetime, now: datetime) -> bool:
        if self.newest is None or self.heard_at is None:
            return False
        heard, made = now - self.heard_at, newest - self.newest
        return abs(heard - made) <= min(heard / 2, AS_OLD)

    def was_changed_since(self, before: Self) -> bool:
        """Return whether somebody set the device's clock: its times before and after can't be compared then."""
        return abs(self.behind - before.behind) > FRESH


def newest_of(times: Iterable[datetime], clock: DeviceClock, now: datetime) -> datetime | None:
    """Return the newest device time of a batch that can be believed, or None if the batch has no times.

    A group of readings that lies ahead of our time is left out if the batch has at least as many others before it: such
    readings are wrong themselves and say nothing about the clock.
    """
    left = sorted(times)
    while left:
        cut = len(left) - 1
        while cut and left[cut] - left[cut - 1] <= GAP:
            cut -= 1
        if cut < len(left) - cut or clock.ours(left[-1]) <= now + CLOCK_SKEW:
            return left[-1]
        left = left[:cut]
    return None


def made_at(said: datetime | None, came_in: datetime, not_before: datetime | None = None) -> datetime | None:
    """Return when something was made by the date that a device gives it, or None if that can't be true.

    Parameters
    ----------
    said : datetime or None
        The device's date, by our clock as far as the difference is known.
    came_in : datetime
        When it came in; nothing is made later than that.
    not_before : datetime or None
        When the thing was made that must have come before it.
    """
    if said is None or said > came_in + CLOCK_SKEW:
        return None
    earliest = max(filter(None, (came_in - LONGEST_OFFLINE, not_before and not_before - CLOCK_SKEW)))
    return min(said, came_in) if said >= earliest else None


def place_of(value: Any) -> Point | None:
    """Return the place that a phone states, or None if it is no place on earth or near 0° N 0° E."""
    if isinstance(value, Point):
        point = value
    else:
        try:
            lat, lon = number_of(value["lat"]), number_of(value["lon"])
            point = Point.model_validate({"lat": lat, "lon": lon})
        except (KeyError, TypeError, ValueError):  # pydantic's errors are ValueErrors
            return None
    return None if distance_m(point, Point(lat=0, lon=0)) <= NOWHERE_M else point


_MOMENTS: TypeAdapter[datetime] = TypeAdapter(Moment)


def time_of(value: Any) -> datetime | None:
    """Return the time that a phone states, or None if it is none."""
    try:
        return _MOMENTS.validate_python(value)
    except ValidationError:
        return None


def number_of(value: Any) -> float | None:
    """Return the number that a phone states, or None if it is none."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return None if number != number else number


StatedPlace = Annotated[
    Point | None, WrapValidator(lambda value, _: place_of(value), json_schema_input_type=Point | None)
]
"""Where a phone says it is; what can't be used counts as left out, so that it never refuses what it came with."""

StatedTime = Annotated[
    Moment | None, WrapValidator(lambda value, _: time_of(value), json_schema_input_type=Moment | None)
]
"""When a phone says something was made; what can't be used counts as left out."""
