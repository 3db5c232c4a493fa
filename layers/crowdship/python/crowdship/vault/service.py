"""Use cases of the vault: keep, read and erase personal data."""

from collections.abc import Iterable
from datetime import datetime

from crowdship.adapters.storage import UnitOfWork
from crowdship.kernel.errors import Gone
from crowdship.kernel.events import Aggregate
from crowdship.vault.applicants import BankAccount
from crowdship.vault.model import Comment, DeliveryContacts, DriverNotes, Kept, KeptMessage, Person, Writing
from crowdship.vault.store import VaultRow, WordRow
from crowdship.vault.words import beginnings


def keep(record: Aggregate, work: UnitOfWork, until: datetime | None = None) -> None:
    """Add the write of personal data to a unit of work.

    Parameters
    ----------
    until : datetime or None
        Wall time after which it expires. If it is left out, that of the record counts; without one it is kept until it
        is erased.
    """
    work.store(VaultRow.of(record, until or (record.kept_until if isinstance(record, Kept) else None)))


def message(token: str) -> KeptMessage:
    """Return a shop's message.

    Raises
    ------
    Gone
        If it was erased or has expired.
    """
    return _reveal(token, KeptMessage)


def contacts(token: str) -> DeliveryContacts:
    """Return the contacts at both ends of a delivery.

    Raises
    ------
    Gone
        If they were erased.
    """
    return _reveal(token, DeliveryContacts)


def contacts_of(tokens: Iterable[str]) -> dict[str, DeliveryContacts]:
    """Return the contacts of several deliveries by token, without those that were erased."""
    return {record.id: record for record in VaultRow.load_many(tokens, DeliveryContacts)}


def person(token: str) -> Person:
    """Return the name, phone and e-mail address of a driver.

    Raises
    ------
    Gone
        If it was erased.
    """
    return _reveal(token, Person)


def names_of(tokens: Iterable[str]) -> dict[str, str]:
    """Return the names of several drivers by token, without those that were erased."""
    return {record.id: record.name for record in VaultRow.load_many(tokens, Person)}


def list_under(words: Iterable[str], subject: str, work: UnitOfWork) -> None:
    """Add the lines by which a person is found to a unit of work."""
    WordRow.list_under(words, subject, work)


def unlist(words: Iterable[str], subject: str, work: UnitOfWork) -> None:
    """Add the deletion of lines by which a person is found to a unit of work."""
    WordRow.unlist(words, subject, work)


def found(asked: str, limit: int) -> list[str]:
    """Return the ids of persons whom a beginning of a name or plate may mean; the caller compares whole names."""
    return list(dict.fromkeys(one for word in beginnings(asked) for one in WordRow.found(word, limit)))


def comment(token: str) -> Comment | None:
    """Return a customer's comment on a delivery; None if there is none, or it was erased or has expired."""
    return VaultRow.load(token, Comment)


def driver_notes(token: str) -> DriverNotes | None:
    """Return what drivers wrote on a delivery; None if they wrote nothing, or it was erased."""
    return VaultRow.load(token, DriverNotes)


def writings(tokens: Iterable[str]) -> dict[str, Writing]:
    """Return texts by token, without those that were erased or have expired."""
    return {record.id: record for record in VaultRow.load_many(tokens, Writing)}


def record[T: Aggregate](token: str, kind: type[T]) -> T | None:
    """Return a record of a kind by token; None if there is none, or it was erased or has expired."""
    return VaultRow.load(token, kind)


def people(tokens: Iterable[str]) -> dict[str, Person]:
    """Return drivers as persons by token, without those that were erased."""
    return {record.id: record for record in VaultRow.load_many(tokens, Person)}


def _reveal[T: Aggregate](token: str, kind: type[T]) -> T:
    record = VaultRow.load(token, kind)
    if record is None:
        raise Gone("erased", "This personal data was erased.")
    return record


def bank_accounts(tokens: Iterable[str]) -> dict[str, BankAccount]:
    """Return bank accounts by token, without those that were erased."""
    return {record.id: record for record in VaultRow.load_many(tokens, BankAccount)}


def remove(record: Aggregate, work: UnitOfWork) -> None:
    """Add the deletion of personal data to a unit of work; it holds only if the data is as it was read."""
    work.delete(VaultRow(record.id, "RECORD"), VaultRow.version == record.stored_version)


def must_be_there(token: str, work: UnitOfWork) -> None:
    """Add to a unit of work the condition that personal data is not erased.

    What somebody writes about a customer is stored under it. An erasure deletes the contacts first, so that it then
    finds all that was written, and nothing is added behind its back.
    """
    work.check(VaultRow, token, "RECORD", VaultRow.pk.exists())


def erase(token: str) -> None:
    """Erase personal data; references to its token stay."""
    VaultRow.erase(token)
