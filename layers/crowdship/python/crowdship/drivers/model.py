"""A driver, their vehicle, documents and duty."""

from datetime import date, datetime
from enum import StrEnum
from typing import Self

from pydantic import Field

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.errors import Conflict, Forbidden, counted
from crowdship.kernel.events import Aggregate, Value
from crowdship.shipment.vehicles import Skills, VehicleKind
from crowdship.vault.model import Email, Phone, ShortText


class DriverKind(StrEnum):
    """Crowd drivers are offered work, dedicated drivers are given their merchant's."""

    CROWD = "crowd"
    DEDICATED = "dedicated"


class Vehicle(Value):
    """A vehicle and what fits into it: grams and litres."""

    kind: VehicleKind
    max_weight_g: int = Field(gt=0, le=2_000_000)
    max_volume_l: int = Field(gt=0, le=20_000)
    plate: str | None = Field(default=None, max_length=15)


class DocumentKind(StrEnum):
    """Papers that a driver shows."""

    IDENTITY = "identity"
    DRIVING_LICENCE = "driving_licence"
    INSURANCE = "insurance"


class Document(Value):
    """A paper and the last day it is valid."""

    kind: DocumentKind
    valid_until: Day


REQUIRED_DOCUMENTS: dict[VehicleKind, frozenset[DocumentKind]] = {
    VehicleKind.FOOT: frozenset({DocumentKind.IDENTITY}),
    VehicleKind.BICYCLE: frozenset({DocumentKind.IDENTITY}),
    VehicleKind.SCOOTER: frozenset(DocumentKind),
    VehicleKind.CAR: frozenset(DocumentKind),
    VehicleKind.VAN: frozenset(DocumentKind),
}
"""Which papers each vehicle needs."""


class Duty(Value):
    """A period in which a driver takes work in a zone."""

    zone_id: str
    since: Moment


class Driver(Aggregate):
    """A driver; the person behind is in the vault under ``person_token``."""

    kind: DriverKind = DriverKind.CROWD
    merchant_id: str | None = None
    home_zone_id: str
    person_token: str
    vehicle: Vehicle
    documents: tuple[Document, ...] = ()
    skills: Skills = ()
    rating: float = Field(default=5.0, ge=1, le=5)
    suspended: bool = False
    created_at: Moment
    duty: Duty | None = None

    def missing_documents(self, on: date) -> list[DocumentKind]:
        """Return the papers that are missing or have run out on a day."""
        valid = {document.kind for document in self.documents if document.valid_until >= on}
        return sorted(REQUIRED_DOCUMENTS[self.vehicle.kind] - valid)

    def may_drive(self, now: datetime) -> bool:
        """Return whether the driver may be given work."""
        return not self.suspended and not self.missing_documents(now.date())

    def go_on_duty(self, zone_id: str, now: datetime) -> Self:
        """Start to take work.

        Raises
        ------
        Forbidden
            If the driver is suspended or papers are missing; the message names them.
        Conflict
            If they are on duty in another zone, where stops may be open.
        """
        if self.suspended:
            raise Forbidden("suspended", "This driver is suspended; staff can say why and lift it.")
        missing = self.missing_documents(now.date())
        if missing:
            raise Forbidden("documents_missing", f"Missing or expired: {', '.join(missing)}; send them to staff.")
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
            While stops are still open.
        """
        if open_stops:
            raise Conflict(
                "stops_open",
                f"{counted(open_stops, 'stop is', 'stops are')} still on the route; finish or hand back first.",
            )
        if not self.duty:
            return self
        changed = self.with_changes(duty=None)
        return changed.emitting("driver.off_duty", now, {"driver_id": self.id, "zone_id": self.duty.zone_id})


class DriverInput(Value):
    """What staff say of a new driver."""

    name: ShortText
    phone: Phone
    email: Email
    kind: DriverKind = DriverKind.CROWD
    merchant_id: str | None = Field(default=None, description="Whose dedicated driver this is")
    home_zone_id: str
    vehicle: Vehicle
    documents: tuple[Document, ...] = ()
    skills: Skills = ()
    rating: float = Field(default=5.0, ge=1, le=5)


class DriverChange(Value):
    """What staff may change about a driver; what is left out stays."""

    vehicle: Vehicle | None = None
    documents: tuple[Document, ...] | None = None
    skills: Skills | None = None
    suspended: bool | None = None
    home_zone_id: str | None = None
