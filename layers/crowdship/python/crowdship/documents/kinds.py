"""Kinds of documents: a registration for each says what it proves and how long it may be valid. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from crowdship.drivers.compliance import DocumentKind
from crowdship.kernel.errors import Unprocessable
from crowdship.law.book import LAW
from crowdship.shipment.vehicles import VehicleKind


class PaperKind(StrEnum):
    """Kinds of documents that a driver sends."""

    IDENTITY = "identity"
    PROFILE_PHOTO = "profile_photo"
    DRIVING_LICENCE = "driving_licence"
    INSURANCE = "insurance"
    VEHICLE_REGISTRATION = "vehicle_registration"
    VEHICLE_INSPECTION = "vehicle_inspection"
    VEHICLE_FRONT = "vehicle_front"
    VEHICLE_BACK = "vehicle_back"
    VEHICLE_LEFT = "vehicle_left"
    VEHICLE_RIGHT = "vehicle_right"
    ALCOHOL_CERTIFICATE = "alcohol_certificate"


@dataclass(frozen=True)
class Registration:
    """The registration of a kind.

    Parameters
    ----------
    proves : DocumentKind, optional
        The document that work with a vehicle needs, which an approval enters with its last day.
    grants : str, optional
        The credential that an approval grants.
    longest : timedelta, optional
        The most days from an approval to the last day, 365.25 to a year; None if the document has no last day.
    law : str, optional
        The rule of law by which it may be valid for fewer years.
    applies : bool
        Whether a driver is asked for it when they apply; others send it if they want the work that needs it.
    needs_motor : bool
        Whether only drivers of vehicles with a motor are asked.
    """

    proves: DocumentKind | None = None
    grants: str | None = None
    longest: timedelta | None = None
    law: str | None = None
    applies: bool = True
    needs_motor: bool = True


def _years(number: int) -> timedelta:
    """Return a number of years in days, rounded up, so that the same day of a later year is not too late."""
    return timedelta(days=-(-number * 1461 // 4))


_VEHICLE_PHOTO = Registration()

KINDS: dict[PaperKind, Registration] = {
    PaperKind.IDENTITY: Registration(proves=DocumentKind.IDENTITY, longest=_years(20), needs_motor=False),
    PaperKind.PROFILE_PHOTO: Registration(needs_motor=False),
    PaperKind.DRIVING_LICENCE: Registration(proves=DocumentKind.DRIVING_LICENCE, longest=_years(15)),
    PaperKind.INSURANCE: Registration(proves=DocumentKind.INSURANCE, longest=timedelta(days=400)),
    PaperKind.VEHICLE_REGISTRATION: Registration(proves=DocumentKind.VEHICLE_REGISTRATION, longest=_years(5)),
    PaperKind.VEHICLE_INSPECTION: Registration(grants="vehicle_inspection", longest=_years(2)),
    PaperKind.VEHICLE_FRONT: _VEHICLE_PHOTO,
    PaperKind.VEHICLE_BACK: _VEHICLE_PHOTO,
    PaperKind.VEHICLE_LEFT: _VEHICLE_PHOTO,
    PaperKind.VEHICLE_RIGHT: _VEHICLE_PHOTO,
    PaperKind.ALCOHOL_CERTIFICATE: Registration(
        grants="alcohol_certificate",
        longest=_years(5),
        law="alcohol_certificate_years",
        applies=False,
        needs_motor=False,
    ),
}
"""The registration of each kind. The limits here are ours: a later day is a slip. Those of law are in its tables."""

WITHOUT_MOTOR = frozenset({VehicleKind.FOOT, VehicleKind.BICYCLE})


def asked_of(vehicle: VehicleKind) -> tuple[PaperKind, ...]:
    """Return the kinds that a driver of a vehicle is asked for when they apply, in the order of the registrations.

    Examples
    --------
    >>> [str(kind) for kind in asked_of(VehicleKind.BICYCLE)]
    ['identity', 'profile_photo']
    """
    bare = vehicle in WITHOUT_MOTOR
    return tuple(kind for kind, one in KINDS.items() if one.applies and not (bare and one.needs_motor))


def latest_day(kind: PaperKind, jurisdictions: Iterable[str], today: date) -> date | None:
    """Return the latest day until which a document may be approved today, None if it has no last day.

    Parameters
    ----------
    jurisdictions : iterable of str
        Those of the driver's home zone, whose law may set a shorter time.

    Examples
    --------
    >>> str(latest_day(PaperKind.ALCOHOL_CERTIFICATE, ["US", "US-TX"], date(2026, 6, 1)))
    '2028-06-01'
    """
    rule = KINDS[kind]
    if rule.longest is None:
        return None
    law = LAW.strictest(rule.law, jurisdictions, today) if rule.law else None
    return today + (min(rule.longest, _years(law.number)) if law else rule.longest)


def last_day(kind: PaperKind, given: date | None, today: date, latest: date | None) -> date | None:
    """Return the last day with which a document may be approved.

    Parameters
    ----------
    latest : date or None
        What ``latest_day`` says.

    Raises
    ------
    Unprocessable
        ``day_missing`` or ``no_last_day``, if there is none and it needs one, or the reverse; ``expired``, if it is
        over; ``too_far``, if no document of the kind is valid for so long.
    """
    if latest is None:
        if given is not None:
            raise Unprocessable("no_last_day", f"A {kind} does not run out; leave valid_until out.", "/valid_until")
        return None
    if given is None:
        raise Unprocessable("day_missing", f"Give the last day on which the {kind} is valid.", "/valid_until")
    if given < today:
        detail = f"{given} is over, today is {today}; refuse the {kind} as expired, or correct the day."
        raise Unprocessable("expired", detail, "/valid_until")
    if given > latest:
        detail = f"{given} is too far ahead: a {kind} is valid until {latest} at most; correct the day."
        raise Unprocessable("too_far", detail, "/valid_until")
    return given
