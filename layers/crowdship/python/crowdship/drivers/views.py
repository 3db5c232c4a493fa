"""Views of drivers for staff and for drivers themselves."""

from collections.abc import Iterable
from typing import Self

from pydantic import Field

from crowdship.drivers.compliance import Document
from crowdship.drivers.credentials import Credentials
from crowdship.drivers.model import Driver, DriverKind, Duty, Vehicle
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
    standing: Standing
    closed: bool
    created_at: Moment
    duty: Duty | None

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
