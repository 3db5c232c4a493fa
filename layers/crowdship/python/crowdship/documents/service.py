"""Use cases of documents: send, check on arrival, list, approve, refuse."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any

from crowdship.adapters.observability import MetricUnit, metrics
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.documents import folder as folders
from crowdship.documents.bucket import DocumentBucket
from crowdship.documents.kinds import KINDS, PaperKind, last_day, latest_day
from crowdship.documents.model import BY_STAFF, DocumentState, DriverDocument, RefusalReason, Stored
from crowdship.documents.store import DocumentRow
from crowdship.documents.views import (
    AnnounceInput,
    ApproveInput,
    DocumentView,
    DriverFolder,
    Folder,
    RefuseInput,
    ReviewedDocument,
    WaitingDocument,
    WaitingDocuments,
    refuse_type,
)
from crowdship.drivers import service as drivers
from crowdship.drivers.compliance import Document
from crowdship.drivers.credentials import Credential
from crowdship.drivers.model import Driver
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Gone, NotFound, TooManyRequests, Unprocessable
from crowdship.kernel.ids import derived_id, new_id
from crowdship.kernel.retention import MESSAGES
from crowdship.pictures.decoding import cleaned
from crowdship.pictures.quality import measured
from crowdship.vault import service as vault
from crowdship.vault.model import Writing, writing_token
from crowdship.zones import service as zones
from crowdship.zones.law import jurisdictions_in

MAX_SENT_BYTES = 3_000_000
"""The most bytes of a picture that is sent through a function, whose input holds 6 MB in base64."""

MOST_A_DAY = 20
"""Documents of one kind that a driver may send in 24 hours."""


def announce(
    driver_id: str, request: AnnounceInput, bucket: DocumentBucket, clock: Clock
) -> tuple[DriverDocument, dict[str, Any]]:
    """Return a new document that awaits its picture, and the form to upload it with.

    Raises
    ------
    Unprocessable
        If its media type is not taken.
    Gone
        If the driver's account was closed by an erasure.
    TooManyRequests
        If too many of its kind were sent in the last day.
    """
    refuse_type(request.content_type)
    _refuse_closed(driver_id)
    now = clock.now()
    _refuse_flood(request.kind, DocumentRow.of_driver(driver_id), clock)
    document = DriverDocument(
        id=new_id("doc"),
        driver_id=driver_id,
        kind=request.kind,
        content_type=request.content_type,
        announced_at=now,
    )
    work = UnitOfWork()
    work.store(DocumentRow.of(document))
    work.commit()
    return document, bucket.form(_upload_key(document), document.content_type)


def check(driver_id: str, document_id: str, bucket: DocumentBucket, clock: Clock) -> DocumentView:
    """Check the picture that was uploaded for a document; a document that was checked stays as it is.

    Raises
    ------
    NotFound
        If the driver has no such document.
    Unprocessable
        ``upload_missing``, if its picture is not there yet.
    """
    document = _of(driver_id, document_id)
    if document.state is DocumentState.AWAITED:
        original, body = bucket.uploaded(_upload_key(document))
        clean, fault = _looked_at(document.kind, document.content_type, body)
        clean_object = bucket.put(_shown_key(document), clean, "image/jpeg") if clean else None

        def attempt() -> DriverDocument:
            now, known = clock.now(), _of(driver_id, document_id)
            if known.state is not DocumentState.AWAITED:
                return known
            if fault or clean_object is None:
                return _keep(known.refuse_on_arrival(fault or RefusalReason.NOT_A_PICTURE, now), ())
            return _keep(known.arrive(original, clean_object, now), DocumentRow.of_driver(driver_id))

        document = persistently(attempt)
    return DocumentView.of(document, _words([document]))


def take(
    driver_id: str,
    kind: PaperKind,
    content_type: str,
    sha256: str,
    body: bytes,
    bucket: DocumentBucket,
    clock: Clock,
) -> DocumentView:
    """Check a picture that is sent as a body and keep it as a document; the same one again changes nothing.

    Parameters
    ----------
    sha256 : str
        The hash of the picture as it was taken, in hexadecimal.

    Raises
    ------
    Unprocessable
        If something else arrived than was hashed, it is too large, or its media type is not taken.
    Gone
        If the driver's account was closed by an erasure.
    TooManyRequests
        If too many of its kind were sent in the last day.
    """
    refuse_type(content_type)
    if len(body) > MAX_SENT_BYTES:
        detail = f"The {kind} has {len(body):,} bytes; at most {MAX_SENT_BYTES:,} are taken. Scale it down."
        raise Unprocessable("picture_too_large", detail)
    digest = hashlib.sha256(body).hexdigest()
    if digest != sha256:
        detail = f"The SHA-256 of what arrived is {digest}, not {sha256}; send the bytes that were hashed."
        raise Unprocessable("wrong_hash", detail, "/query/sha256")
    _refuse_closed(driver_id)
    clean, fault = _looked_at(kind, content_type, body)

    def attempt() -> DriverDocument:
        known = DocumentRow.of_driver(driver_id)
        same = [one for one in known if (one.kind, one.digest, one.content_type) == (kind, digest, content_type)]
        if same and same[-1].state is not DocumentState.REPLACED:
            return same[-1]
        _refuse_flood(kind, known, clock)
        now = clock.now()
        document = DriverDocument(
            id=derived_id("doc", driver_id, kind, digest, content_type, len(same)),
            driver_id=driver_id,
            kind=kind,
            content_type=content_type,
            announced_at=now,
            digest=digest,
        )
        if fault or clean is None:
            return _keep(document.refuse_on_arrival(fault or RefusalReason.NOT_A_PICTURE, now), ())
        original = bucket.put(_upload_key(document), body, content_type)
        clean_object = bucket.put(_shown_key(document), clean, "image/jpeg")
        return _keep(document.arrive(original, clean_object, now), known)

    document = persistently(attempt)
    return DocumentView.of(document, _words([document]))


def folder(driver_id: str, clock: Clock) -> Folder:
    """Return the documents of a driver, by kind."""
    driver, documents = drivers.get(driver_id), DocumentRow.of_driver(driver_id)
    return Folder.of(folders.folder(driver, documents, driver.day_of(clock.now())), _words(documents))


def missing(driver: Driver, clock: Clock) -> tuple[PaperKind, ...]:
    """Return the kinds that a driver is asked for when they apply and of which none was approved, or that ran out."""
    return folders.missing(driver, DocumentRow.of_driver(driver.id), driver.day_of(clock.now()))


def waiting(after: str | None, limit: int) -> WaitingDocuments:
    """Return a page of the documents that wait for a person, the longest waiting first."""
    documents, following = DocumentRow.waiting(DocumentState.CHECKED, after, limit)
    tokens = {one.id: one.person_token for one in drivers.get_many(each.driver_id for each in documents).values()}
    names = vault.names_of(tokens.values())
    return WaitingDocuments(
        documents=tuple(
            WaitingDocument(
                document_id=one.id,
                driver_id=one.driver_id,
                name=names.get(tokens.get(one.driver_id, "")),
                kind=one.kind,
                waits_since=one.arrived_at or one.announced_at,
            )
            for one in documents
        ),
        next_after=following,
    )


def folder_for_staff(driver_id: str, clock: Clock) -> DriverFolder:
    """Return all documents of a driver, with their name and plate to compare."""
    driver, documents = drivers.get(driver_id), DocumentRow.of_driver(driver_id)
    today, words, law = driver.day_of(clock.now()), _words(documents), _jurisdictions(driver)
    return DriverFolder.for_staff(
        driver,
        vault.names_of([driver.person_token]).get(driver.person_token),
        Folder.of(folders.folder(driver, documents, today), words),
        tuple(ReviewedDocument.seen(one, words, latest_day(one.kind, law, today)) for one in documents),
    )


def shown(driver_id: str, document_id: str) -> Stored:
    """Return the picture of a document as people are shown it.

    Raises
    ------
    NotFound
        If there is no such document, or its picture was refused on arrival or is not there yet.
    """
    document = _of(driver_id, document_id)
    if document.shown is None:
        raise NotFound("no_picture", f"There is no picture to be seen; the {document.kind} is {document.state}.")
    return document.shown


def approve(driver_id: str, document_id: str, request: ApproveInput, by: str, clock: Clock) -> ReviewedDocument:
    """Approve a document: what it proves counts from now on, in one write with the document.

    Raises
    ------
    NotFound
        If the driver has no such document.
    Unprocessable
        If the day is missing, over or too far ahead.
    Conflict
        If somebody decided otherwise before, whom the detail names.
    """

    def attempt() -> DriverDocument:
        now, document, driver = clock.now(), _of(driver_id, document_id), drivers.get(driver_id)
        undecided = document.state is DocumentState.CHECKED
        day = _last_day(document.kind, request.valid_until, driver, now) if undecided else request.valid_until
        approved = document.approve(by, day, now)
        if approved is document:
            return document
        work = UnitOfWork()
        work.store(DocumentRow.of(approved))
        proven = _proven(driver, approved.kind, day, now)
        if proven is not driver:
            drivers.keep(proven, work)
        vault.must_be_there(driver.person_token, work)
        work.commit()
        return approved

    return _reviewed(persistently(attempt), clock)


def refuse(driver_id: str, document_id: str, request: RefuseInput, by: str, clock: Clock) -> ReviewedDocument:
    """Refuse a document, with a reason and words that its driver reads.

    Raises
    ------
    NotFound
        If the driver has no such document.
    Unprocessable
        If the reason is one of the check on arrival.
    Conflict
        If somebody decided otherwise before, whom the detail names.
    """
    if request.reason not in BY_STAFF:
        detail = f"{request.reason} is a finding of the check on arrival; use one of {', '.join(BY_STAFF)}."
        raise Unprocessable("wrong_reason", detail, "/reason")
    if request.reason is RefusalReason.OTHER and not request.words:
        raise Unprocessable("words_missing", "Say in words what is wrong, and what would be right.", "/words")

    def attempt() -> DriverDocument:
        now, document, driver = clock.now(), _of(driver_id, document_id), drivers.get(driver_id)
        refused = document.refuse(by, request.reason, request.words is not None, now)
        if refused is document:
            return document
        work = UnitOfWork()
        work.store(DocumentRow.of(refused))
        if request.words:
            vault.keep(Writing(id=_words_token(document_id), text=request.words), work, until=now + MESSAGES)
        vault.must_be_there(driver.person_token, work)
        work.commit()
        return refused

    return _reviewed(persistently(attempt), clock)


def _reviewed(document: DriverDocument, clock: Clock) -> ReviewedDocument:
    driver = drivers.get(document.driver_id)
    latest = latest_day(document.kind, _jurisdictions(driver), driver.day_of(clock.now()))
    return ReviewedDocument.seen(document, _words([document]), latest)


def _jurisdictions(driver: Driver) -> tuple[str, ...]:
    """Return the jurisdictions of a driver's home zone."""
    return jurisdictions_in(zones.get(driver.home_zone_id).settings)


