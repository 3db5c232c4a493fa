"""Use cases of proof: announce pictures, check the PIN, store captured data, show it."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from functools import reduce
from typing import Any

from crowdship.adapters.observability import MetricUnit, logger, metrics
from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.erasure import ErasureState, state_of
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import ON_BOARD, State
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound, Unprocessable
from crowdship.kernel.geo import Point
from crowdship.kernel.ids import new_id
from crowdship.proof.custody import CustodyStep, Statement, appended
from crowdship.proof.disposition import DispositionInput, disposition_of, name_of, refuse_unsaid
from crowdship.proof.images import ImageStore
from crowdship.proof.model import ProofRecord
from crowdship.proof.remarks import Remarkable, RemarkedStep, remark_of, texts_of
from crowdship.proof.store import CustodyRow, EarlierProofRow, ProofRow
from crowdship.proof.uploads import MAX_SENT_BYTES, Image, Upload, UploadRequest
from crowdship.proof.views import PictureKept, ProofView
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.shipment.requirements.registry import UnattendedCapture
from crowdship.shipment.stop_kind import StopKind
from crowdship.vault import service as vault
from crowdship.vault.model import DriverNotes, RemarkTexts, notes_token

PICTURED = ON_BOARD | {State.ARRIVED_AT_PICKUP}
"""The states in which a driver may send pictures."""

SHOWN_TO_CUSTOMERS = frozenset({ImageKind.PHOTO, ImageKind.SIGNATURE})
"""Kinds of pictures that a customer may see."""


def record_of(delivery: Delivery, driver_id: str) -> ProofRecord:
    """Return the record so far, without pictures that another driver sent earlier.

    The photo of the pickup stays if that driver took the goods on board.
    """
    known = ProofRow.load(delivery.id) or ProofRecord(id=delivery.id, driver_id=driver_id)
    if known.driver_id == driver_id or known.captured_at:
        return known
    stays = {ImageKind.PICKUP_PHOTO} if delivery.has_left_shop else set()
    uploads = tuple(upload for upload in known.uploads if upload.kind in stays)
    return known.with_changes(driver_id=driver_id, uploads=uploads)


def keep(record: ProofRecord, stated: Statement, work: UnitOfWork) -> None:
    """Add the writes of a record that a step changed, and of the step's entry in the chain of custody.

    The record of a delivered order is final, and its event tells of it.
    """
    listed, entry = appended(record, stated)
    work.put(CustodyRow.of(entry), CustodyRow.pk.does_not_exist())
    final = stated.step is CustodyStep.DELIVERED
    work.store(ProofRow.of(listed.announced(stated.at) if final else listed))


def keep_pickup(
    delivery: Delivery,
    stated: Statement,
    work: UnitOfWork,
    capture: UnattendedCapture,
    said: Remarkable,
) -> None:
    """Check what was captured at a pickup, and add the write of its proof.

    Raises
    ------
    Unprocessable
        If something required is missing.
    """
    record = record_of(delivery, stated.actor)
    picked_up = record.pick_up(delivery, capture, stated.made_at, checked_on_arrival(record), stated.at)
    keep(remarked(picked_up, RemarkedStep.PICK_UP, said, stated.at, work), stated, work)


def keep_failure(
    delivery: Delivery,
    stated: Statement,
    work: UnitOfWork,
    *,
    driver_id: str,
    images: ImageStore | None,
    said: Remarkable,
    capture: UnattendedCapture,
    disposition: DispositionInput | None = None,
) -> None:
    """Add the write of a failed hand-over, with what was captured there, and what became of goods on board."""
    record = record_of(delivery, driver_id)
    taken = arrived(record, delivery, images) if images else checked_on_arrival(record)
    ended = disposition_of(disposition, stated.actor, stated.at) if disposition else None
    failed = record.fail(delivery, capture, stated.made_at, taken, stated.at, ended)
    keep(remarked(failed, RemarkedStep.FAIL, said, stated.at, work, name_of(disposition, stated.at)), stated, work)


def keep_return(
    delivery: Delivery,
    stated: Statement,
    work: UnitOfWork,
    capture: UnattendedCapture,
    disposition: DispositionInput | None,
) -> None:
    """Check what was captured as goods came back, and add the write of it.

    Raises
    ------
    Unprocessable
        If something required is missing, or it is not said what became of goods whose law wants it recorded.
    """
    refuse_unsaid(delivery, disposition)
    record = record_of(delivery, delivery.driver)
    back = record.give_back(delivery, capture, stated.made_at, stated.at, disposition)
    keep(disposed(back, disposition, stated.actor, stated.at, work), stated, work)


def disposed(
    record: ProofRecord, said: DispositionInput | None, actor: str, now: datetime, work: UnitOfWork
) -> ProofRecord:
    """Return a record with what became of its goods, if that is said; the write of the person's name is added."""
    _keep_texts(record.id, [name_of(said, now)], work)
    return record.disposed(disposition_of(said, actor, now)) if said else record


