"""Proof of a hand-over."""

from datetime import datetime
from typing import Self

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import CompletionReason
from crowdship.kernel.clock import Moment
from crowdship.kernel.devices import StatedPlace, StatedTime
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.geo import Point, distance_m
from crowdship.proof.disposition import Disposition, DispositionInput, DispositionKind
from crowdship.proof.remarks import Remark, Remarkable, RemarkedStep
from crowdship.proof.uploads import Image, Upload
from crowdship.shipment.requirements import pin, temperature
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.shipment.requirements.registry import (
    Capture,
    Evidence,
    UnattendedCapture,
    evidence_of,
    kinds_of,
    refuse_missing,
)
from crowdship.shipment.requirements.requirement import Visit
from crowdship.shipment.stop_kind import StopKind

MOST_REPLACED = 20
"""The most replaced pictures of a delivery that are remembered."""


class DeliverInput(Capture, Remarkable):
    """The hand-over as the driver's app sends it.

    Parameters
    ----------
    device_at : datetime or None
        The time of the device's clock at the hand-over, unchecked; stored beside ours.
    position : Point or None
        The position of the device.
    """

    device_at: StatedTime = None
    position: StatedPlace = None


class Voucher(Value):
    """The member of staff who completed a delivery in its driver's stead, and the reason."""

    actor: str
    reason: CompletionReason