def _last_day(kind: PaperKind, given: date | None, driver: Driver, now: datetime) -> date | None:
    today = driver.day_of(now)
    return last_day(kind, given, today, latest_day(kind, _jurisdictions(driver), today))


def _proven(driver: Driver, kind: PaperKind, day: date | None, now: datetime) -> Driver:
    """Return a driver with what an approved document proves; the same one if it proves nothing for work."""
    rule = KINDS[kind]
    if rule.proves and day:
        return driver.showing(Document(kind=rule.proves, valid_until=day), now)
    return driver.credited(Credential(name=rule.grants, valid_until=day)) if rule.grants else driver


def _looked_at(kind: PaperKind, content_type: str, body: bytes) -> tuple[bytes | None, RefusalReason | None]:
    """Return a picture as people are shown it, or why it is refused."""
    try:
        clean = cleaned(kind, content_type, body).body
    except Unprocessable:
        return None, RefusalReason.NOT_A_PICTURE
    fault = measured(clean).fault
    return (None, RefusalReason(str(fault))) if fault else (clean, None)


def _keep(document: DriverDocument, others: Iterable[DriverDocument]) -> DriverDocument:
    """Write a document; it takes the place of others of its kind on which nobody decided."""
    work = UnitOfWork()
    work.store(DocumentRow.of(document))
    for other in others:
        replaced = other.replaced_by(document)
        if replaced is not other:
            work.store(DocumentRow.of(replaced))
    work.commit()
    if document.decision:
        metrics.add_metric("DocumentRefusedOnArrival", MetricUnit.Count, 1)
    return document