def keep_step(
    delivery: Delivery, stated: Statement, work: UnitOfWork, disposition: DispositionInput | None = None
) -> None:
    """Add the write of a step at which nothing is captured, such as a failure that staff state."""
    record = record_of(delivery, delivery.driver)
    keep(disposed(record, disposition, stated.actor, stated.at, work), stated, work)


def begin_anew(
    delivery: Delivery, stop: StopKind, driver_id: str, said: Remarkable, stated: Statement, work: UnitOfWork
) -> None:
    """Add the writes that keep the record of an ending which is taken back as it is, and begin a new one."""
    known = ProofRow.load(delivery.id)
    if known:
        work.put(EarlierProofRow.of(known, known.earlier), EarlierProofRow.pk.does_not_exist())
    anew = known.begun_anew(stop) if known else ProofRecord(id=delivery.id, driver_id=driver_id)
    keep(remarked(anew, RemarkedStep.CORRECT, said, stated.at, work), stated, work)


def checked_on_arrival(record: ProofRecord) -> tuple[Image, ...]:
    """Return the pictures that were checked when they arrived, without those that were only announced."""
    return tuple(image for upload in record.uploads if (image := upload.image))


def remarked(
    record: ProofRecord,
    step: RemarkedStep,
    said: Remarkable,
    now: datetime,
    work: UnitOfWork,
    beside: RemarkTexts | None = None,
) -> ProofRecord:
    """Return a record with what its driver said of the goods; the write of the texts is added.

    Parameters
    ----------
    beside : RemarkTexts, optional
        Another text of the same step.
    """
    remark = remark_of(step, said, now)
    texts = texts_of(remark, said) if remark else None
    _keep_texts(record.id, [texts, beside], work)
    return record.remarked(remark)


def _keep_texts(delivery_id: str, texts: Iterable[RemarkTexts | None], work: UnitOfWork) -> None:
    written = [each for each in texts if each]
    if written:
        token = notes_token(delivery_id)
        notes = vault.driver_notes(token) or DriverNotes(id=token)
        vault.keep(reduce(DriverNotes.with_texts, written, notes), work)


def _save(record: ProofRecord) -> None:
    work = UnitOfWork()
    work.store(ProofRow.of(record))
    work.commit()


def announce_upload(
    delivery_id: str, driver_id: str, request: UploadRequest, images: ImageStore, clock: Clock
) -> dict[str, Any]:
    """Return a form that takes one picture of a delivery, and remember that it will come."""
    delivery = deliveries.get_of_driver(delivery_id, driver_id)
    _refuse_elsewhere(delivery)
    upload = Upload(
        kind=request.checked().kind,
        object_key=f"{delivery_id}/{new_id(request.kind)}",
        content_type=request.content_type,
        announced_at=clock.now(),
    )
    persistently(lambda: _save(record_of(delivery, driver_id).announce(upload)))
    return images.form(upload)


def _refuse_elsewhere(delivery: Delivery) -> None:
    if delivery.state not in PICTURED:
        detail = f"The delivery is {delivery.state}; pictures are taken from the arrival at the pickup to the end."
        raise Unprocessable("nothing_on_board", detail)


def take_picture(
    delivery_id: str,
    driver_id: str,
    kind: ImageKind,
    content_type: str,
    sha256: str,
    body: bytes,
    images: ImageStore,
    clock: Clock,
) -> PictureKept:
    """Check a picture on its arrival and keep it; the same one again changes nothing, also after the delivery's end.

    Parameters
    ----------
    sha256 : str
        The hash of the picture as the phone took it, in hexadecimal.

    Raises
    ------
    Unprocessable
        ``wrong_hash`` or ``not_a_picture``, if something else arrived than was taken; or if it is too large or too
        early.
    Conflict
        If the proof is final.
    """
    request = UploadRequest(kind=kind, content_type=content_type).checked()
    if len(body) > MAX_SENT_BYTES:
        detail = f"The {kind} has {len(body):,} bytes; at most {MAX_SENT_BYTES:,} are taken. Scale it down."
        raise Unprocessable("picture_too_large", detail)
    digest = hashlib.sha256(body).hexdigest()
    if digest != sha256:
        detail = f"The SHA-256 of what arrived is {digest}, not {sha256}; send the bytes that were hashed."
        raise Unprocessable("wrong_hash", detail, "/query/sha256")
    upload = Upload(
        kind=kind,
        object_key=f"{delivery_id}/{kind}-{digest}",
        content_type=request.content_type,
        announced_at=clock.now(),
    )

    def attempt() -> PictureKept:
        delivery = deliveries.get_of_driver(delivery_id, driver_id)
        record = record_of(delivery, driver_id)
        if not record.known_image(kind, digest):
            _refuse_elsewhere(delivery)
            record.announce(upload)  # refused before anything is stored, if the proof is final
            kept = images.keep(upload, body, _place_of(kind, delivery))
            _save(record.announce(upload.model_copy(update={"image": kept})))
        return PictureKept(kind=kind, sha256=digest, bytes=len(body))

    return persistently(attempt)