class ProofRecord(Aggregate, Evidence):
    """All proof of one delivery; its id is the delivery's. Once captured it never changes.

    Parameters
    ----------
    replaced : tuple of Image
        Checked pictures in whose place the driver sent newer ones.
    images : tuple of Image
        The pictures that count: those of the last step so far, and all of them once it is captured.
    remarks : tuple of Remark
        Remarks of drivers on the goods, without texts.
    earlier : int
        Number of records that it had before, of endings that its driver took back.
    custody : tuple of str
        The hash of each entry in the delivery's chain of custody, the first one first.
    disposition : Disposition or None
        What became of goods that were not delivered.
    captured_at : datetime or None
        When it was received, by our clock.
    device_at : datetime or None
        The time of the device's clock at the hand-over, unchecked.
    made_at : datetime or None
        The same moment by our clock, as far as the device's clock is known; None if it is impossible.
    """

    driver_id: str
    uploads: tuple[Upload, ...] = ()
    replaced: tuple[Image, ...] = ()
    captured_at: Moment | None = None
    device_at: Moment | None = None
    made_at: Moment | None = None
    position: Point | None = None
    distance_m: float | None = None
    images: tuple[Image, ...] = ()
    voucher: Voucher | None = None
    disposition: Disposition | None = None
    remarks: tuple[Remark, ...] = ()
    earlier: int = 0
    custody: tuple[str, ...] = ()

    def _still_open(self) -> None:
        if self.captured_at:
            raise Conflict("proof_captured", f"The proof was captured at {self.captured_at:%H:%M:%S} and is final.")

    def remarked(self, remark: Remark | None) -> Self:
        """Return the record with a remark, if there is one."""
        return self.with_changes(remarks=(*self.remarks, remark)) if remark else self

    def begun_anew(self, stop: StopKind) -> Self:
        """Return a new record in place of one whose ending was taken back at a stop.

        At the drop-off it begins with what was captured at the pickup.
        """
        anew = type(self)(id=self.id, driver_id=self.driver_id, earlier=self.earlier + 1, custody=self.custody)
        same = {"sequence": self.sequence, "stored_version": self.stored_version}
        if stop is StopKind.PICKUP:
            return anew.with_changes(**same)
        taken = tuple(image for image in self.images if image.kind is not ImageKind.PICKUP_PHOTO)
        return anew.with_changes(
            **same,
            replaced=(*self.replaced, *taken)[-MOST_REPLACED:],
            images=tuple(image for image in self.images if image.kind is ImageKind.PICKUP_PHOTO),
            uploads=tuple(upload for upload in self.uploads if upload.kind is ImageKind.PICKUP_PHOTO),
            scans=tuple(scan for scan in self.scans if scan.stop is StopKind.PICKUP),
            temperatures=tuple(one for one in self.temperatures if one.stop is StopKind.PICKUP),
            remarks=tuple(remark for remark in self.remarks if remark.step is RemarkedStep.PICK_UP),
            pin_failures=self.pin_failures,
        )

    def fail(
        self,
        delivery: Delivery,
        capture: UnattendedCapture,
        made_at: datetime | None,
        images: tuple[Image, ...],
        now: datetime,
        disposition: Disposition | None = None,
    ) -> Self:
        """Return the record of a hand-over that failed, with what was taken and measured there; it stays open."""
        self._still_open()
        visit = self._visit(delivery.next_stop, delivery, capture, made_at, now)
        measured = temperature.REQUIREMENT.keep(None, visit)
        return self.with_changes(images=images, disposition=disposition, **measured)

    def give_back(
        self,
        delivery: Delivery,
        capture: UnattendedCapture,
        made_at: datetime | None,
        now: datetime,
        disposition: DispositionInput | None,
    ) -> Self:
        """Return the record of goods that are back, with what was captured there; it stays open.

        Raises
        ------
        Unprocessable
            If something that is required there is missing; the message names it.
        """
        self._still_open()
        visit = self._visit(StopKind.RETURN, delivery, capture, made_at, now)
        back = disposition is None or disposition.kind is DispositionKind.RETURNED_TO_STORE
        if back:
            refuse_missing(visit.requirements, visit)
        kept = evidence_of(visit.requirements, visit) if back else {}
        return self.with_changes(**kept)

    def disposed(self, disposition: Disposition) -> Self:
        """Return the record with what became of the goods."""
        self._still_open()
        return self.with_changes(disposition=disposition)

    def announce(self, upload: Upload) -> Self:
        """Note that a picture will be uploaded; a newer one of the same kind replaces it."""
        self._still_open()
        others = tuple(known for known in self.uploads if known.kind is not upload.kind)
        before = (known.image for known in self.uploads if known.kind is upload.kind)
        replaced = (*self.replaced, *(image for image in before if image))[-MOST_REPLACED:]
        return self.with_changes(uploads=(*others, upload), replaced=replaced)

    def known_image(self, kind: ImageKind, sha256: str) -> Image | None:
        """Return the picture with a hash, if it arrived before as one of this kind.

        One that was replaced is known while there is a newer one, in whose place a late copy must not come.
        """
        checked = (image for upload in self.uploads if (image := upload.image))
        present = [image for image in (*checked, *self.images) if image.kind is kind]
        known = (*present, *(image for image in self.replaced if present and image.kind is kind))
        return next((image for image in known if image.sha256 == sha256), None)

    def check_pin(self, expected: str, given: str | None) -> Self:
        """Return the record with the PIN matched, or with one more failure.

        Raises
        ------
        Unprocessable
            If no PIN was given.
        Conflict
            After too many wrong ones.
        """
        return self.with_changes(**pin.attempt(self, expected, given))

    @property
    def pin_locked(self) -> bool:
        """True once so many PINs were wrong that the right one is no longer taken."""
        return self.pin_failures >= pin.MAX_PIN_ATTEMPTS

    def pick_up(
        self,
        delivery: Delivery,
        capture: UnattendedCapture,
        made_at: datetime | None,
        images: tuple[Image, ...],
        now: datetime,
    ) -> Self:
        """Return the record with what was captured at the pickup.

        Parameters
        ----------
        made_at : datetime or None
            When the device says it was made, by our clock as far as the device's is known.

        Raises
        ------
        Unprocessable
            If something that is required there is missing; the message names it.
        """
        self._still_open()
        visit = self._visit(StopKind.PICKUP, delivery, capture, made_at, now, images)
        refuse_missing(visit.requirements, visit)
        return self.with_changes(images=images, **evidence_of(visit.requirements, visit))

    def capture(
        self,
        delivery: Delivery,
        handed: DeliverInput,
        made_at: datetime | None,
        images: tuple[Image, ...],
        now: datetime,
    ) -> Self:
        """Return the final record, if it holds everything the delivery requires.

        Parameters
        ----------
        made_at : datetime or None
            When the device says it was made, by our clock as far as the device's is known.

        Raises
        ------
        Unprocessable
            If something is missing; the message names it.
        """
        self._still_open()
        visit = self._visit(StopKind.DROPOFF, delivery, handed, made_at, now, images)
        refuse_missing(visit.requirements, visit)
        return self._sealed(delivery, visit, handed.position, handed.device_at, images)

    def leave(
        self,
        delivery: Delivery,
        position: Point | None,
        device_at: datetime | None,
        made_at: datetime | None,
        capture: UnattendedCapture,
        images: tuple[Image, ...],
        now: datetime,
    ) -> Self:
        """Return the final record of goods that are left at the door.

        A photo of them there is always needed; so is what is required besides, except what needs a recipient.

        Raises
        ------
        Unprocessable
            If something is missing; the message names it.
        """
        self._still_open()
        visit = self._visit(StopKind.DROPOFF, delivery, capture, made_at, now, images)
        if ImageKind.PHOTO not in visit.pictures:
            raise Unprocessable("proof_missing", "Still missing: a photo of the goods at the door; then say it again.")
        refuse_missing(visit.requirements, visit, attended=False)
        return self._sealed(delivery, visit, position, device_at, images)

    def _visit(
        self,
        stop: StopKind,
        delivery: Delivery,
        capture: UnattendedCapture,
        made_at: datetime | None,
        now: datetime,
        images: tuple[Image, ...] = (),
    ) -> Visit:
        made = delivery.dated(made_at, now)
        return Visit(
            stop=stop,
            at=now,
            made_at=made,
            today=delivery.day_at(made or now),
            driver_id=self.driver_id,
            requirements=delivery.requirements_at(made or now),
            details=delivery,
            capture=capture,
            evidence=self,
            pictures=frozenset(image.kind for image in images),
        )

    def _sealed(
        self,
        delivery: Delivery,
        visit: Visit,
        position: Point | None,
        device_at: datetime | None,
        images: tuple[Image, ...],
    ) -> Self:
        return self.with_changes(
            captured_at=visit.at,
            device_at=device_at,
            made_at=visit.made_at,
            position=position,
            distance_m=round(distance_m(position, delivery.dropoff), 1) if position else None,
            images=images,
            **evidence_of(visit.requirements, visit),
        )

    def vouch(self, actor: str, reason: CompletionReason, images: tuple[Image, ...], now: datetime) -> Self:
        """Return the final record of a delivery that staff complete: with what there is, and their word."""
        self._still_open()
        voucher = Voucher(actor=actor, reason=reason)
        return self.with_changes(captured_at=now, images=images, voucher=voucher)

    def announced(self, now: datetime) -> Self:
        """Return the final record with the event that tells of it, which also repeats the end of its chain."""
        vouched = {"staff"} if self.voucher else set()
        kinds = sorted({str(image.kind) for image in self.images} | kinds_of(self) | vouched)
        proof_ids = [image.sha256 for image in self.images]
        custody = {"entries": len(self.custody), "sha256": self.custody[-1]}
        told = {"delivery_id": self.id, "driver_id": self.driver_id, "kinds": kinds, "proof_ids": proof_ids}
        return self.emitting("proof.captured", now, {**told, "custody": custody})
