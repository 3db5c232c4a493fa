"""Request for a day plan, its checks, and the planner's view of the day. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from crowdship.deliveries.model import Delivery
from crowdship.dispatch.eligibility import unfit
from crowdship.drivers.compliance import Obstacle
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Unprocessable, counted
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.planner.dayplan.plan import ALL_TAKEN, NO_ROOM, NO_SKILL, NO_TIME
from crowdship.planner.routes import Job, Stop, Vehicle
from crowdship.shipment.options import Priority
from crowdship.shipment.stop_kind import StopKind
from crowdship.travel.times import TravelTimes

LONGEST_SPAN = timedelta(hours=24)
MOST_DELIVERIES = 500
MOST_DRIVERS = 100
MOST_EXPLAINED = 200
"""The most deliveries of a plan that can be explained, as each is tried with every driver once more."""

URGENT = 100
"""The planner's priority of an urgent delivery; the others have none."""


class Shift(Value):
    """Shift of a driver.

    Parameters
    ----------
    start : Point, optional
        Place of the driver at ``on_at``; the last known position if left out.
    end : Point, optional
        Place that the driver has to reach by ``off_at``; any place if left out.
    """

    driver_id: str = Field(min_length=1, max_length=100)
    on_at: Moment
    off_at: Moment
    start: Point | None = None
    end: Point | None = None

    @field_validator("off_at")
    @classmethod
    def _later(cls, off_at: datetime, info: ValidationInfo) -> datetime:
        on_at = info.data.get("on_at")
        if on_at and not timedelta(0) < off_at - on_at <= LONGEST_SPAN:
            raise ValueError("off_at must be after on_at, by 24 hours at most")
        return off_at


class DayPlanRequest(Value):
    """Deliveries to plan, those whose pickup windows open within a span, and the drivers' shifts.

    Parameters
    ----------
    opens_from, opens_until : datetime
        The span; its end is not part of it.
    objective : str
        Cost to keep small once as many deliveries as possible are served: driving ``time``, or number of ``vehicles``.
    even : float
        Share by which the cost may grow to spread the work evenly, 0.05 for 5 %.
    seconds : float
        Time for the search, wall seconds.
    explain : bool
        Whether to explain for each delivery why it is planned where it is.
    drivers : tuple of Shift
        The shifts; if left out, those of the platform's dedicated drivers in the zone that overlap the span.
    dedicated_first : bool
        Whether dedicated drivers get their day first, and the other drivers what is left.
    """

    opens_from: Moment
    opens_until: Moment
    drivers: tuple[Shift, ...] | None = Field(default=None, min_length=1, max_length=MOST_DRIVERS)
    dedicated_first: bool = False
    objective: Literal["time", "vehicles"] = "time"
    even: float = Field(default=0.0, ge=0, le=0.5)
    seconds: float = Field(default=5.0, ge=1, le=15)
    explain: bool = False

    @field_validator("opens_from")
    @classmethod
    def _in_our_times(cls, opens_from: datetime) -> datetime:
        if not 2000 <= opens_from.year < 3000:
            raise ValueError("opens_from must be in the years 2000 to 2999")
        return opens_from

    @field_validator("opens_until")
    @classmethod
    def _within_a_day(cls, opens_until: datetime, info: ValidationInfo) -> datetime:
        opens_from = info.data.get("opens_from")
        if opens_from and not timedelta(0) < opens_until - opens_from <= LONGEST_SPAN:
            raise ValueError("opens_until must be after opens_from, by 24 hours at most")
        return opens_until

    @field_validator("drivers")
    @classmethod
    def _each_once_about_that_time(
        cls, drivers: tuple[Shift, ...] | None, info: ValidationInfo
    ) -> tuple[Shift, ...] | None:
        if drivers is None:
            return None
        opens_from = info.data.get("opens_from")
        if opens_from and any(abs(shift.on_at - opens_from) > LONGEST_SPAN for shift in drivers):
            raise ValueError("every on_at must be within 24 hours of opens_from")
        twice = [name for name, count in Counter(shift.driver_id for shift in drivers).items() if count > 1]
        if twice:
            listed = counted(len(twice), "driver is", "drivers are")
            raise ValueError(f"list each driver once, with one shift; {listed} listed more often")
        return drivers


class UnservedReason(StrEnum):
    """Reasons why a delivery is in no route."""

    NO_SUITABLE_DRIVER = "no_suitable_driver"
    TOO_LARGE = "too_large"
    NOT_IN_TIME = "not_in_time"
    ALL_TAKEN = "all_taken"


REASONS = {
    NO_SKILL: UnservedReason.NO_SUITABLE_DRIVER,
    NO_ROOM: UnservedReason.TOO_LARGE,
    NO_TIME: UnservedReason.NOT_IN_TIME,
    ALL_TAKEN: UnservedReason.ALL_TAKEN,
}


@dataclass(frozen=True)
class PlannedFor:
    """A driver with a shift, and the place where it begins."""

    driver: Driver
    shift: Shift
    start: Point


@dataclass(frozen=True)
class DayProblem:
    """A day as the planner sees it.

    Parameters
    ----------
    reference : datetime
        Moment of the planner's second 0.
    cannot : mapping
        Number of drivers who may not take a delivery by reason, by delivery.
    """

    reference: datetime
    jobs: tuple[Job, ...]
    vehicles: tuple[Vehicle, ...]
    matrix: tuple[tuple[float, ...], ...]
    cannot: Mapping[str, Mapping[str, int]]

    def moment(self, seconds: float) -> datetime:
        """Return the moment of a second on the planner's clock."""
        return self.reference + timedelta(seconds=round(seconds))


