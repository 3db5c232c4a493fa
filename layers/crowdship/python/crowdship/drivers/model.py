"""A driver, their vehicle, documents and duty."""

from datetime import date, datetime
from enum import StrEnum
from typing import Self

from pydantic import Field

from crowdship.drivers import compliance
from crowdship.drivers.compliance import Document, Obstacle
from crowdship.drivers.credentials import Credentials
from crowdship.drivers.measures import Measures
from crowdship.drivers.standing import Standing
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict, Forbidden, counted
from crowdship.kernel.events import Aggregate, Value
from crowdship.shipment.vehicles import Skills, VehicleKind
from crowdship.vault.model import Email, Phone, ShortText


class DriverKind(StrEnum):
    """Kinds of drivers: crowd drivers are offered work, dedicated drivers are given their merchant's work."""

    CROWD = "crowd"
    DEDICATED = "dedicated"


class Vehicle(Value):
    """A vehicle and its capacity in grams and litres."""

    kind: VehicleKind
    max_weight_g: int = Field(gt=0, le=2_000_000)
    max_volume_l: int = Field(gt=0, le=20_000)
    plate: str | None = Field(default=None, max_length=15)


class Duty(Value):
    """A period in which a driver takes work in a zone."""

    zone_id: str
    since: Moment


class Driver(Aggregate):
    """A driver; their personal data is in the vault under ``person_token``.

    Parameters
    ----------
    measures : Measures
        Measures of the driver's work as of the newest event about it.
    standing : Standing
        How far a gradual removal has gone.
    closed : bool
        True once the account was closed, because the person was erased.
    """

    kind: DriverKind = DriverKind.CROWD
    merchant_id: str | None = None
    home_zone_id: str
    person_token: str
    vehicle: Vehicle
    documents: tuple[Document, ...] = ()
    skills: Skills = ()
    credentials: Credentials = ()
    measures: Measures = Measures()
    standing: Standing = Standing()
    closed: bool = False
    created_at: Moment
    duty: Duty | None = None

    @property
    def rating(self) -> float:
        """The driver's rating, 1 to 5."""
        return self.measures.rating

    def holds(self, name: str, on: date) -> bool:
        """Return whether the driver has a credential that counts on a day."""
        return any(one.name == name and one.counts(on) for one in self.credentials)

    def without_plate(self) -> Self:
        """Return the driver without the plate of the vehicle, which leads to its owner."""
        if self.vehicle.plate is None:
            return self
        return self.with_changes(vehicle=self.vehicle.model_copy(update={"plate": None}))

    def why_not(self, on: date) -> Obstacle | None:
        """Return why the driver may not drive on a day, or None if the driver may."""
        return compliance.why_not(self.closed, self.standing, self.documents, self.vehicle.kind, on)

    def may_drive(self, now: datetime) -> bool:
        """Return whether the driver may be given work now."""
        return self.why_not(now.date()) is None

    def refuse_obstacle(self, on: date) -> None:
        """Check that the driver may drive on a day.

        Raises
        ------
        Forbidden
            If not; the message names the documents that are missing.
        """
        match self.why_not(on):
            case Obstacle.ACCOUNT_CLOSED:
                raise Forbidden(Obstacle.ACCOUNT_CLOSED, "This account is closed; its person was erased.")
            case (Obstacle.SUSPENDED | Obstacle.DEACTIVATED) as barred:
                told = "is there, and how to appeal: GET /v1/driver/standing."
                raise Forbidden(barred, f"This driver is {barred} since {self.standing.barred_from}; the reason {told}")
            case Obstacle.DOCUMENTS_MISSING:
                missing = ", ".join(compliance.missing_documents(self.documents, self.vehicle.kind, on))
                raise Forbidden(Obstacle.DOCUMENTS_MISSING, f"Missing or expired: {missing}; send them to staff.")

    def go_on_duty(self, zone_id: str, now: datetime) -> Self:
        """Start to take work.

        Raises
        ------
        Forbidden
            If the driver is barred by standing, or documents are missing, which the message names.
        Conflict
            If the driver is on duty in another zone.
        """
        self.refuse_obstacle(now.date())
        if self.duty and self.duty.zone_id != zone_id:
            detail = f"You are on duty in {self.duty.zone_id}; finish your stops there and go off duty first."
            raise Conflict("on_duty_elsewhere", detail, "/zone_id")
        if self.duty:
            return self
        changed = self.with_changes(duty=Duty(zone_id=zone_id, since=now))
        return changed.emitting("driver.on_duty", now, {"driver_id": self.id, "zone_id": zone_id})

    def go_off_duty(self, now: datetime, open_stops: int) -> Self:
        """Stop taking work.

        Raises
        ------
        Conflict
            If stops are still open.
        """
        if open_stops:
            raise Conflict(
                "stops_open",
                f"{counted(open_stops, 'stop is', 'stops are')} still on the route; finish or unassign them first.",
            )
        if not self.duty:
            return self
        changed = self.with_changes(duty=None)
        return changed.emitting("driver.off_duty", now, {"driver_id": self.id, "zone_id": self.duty.zone_id})


class DriverInput(Value):
    """A new driver, as staff enter one."""

    name: ShortText
    phone: Phone
    email: Email
    kind: DriverKind = DriverKind.CROWD
    merchant_id: str | None = Field(default=None, description="The merchant whose dedicated driver this is")
    home_zone_id: str
    vehicle: Vehicle
    documents: tuple[Document, ...] = ()
    skills: Skills = ()
    credentials: Credentials = ()
    rating: float = Field(default=5.0, ge=1, le=5, description="The rating that customers' ratings start from")


class DriverChange(Value):
    """Changes of a driver by staff; fields left out stay."""

    vehicle: Vehicle | None = None
    documents: tuple[Document, ...] | None = None
    skills: Skills | None = None
    credentials: Credentials | None = None
    home_zone_id: str | None = None
