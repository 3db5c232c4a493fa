"""Erasure of a driver in every room that holds something on them."""

from crowdship.claims import service as claims
from crowdship.data_rights import corrections, exports
from crowdship.documents.bucket import DocumentBucket
from crowdship.documents.erasure import erase_person
from crowdship.drivers.identity import SignIns
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Clock
from crowdship.notify.push import service as subscriptions
from crowdship.onboarding import erasure as onboarding
from crowdship.standing import service as standing
from crowdship.tracking import service as tracking


def erase_driver(driver_id: str, clock: Clock) -> Driver:
    """Erase a driver's personal data, what they wrote and sent, sign-in and browsers; a failed call may be repeated.

    Raises
    ------
    Conflict
        If the driver is on duty, or a report stands against them that nobody has decided about.
    """
    onboarding.must_be_erasable(driver_id)
    removed = SignIns.configured().remove, subscriptions.forget, tracking.forget
    driver = erase_person(driver_id, *removed, DocumentBucket.configured())
    onboarding.erase_person(driver_id, clock)
    standing.erase_words(driver_id)
    claims.erase_words(driver_id)
    corrections.erase_of_driver(driver_id)
    exports.erase_of_driver(driver_id, exports.ExportStore.configured())
    return driver