def _refuse_closed(driver_id: str) -> None:
    """Refuse what a phone that is still signed in sends after the erasure, which nothing would erase again."""
    if drivers.get(driver_id).closed:
        raise Gone("erased", "This account is closed; nothing about its person is kept any more.")


def _refuse_flood(kind: PaperKind, known: Iterable[DriverDocument], clock: Clock) -> None:
    now = clock.now()
    times = sorted(one.announced_at for one in known if one.kind is kind and one.announced_at > now - timedelta(days=1))
    if len(times) < MOST_A_DAY:
        return
    again = times[-MOST_A_DAY] + timedelta(days=1)
    detail = f"{len(times)} documents of the kind {kind} were sent in 24 hours; {MOST_A_DAY} are the most."
    seconds = ceil(clock.wall_seconds(again - now))
    raise TooManyRequests("too_many_documents", detail, {"Retry-After": str(max(1, seconds))})


def _of(driver_id: str, document_id: str) -> DriverDocument:
    document = DocumentRow.load(driver_id, document_id)
    if document is None:
        raise NotFound("no_such_document", f"There is no document {document_id} of this driver.")
    return document


def _words(documents: Iterable[DriverDocument]) -> dict[str, str]:
    """Return the words to some documents, by the documents' ids."""
    tokens = {_words_token(one.id): one.id for one in documents if one.decision and one.decision.has_words}
    return {tokens[token]: writing.text for token, writing in vault.writings(tokens).items()}


def _words_token(document_id: str) -> str:
    return writing_token("document", document_id)


def _upload_key(document: DriverDocument) -> str:
    return f"{document.driver_id}/{document.id}/original"


def _shown_key(document: DriverDocument) -> str:
    return f"{document.driver_id}/{document.id}/shown"
