"""Bodies that applicants send: the application itself, consent, identity, vehicle and dispute."""

from datetime import date
from typing import Literal

from pydantic import Field

from crowdship.drivers.model import Vehicle
from crowdship.kernel.clock import Day
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.shipment.vehicles import VehicleKind
from crowdship.vault.applicants import PostalAddress, StatementText
from crowdship.vault.model import Email, Phone, ShortText

YOUNGEST, OLDEST = 18, 110
"""Years: who makes a contract is of age; a year of birth beyond the other is a slip."""


class ApplicationInput(Value):
    """An application, as anybody may send one."""

    name: ShortText
    email: Email
    phone: Phone
    zone_id: str = Field(min_length=1, max_length=40)
    vehicle: VehicleKind


class ConsentInput(Value):
    """Consent to the background check."""

    version: str = Field(max_length=20, description="The version of the text that was shown")
    agreed: Literal[True]


class IdentityInput(Value):
    """The applicant's identity."""

    legal_name: ShortText = Field(description="As on the identity document")
    born_on: Day
    address: PostalAddress


class VehicleInput(Value):
    """The vehicle that the applicant drives."""

    vehicle: Vehicle


class DisputeInput(Value):
    """A report's statements that the applicant disputes."""

    text: StatementText


CAPACITY: dict[VehicleKind, tuple[int, int]] = {
    VehicleKind.FOOT: (8_000, 30),
    VehicleKind.BICYCLE: (15_000, 60),
    VehicleKind.SCOOTER: (25_000, 80),
    VehicleKind.CAR: (150_000, 400),
    VehicleKind.VAN: (600_000, 4_000),
}
"""Grams and litres of a usual vehicle of each kind, until the applicant says more."""


def usual_vehicle(kind: VehicleKind) -> Vehicle:
    """Return a usual vehicle of a kind."""
    weight, volume = CAPACITY[kind]
    return Vehicle(kind=kind, max_weight_g=weight, max_volume_l=volume)


def age_on(born_on: date, day: date) -> int:
    """Return the age in whole years on a day; who was born on a leap day becomes older on 1 March.

    Examples
    --------
    >>> age_on(date(2008, 2, 29), date(2026, 2, 28)), age_on(date(2008, 2, 29), date(2026, 3, 1))
    (17, 18)
    """
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def refuse_impossible_age(born_on: date, day: date) -> None:
    """Check that somebody is of age, and not older than people get.

    Raises
    ------
    Unprocessable
        If not.
    """
    age = age_on(born_on, day)
    if not YOUNGEST <= age <= OLDEST:
        # Refusals are logged, so the date is not in it.
        detail = f"Drivers are {YOUNGEST} or older, and {OLDEST} at most. Check the year."
        raise Unprocessable("age", detail, "/born_on")