def by_plan(crew: Iterable[Driver], zone_id: str, opens_from: datetime, opens_until: datetime) -> tuple[Shift, ...]:
    """Return the shifts that staff planned in a zone within a span, one for each driver: the first that overlaps it."""
    shifts = []
    for driver in crew:
        mine = (one for one in driver.shifts if one.zone_id == zone_id and one.meets(opens_from, opens_until))
        if found := next(mine, None):
            shifts.append(Shift(driver_id=driver.id, on_at=found.on_at, off_at=found.off_at))
    return tuple(shifts[:MOST_DRIVERS])


def left_out(driver: Driver, shift: Shift) -> Obstacle | None:
    """Return why a driver may not drive a shift, or None if the driver may; documents have to be valid at its end."""
    return driver.why_not(driver.day_of(shift.off_at))


def start_of(shift: Shift, number: int, last_known: Point | None) -> Point:
    """Return where a shift begins.

    Raises
    ------
    Unprocessable
        If the request has no start, and the driver's position is unknown.
    """
    start = shift.start or last_known
    if start is None:
        detail = f"The position of {shift.driver_id} is unknown; give a start."
        raise Unprocessable("no_position", detail, f"/drivers/{number}/start")
    return start


def refuse_too_many(deliveries: Sequence[Delivery], explain: bool) -> None:
    """Refuse more deliveries than can be planned, or explained, within a request.

    Raises
    ------
    Unprocessable
        If there are too many in the span.
    """
    if len(deliveries) > MOST_DELIVERIES:
        detail = (
            f"{len(deliveries)} deliveries open in this span; at most {MOST_DELIVERIES} can be planned. Shorten it."
        )
        raise Unprocessable("too_many_deliveries", detail, "/opens_until")
    if explain and len(deliveries) > MOST_EXPLAINED:
        detail = (
            f"{len(deliveries)} deliveries open in this span; at most {MOST_EXPLAINED} can be explained. Shorten it."
        )
        raise Unprocessable("too_many_to_explain", detail, "/explain")


def make_day_problem(
    deliveries: Sequence[Delivery],
    drivers: Sequence[PlannedFor],
    reference: datetime,
    travel: TravelTimes,
    stay_s: Callable[[StopKind, Point], int],
) -> DayProblem:
    """Return the planner's view of deliveries and drivers.

    The planner checks skills only, while a driver may be ineligible for several reasons. So deliveries with the same
    eligible drivers share a skill, which only these drivers have.

    Parameters
    ----------
    reference : datetime
        Moment of the planner's second 0.
    stay_s : callable
        Returns the seconds that drivers have stayed so far at such a stop.
    """
    places: dict[Point, int] = {}

    def place(point: Point) -> int:
        return places.setdefault(point, len(places))

    def seconds(moment: datetime) -> float:
        return (moment - reference).total_seconds()

    cannot: dict[str, Counter[str]] = {}
    skills: dict[frozenset[str], str] = {}
    everybody = frozenset(entry.driver.id for entry in drivers)
    jobs = []
    for delivery in deliveries:
        barred = {
            entry.driver.id: why for entry in drivers if (why := unfit(entry.driver, [delivery], entry.shift.off_at))
        }
        cannot[delivery.id] = Counter(barred.values())
        able = everybody.difference(barred)
        needed = frozenset({skills.setdefault(able, f"group-{len(skills)}")}) if barred else frozenset()
        load = (delivery.parcel.weight_g, delivery.parcel.volume_l)
        pickup = Stop(
            delivery.id,
            place(delivery.pickup),
            pickup=True,
            load=load,
            opens_at=seconds(delivery.pickup_window.opens_at),
            closes_at=seconds(delivery.pickup_window.closes_at),
            service_s=stay_s(StopKind.PICKUP, delivery.pickup),
        )
        dropoff = Stop(
            delivery.id,
            place(delivery.dropoff),
            load=tuple(-each for each in load),
            opens_at=seconds(delivery.dropoff_window.opens_at),
            closes_at=seconds(delivery.dropoff_window.closes_at),
            service_s=stay_s(StopKind.DROPOFF, delivery.dropoff),
        )
        priority = URGENT if delivery.priority is Priority.URGENT else 0
        jobs.append(Job(delivery.id, (pickup, dropoff), skills=needed, priority=priority))
    vehicles = tuple(
        Vehicle(
            id=entry.driver.id,
            start=place(entry.start),
            end=None if entry.shift.end is None else place(entry.shift.end),
            capacity=(entry.driver.vehicle.max_weight_g, entry.driver.vehicle.max_volume_l),
            on_at=seconds(entry.shift.on_at),
            off_at=seconds(entry.shift.off_at),
            skills=frozenset(skill for able, skill in skills.items() if entry.driver.id in able),
        )
        for entry in drivers
    )
    spots = [(point.lat, point.lon) for point in places]
    travel.know(spots)
    matrix = tuple(tuple(travel.seconds_between(a, b) for b in spots) for a in spots)
    return DayProblem(reference, tuple(jobs), vehicles, matrix, cannot)
