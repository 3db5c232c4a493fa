"""Views of drivers for staff and for drivers themselves."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from pydantic import Field

from crowdship.drivers.compliance import Document
from crowdship.drivers.credentials import Credentials
from crowdship.drivers.model import Driver, DriverKind, Duty, Vehicle
from crowdship.drivers.shifts import PlannedShift
from crowdship.drivers.standing import Standing
from crowdship.kernel.clock import Moment
from crowdship.kernel.devices import StatedPlace
from crowdship.kernel.events import Value
from crowdship.shipment.vehicles import Skills
from crowdship.vault.model import ShortText


class DriverView(Value):
    """A driver."""

    id: str
    kind: DriverKind
    merchant_id: str | None
    home_zone_id: str
    vehicle: Vehicle
    documents: tuple[Document, ...]
    skills: Skills
    credentials: Credentials
    rating: float
    onboarding: bool
    standing: Standing
    closed: bool
    shifts: tuple[PlannedShift, ...]
    created_at: Moment
    duty: Duty | None
    time_zone: str

    @classmethod
    def of(cls, driver: Driver) -> Self:
        """Return the view of a driver."""
        return cls(**{name: getattr(driver, name) for name in cls.model_fields})


class DriverPage(Value):
    """A page of drivers, with the cursor of the next page."""

    drivers: tuple[DriverView, ...]
    next_after: str | None

    @classmethod
    def of(cls, page: tuple[Iterable[Driver], str | None]) -> Self:
        """Return the view of a page and the id after which the next one begins."""
        drivers, following = page
        return cls(drivers=tuple(map(DriverView.of, drivers)), next_after=following)


class DutyInput(Value):
    """The zone in which a driver goes on duty, and their position.

    An impossible or missing position does not prevent the duty; the next positions that the app sends then count.
    """

    zone_id: ShortText | None = Field(default=None, description="The driver's home zone if left out")
    position: StatedPlace = None


class ShiftLine(Value):
    """A shift of one of the platform's dedicated drivers."""

    driver_id: str
    shift: PlannedShift
    on_duty: bool


class ShiftList(Value):
    """The dedicated drivers of the platform, and their shifts in a zone that have not ended, the earliest first."""

    drivers: tuple[DriverView, ...]
    shifts: tuple[ShiftLine, ...]

    @classmethod
    def of(cls, crew: Iterable[Driver], zone_id: str, now: datetime) -> Self:
        """Return the view of a fleet for a zone; drivers of other zones are listed if they have a shift there."""
        lines, listed = [], []
        for driver in crew:
            mine = [shift for shift in driver.shifts if shift.zone_id == zone_id and shift.off_at > now]
            if mine or driver.home_zone_id == zone_id:
                listed.append(DriverView.of(driver))
            on_duty = driver.duty is not None and driver.duty.zone_id == zone_id
            lines += [ShiftLine(driver_id=driver.id, shift=shift, on_duty=on_duty) for shift in mine]
        shifts = sorted(lines, key=lambda line: (line.shift.on_at, line.driver_id))
        return cls(drivers=tuple(listed), shifts=tuple(shifts))


class CancelShift(Value):
    """The shift to cancel, by its beginning."""

    on_at: Moment
