"""Use cases of the vault."""

from collections.abc import Iterable
from datetime import datetime

from crowdship.adapters.storage import UnitOfWork
from crowdship.kernel.errors import Gone
from crowdship.kernel.events import Aggregate
from crowdship.vault.model import DeliveryContacts, KeptMessage, Person
from crowdship.vault.store import VaultRow


def keep(record: Aggregate, work: UnitOfWork, until: datetime | None = None) -> None:
    """Add the write of personal data to a unit of work.

    Parameters
    ----------
    until : datetime or None
        Wall time from when on it is forgotten by itself; never if left out.
    """
    work.store(VaultRow.of(record, until))


def message(token: str) -> KeptMessage:
    """Return a message of a shop that is kept.

    Raises
    ------
    Gone
        If it was erased or forgotten.
    """
    return _reveal(token, KeptMessage)


def contacts(token: str) -> DeliveryContacts:
    """Return both ends of a delivery.

    Raises
    ------
    Gone
        If they were erased.
    """
    return _reveal(token, DeliveryContacts)


def contacts_of(tokens: Iterable[str]) -> dict[str, DeliveryContacts]:
    """Return both ends of several deliveries, by token; what was erased is not in it."""
    return {record.id: record for record in VaultRow.load_many(tokens, DeliveryContacts)}


def person(token: str) -> Person:
    """Return a driver as a person.

    Raises
    ------
    Gone
        If they were erased.
    """
    return _reveal(token, Person)


def _reveal[T: Aggregate](token: str, kind: type[T]) -> T:
    record = VaultRow.load(token, kind)
    if record is None:
        raise Gone("erased", "This personal data was erased.")
    return record


def erase(token: str) -> None:
    """Erase personal data; what refers to the token stays."""
    VaultRow.erase(token)