def uploaded(record: ProofRecord, delivery: Delivery, images: ImageStore) -> tuple[Image, ...]:
    """Return all announced pictures.

    Raises
    ------
    Unprocessable
        If one did not arrive, or is none.
    """
    return tuple(images.found(upload, _place_of(upload.kind, delivery)) for upload in record.uploads)


def arrived(record: ProofRecord, delivery: Delivery, images: ImageStore) -> tuple[Image, ...]:
    """Return the announced pictures that arrived, without those that did not."""
    found = []
    for upload in record.uploads:
        with suppress(Unprocessable):
            found.append(images.found(upload, _place_of(upload.kind, delivery)))
    return tuple(found)


def _place_of(kind: ImageKind, delivery: Delivery) -> Point:
    """Return where a picture of a kind should have been taken."""
    if kind is ImageKind.PICKUP_PHOTO:
        return delivery.collect_at
    return delivery.place_of_next_stop if kind is ImageKind.FAILURE_PHOTO else delivery.dropoff


def match_pin(record: ProofRecord, delivery: Delivery, pin: str | None, stated: Statement) -> ProofRecord:
    """Return the record with the PIN checked if one is required; a wrong one is counted, and has its entry.

    Parameters
    ----------
    stated : Statement
        The hand-over that is attempted with the PIN.

    Raises
    ------
    Unprocessable
        If it is not the PIN.
    """
    if not delivery.requirements.pin:
        return record
    checked = record.check_pin(vault.contacts(delivery.contacts_token).pin or "", pin)
    if checked.pin_matched:
        return checked
    work = UnitOfWork()
    keep(checked, stated.model_copy(update={"step": CustodyStep.WRONG_PIN}), work)
    if checked.pin_locked:
        deliveries.keep(delivery.lock_pin(stated.at), work)
    work.commit()
    logger.warning("wrong PIN", delivery_id=delivery.id, driver_id=record.driver_id, failures=checked.pin_failures)
    if checked.pin_locked:
        metrics.add_metric("PinLocked", MetricUnit.Count, 1)
    raise Unprocessable("wrong_pin", f"That is not the PIN; wrong so far: {checked.pin_failures}.", "/pin")


def shown_to_customer(delivery: Delivery) -> tuple[Image, ...]:
    """Return the pictures that a customer may see: those of the hand-over, until the customer's data is erased."""
    if delivery.state is not State.DELIVERED or state_of(delivery) is not ErasureState.PENDING:
        return ()
    record = ProofRow.load(delivery.id)
    newest = {image.kind: image for image in (record.images if record else ()) if image.kind in SHOWN_TO_CUSTOMERS}
    return tuple(newest.values())


def picture_for_customer(delivery_id: str, kind: ImageKind) -> Image:
    """Return a picture that the customer of a delivery may see.

    Raises
    ------
    NotFound
        If there is none, or not yet.
    """
    return _of_kind(kind, shown_to_customer(deliveries.get(delivery_id)))


def picture_for_staff(delivery_id: str, kind: ImageKind) -> Image:
    """Return a picture of a delivery.

    Raises
    ------
    NotFound
        If there is none.
    """
    delivery, record = deliveries.get(delivery_id), ProofRow.load(delivery_id)
    return _of_kind(kind, _unerased(delivery, record).images if record else ())


def _unerased(delivery: Delivery, record: ProofRecord) -> ProofRecord:
    """Return a record without pictures and place if the customer was erased; their hashes stay stored."""
    is_erased = state_of(delivery) is ErasureState.DONE
    return record.with_changes(images=(), position=None) if is_erased else record


def _of_kind(kind: ImageKind, images: Iterable[Image]) -> Image:
    found = [image for image in images if image.kind is kind]
    if not found:
        raise NotFound(
            "no_picture", f"There is no {kind} to be seen; a picture can be seen once the goods are delivered."
        )
    return found[-1]


def view(delivery_id: str, images: ImageStore) -> ProofView:
    """Return the proof of a hand-over, with links to its pictures."""
    delivery, record = deliveries.get(delivery_id), ProofRow.load(delivery_id)
    if record is None:
        raise NotFound("no_proof", f"Nothing was captured for delivery {delivery_id}, which is {delivery.state}.")
    contacts = vault.contacts_of([delivery.contacts_token]).get(delivery.contacts_token)
    has_texts = record.remarks or record.earlier or (record.disposition and record.disposition.has_person)
    notes = vault.driver_notes(notes_token(delivery_id)) if has_texts else None
    earlier = EarlierProofRow.of_delivery(delivery_id) if record.earlier else ()
    seen = ProofView.of(_unerased(delivery, record), contacts.received_by if contacts else None, images.link, notes)
    endings = (_unerased(delivery, before) for before in earlier)
    return seen.model_copy(
        update={"earlier": tuple(ProofView.of(before, None, images.link, notes) for before in endings)}
    )
