"""Compliance of drivers: documents that each vehicle needs, and why a driver may not drive on a day."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from crowdship.drivers.standing import Level, Standing
from crowdship.kernel.clock import Day
from crowdship.kernel.events import Value
from crowdship.shipment.vehicles import VehicleKind


class DocumentKind(StrEnum):
    """Kinds of documents that a driver has to show."""

    IDENTITY = "identity"
    DRIVING_LICENCE = "driving_licence"
    INSURANCE = "insurance"
    VEHICLE_REGISTRATION = "vehicle_registration"


class Document(Value):
    """A document and the last day on which it is valid."""

    kind: DocumentKind
    valid_until: Day


_WITH_A_MOTOR = frozenset(DocumentKind)

REQUIRED_DOCUMENTS: dict[VehicleKind, frozenset[DocumentKind]] = {
    VehicleKind.FOOT: frozenset({DocumentKind.IDENTITY}),
    VehicleKind.BICYCLE: frozenset({DocumentKind.IDENTITY}),
    VehicleKind.SCOOTER: _WITH_A_MOTOR,
    VehicleKind.CAR: _WITH_A_MOTOR,
    VehicleKind.VAN: _WITH_A_MOTOR,
}
"""Documents that each vehicle needs."""


class Obstacle(StrEnum):
    """Reasons for which a driver may not drive."""

    ONBOARDING = "onboarding"
    ACCOUNT_CLOSED = "account_closed"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"
    DOCUMENTS_MISSING = "documents_missing"


def missing_documents(documents: Iterable[Document], vehicle: VehicleKind, on: date) -> list[DocumentKind]:
    """Return the documents that a vehicle needs and that are missing, or have run out, on a day."""
    valid = {document.kind for document in documents if document.valid_until >= on}
    return sorted(REQUIRED_DOCUMENTS[vehicle] - valid)


def why_not(
    closed: bool, standing: Standing, documents: Iterable[Document], vehicle: VehicleKind, on: date
) -> Obstacle | None:
    """Return why a driver may not drive on a day, or None if the driver may.

    Parameters
    ----------
    on : date
        The day where the driver works; for a shift that is planned ahead, the day on which it ends.
    """
    if closed:
        return Obstacle.ACCOUNT_CLOSED
    if standing.bars(on):
        return Obstacle.DEACTIVATED if standing.level is Level.DEACTIVATION else Obstacle.SUSPENDED
    return Obstacle.DOCUMENTS_MISSING if missing_documents(documents, vehicle, on) else None


def with_document(documents: Iterable[Document], shown: Document) -> tuple[Document, ...]:
    """Return documents with one more, which takes the place of another of its kind.

    Examples
    --------
    >>> old = (Document(kind=DocumentKind.IDENTITY, valid_until=date(2026, 1, 1)),)
    >>> new = Document(kind=DocumentKind.IDENTITY, valid_until=date(2030, 1, 1))
    >>> [str(one.valid_until) for one in with_document(old, new)]
    ['2030-01-01']
    """
    return (*(one for one in documents if one.kind is not shown.kind), shown)
