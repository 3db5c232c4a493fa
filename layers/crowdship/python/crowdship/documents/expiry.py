"""The hourly look at documents: drivers are told of what runs out, and uploads that nobody checked are checked."""

from datetime import timedelta

from crowdship.adapters.failures import Failures
from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries.states import DISPATCH
from crowdship.dispatch.eligibility import barred_by_law
from crowdship.documents import service as documents
from crowdship.documents.bucket import DocumentBucket
from crowdship.documents.model import DocumentState, DriverDocument
from crowdship.documents.store import DocumentRow
from crowdship.drivers import duty
from crowdship.drivers import service as drivers
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Unprocessable

LEFT_ALONE = timedelta(minutes=15)
"""An app checks what it uploaded itself; what is older was left behind by one that died."""

FORGOTTEN_AFTER = timedelta(days=1)
"""A document that was announced and never uploaded is forgotten then."""

MOST_UPLOADS = 200
"""Uploads that one look checks; the next look goes on."""


def look(bucket: DocumentBucket, clock: Clock) -> dict[str, int]:
    """Do everything that is due now; a second look finds nothing more to do.

    Returns
    -------
    dict
        The number of drivers told, of deliveries taken from drivers whose work is paused, and of uploads dealt with.

    Raises
    ------
    ExceptionGroup
        If something failed for some drivers; all others were served, and the next look tries again.
    """
    counts = {"told": 0, "withdrawn": 0, "uploads": 0}
    with Failures("the look at documents failed in part") as failures:
        for driver_id in drivers.with_papers_due(clock):
            with failures.collected("look at documents failed", of=driver_id):
                _tell(driver_id, counts, clock)
        left, _ = DocumentRow.waiting(DocumentState.AWAITED, None, MOST_UPLOADS, before=clock.now() - LEFT_ALONE)
        for document in left:
            with failures.collected("look at documents failed", of=document.id):
                _check(document, counts, bucket, clock)
    return counts


def _tell(driver_id: str, counts: dict[str, int], clock: Clock) -> None:
    driver, now = drivers.get(driver_id), clock.now()
    # Before the driver is noted as told: a look that dies in between is repeated.
    if driver.lacks_documents(driver.day_of(now)):
        counts["withdrawn"] += duty.withdraw(driver_id, DISPATCH, clock)
    elif any(not one.counts(driver.day_of(now)) for one in driver.credentials):
        # The law of some goods keeps them from who has lost a credential, and the pickup would be refused.
        counts["withdrawn"] += duty.withdraw(
            driver_id, DISPATCH, clock, lambda delivery: barred_by_law(driver, delivery, now) is not None
        )
    told, is_new = drivers.tell_of_expiry(driver_id, clock)
    counts["told"] += is_new
    if told.paused and not driver.paused:
        metrics.add_metric("WorkPaused", MetricUnit.Count, 1)


def _check(document: DriverDocument, counts: dict[str, int], bucket: DocumentBucket, clock: Clock) -> None:
    try:
        documents.check(document.driver_id, document.id, bucket, clock)
    except Unprocessable:
        if clock.now() - document.announced_at < FORGOTTEN_AFTER:
            return
        work = UnitOfWork()
        DocumentRow.forget(document, work)
        work.commit()
    counts["uploads"] += 1
