"""Erasure of a driver's documents, together with their other personal data."""

from collections.abc import Callable

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.contact import erasure
from crowdship.documents.bucket import DocumentBucket
from crowdship.documents.store import DocumentRow
from crowdship.drivers.model import Driver
from crowdship.vault import service as vault
from crowdship.vault.model import writing_token


def erase_person(
    driver_id: str,
    remove_sign_in: Callable[[str], None],
    forget_browsers: Callable[[str], None],
    forget_positions: Callable[[str], None],
    bucket: DocumentBucket,
) -> Driver:
    """Erase a driver's personal data and documents; a call that failed may be repeated.

    Raises
    ------
    Conflict
        If the driver is on duty.
    """
    driver = erasure.erase_person(driver_id, remove_sign_in, forget_browsers, forget_positions)
    erase(driver_id, bucket)
    return driver


def erase(driver_id: str, bucket: DocumentBucket) -> None:
    """Erase the pictures of a driver's documents, the words to them, and what is known of them.

    A repeated call goes on where the first one stopped: the pictures go first, the record of each document last.
    """
    bucket.erase(driver_id)

    def attempt() -> None:
        for document in DocumentRow.of_driver(driver_id):
            vault.erase(writing_token("document", document.id))
            work = UnitOfWork()
            DocumentRow.forget(document, work)
            work.commit()

    persistently(attempt)
