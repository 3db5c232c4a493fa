"""Use cases of proof: announce pictures, check the PIN, store captured data, show it."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any

from crowdship.adapters.storage import UnitOfWork, persistently
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import ON_BOARD, State
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import NotFound, Unprocessable
from crowdship.kernel.ids import new_id
from crowdship.proof.images import ImageStore
from crowdship.proof.model import DeliverInput, Image, ProofRecord, Upload, UploadRequest
from crowdship.proof.store import ProofRow
from crowdship.proof.views import ProofView
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.shipment.requirements.registry import UnattendedCapture, is_asked_at
from crowdship.shipment.stop_kind import StopKind
from crowdship.vault import service as vault

SHOWN_TO_CUSTOMERS = frozenset({ImageKind.PHOTO, ImageKind.SIGNATURE})
"""Kinds of pictures that a customer may see."""


def record_of(delivery: Delivery, driver_id: str) -> ProofRecord:
    """Return the record so far, without pictures that another driver announced earlier."""
    known = ProofRow.load(delivery.id) or ProofRecord(id=delivery.id, driver_id=driver_id)
    if known.driver_id == driver_id or known.captured_at:
        return known
    return known.with_changes(driver_id=driver_id, uploads=())


def keep(record: ProofRecord, work: UnitOfWork) -> None:
    """Add the write of a record to others that belong together with it."""
    work.store(ProofRow.of(record))


def keep_pickup(
    delivery: Delivery,
    now: datetime,
    work: UnitOfWork,
    *,
    driver_id: str,
    capture: UnattendedCapture,
    made_at: datetime | None,
) -> None:
    """Check what was captured at a pickup, and add the write of its proof, if anything is required there.

    Raises
    ------
    Unprocessable
        If something required is missing.
    """
    if is_asked_at(delivery.requirements, StopKind.PICKUP):
        keep(record_of(delivery, driver_id).pick_up(delivery, capture, made_at, now), work)


def _save(record: ProofRecord) -> None:
    work = UnitOfWork()
    work.store(ProofRow.of(record))
    work.commit()


def announce_upload(
    delivery_id: str, driver_id: str, request: UploadRequest, images: ImageStore, clock: Clock
) -> dict[str, Any]:
    """Return a form that takes one picture of a delivery, and remember that it will come."""
    delivery = deliveries.get_of_driver(delivery_id, driver_id)
    if delivery.state not in ON_BOARD:
        raise Unprocessable("nothing_on_board", f"The delivery is {delivery.state}; proof is taken at the drop-off.")
    upload = Upload(
        kind=request.checked().kind,
        object_key=f"{delivery_id}/{new_id(request.kind)}",
        content_type=request.content_type,
        announced_at=clock.now(),
    )
    persistently(lambda: _save(record_of(delivery, driver_id).announce(upload)))
    return images.form(upload)


def arrived(record: ProofRecord, images: ImageStore) -> tuple[Image, ...]:
    """Return the announced pictures that arrived, without those that did not."""
    found = []
    for upload in record.uploads:
        with suppress(Unprocessable):
            found.append(images.found(upload))
    return tuple(found)


def match_pin(record: ProofRecord, delivery: Delivery, handed: DeliverInput) -> ProofRecord:
    """Return the record with the PIN checked if one is required; a wrong one is counted and kept.

    Raises
    ------
    Unprocessable
        If it is not the PIN.
    """
    if not delivery.requirements.pin:
        return record
    checked = record.check_pin(vault.contacts(delivery.contacts_token).pin or "", handed.pin)
    if checked.pin_matched:
        return checked
    _save(checked)
    raise Unprocessable("wrong_pin", f"That is not the PIN; wrong so far: {checked.pin_failures}.", "/pin")


def shown_to_customer(delivery: Delivery) -> tuple[Image, ...]:
    """Return the pictures that a customer may see: those of the hand-over, once it has happened."""
    if delivery.state is not State.DELIVERED:
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
    deliveries.get(delivery_id)
    record = ProofRow.load(delivery_id)
    return _of_kind(kind, record.images if record else ())


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
    return ProofView.of(record, contacts.received_by if contacts else None, images.link)
