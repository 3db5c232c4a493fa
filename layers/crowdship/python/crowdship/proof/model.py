"""Proof of a hand-over."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, WrapValidator

from crowdship.deliveries.model import Delivery
from crowdship.deliveries.states import CompletionReason
from crowdship.kernel.clock import Moment
from crowdship.kernel.devices import StatedPlace, StatedTime
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.geo import Point, distance_m
from crowdship.kernel.signatures import equal
from crowdship.shipment.requirements import Requirements
from crowdship.vault.model import LONGEST_NAME

MAX_PIN_ATTEMPTS = 5
MAX_BYTES = 5_000_000


class ImageKind(StrEnum):
    """A proof that is a picture."""

    PHOTO = "photo"
    SIGNATURE = "signature"


CONTENT_TYPES: dict[ImageKind, frozenset[str]] = {
    ImageKind.PHOTO: frozenset({"image/jpeg", "image/png", "image/webp"}),
    ImageKind.SIGNATURE: frozenset({"image/png", "image/webp"}),
}
"""Media types of each kind. SVG is a document that may hold scripts, and no decoder shows that it is drawn."""


class Upload(Value):
    """A picture that was announced; it counts once its object exists."""

    kind: ImageKind
    object_key: str
    content_type: str
    announced_at: Moment


class Image(Value):
    """A picture that was found in the bucket."""

    kind: ImageKind
    object_key: str
    sha256: str
    bytes: int


class AgeCheck(Value):
    """The driver's word that a document proves the age; the document itself is not kept."""

    document: Annotated[str, StringConstraints(pattern=r"^(passport|identity_card|driving_licence)$")]
    minimum_age_met: bool


def _name(value: Any, _: Any) -> str | None:
    """Return the name that a phone states, shortened if need be; what is none counts as left out."""
    return value.strip()[:LONGEST_NAME] or None if isinstance(value, str) else None


class DeliverInput(Value):
    """What the driver brings from the door.

    Parameters
    ----------
    device_at : datetime or None
        The device's clock at the hand-over, right or wrong; stored beside ours.
    position : Point or None
        Where the device was.
    received_by : str or None
        Who took the goods, if not the customer; kept in the vault.
    """

    device_at: StatedTime = None
    position: StatedPlace = None
    pin: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] | None = None
    age_check: AgeCheck | None = None
    received_by: Annotated[str | None, WrapValidator(_name, json_schema_input_type=str | None)] = None


class Voucher(Value):
    """Who on the staff completed a delivery in its driver's stead, and why."""

    actor: str
    reason: CompletionReason


class ProofRecord(Aggregate):
    """All proof of one delivery; its id is the delivery's. Once captured it never changes.

    Parameters
    ----------
    captured_at : datetime or None
        When it came in, by our clock.
    device_at : datetime or None
        What the device's clock said at the hand-over, right or wrong.
    made_at : datetime or None
        The same by our clock, as far as the device's is known; None if it can't be so.
    """

    driver_id: str
    uploads: tuple[Upload, ...] = ()
    pin_failures: int = 0
    captured_at: Moment | None = None
    device_at: Moment | None = None
    made_at: Moment | None = None
    position: Point | None = None
    distance_m: float | None = None
    images: tuple[Image, ...] = ()
    pin_matched: bool = False
    age_document: str | None = None
    voucher: Voucher | None = None

    def _still_open(self) -> None:
        if self.captured_at:
            raise Conflict("proof_captured", f"The proof was captured at {self.captured_at:%H:%M:%S} and is final.")

    def announce(self, upload: Upload) -> Self:
        """Note that a picture will be uploaded; a newer one of the same kind replaces it."""
        self._still_open()
        others = tuple(known for known in self.uploads if known.kind is not upload.kind)
        return self.with_changes(uploads=(*others, upload))

    def check_pin(self, expected: str, given: str | None) -> Self:
        """Return the record with the PIN matched, or with one more failure.

        Raises
        ------
        Unprocessable
            If no PIN was given.
        Conflict
            After too many wrong ones.
        """
        if self.pin_failures >= MAX_PIN_ATTEMPTS:
            raise Conflict("pin_locked", f"{MAX_PIN_ATTEMPTS} wrong PINs; staff can complete it by hand.")
        if given is None:
            raise Unprocessable("pin_required", "Ask the customer for the 4-digit PIN in their message.", "/pin")
        if equal(expected, given):
            return self.with_changes(pin_matched=True)
        return self.with_changes(pin_failures=self.pin_failures + 1)

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
        missing = _missing(delivery.requirements, {image.kind for image in images}, self.pin_matched, handed)
        if missing:
            raise Unprocessable("proof_missing", f"Still missing: {', '.join(missing)}; capture it, then complete.")
        away = round(distance_m(handed.position, delivery.dropoff), 1) if handed.position else None
        captured = self.with_changes(
            captured_at=now,
            device_at=handed.device_at,
            made_at=delivery.dated(made_at, now),
            position=handed.position,
            distance_m=away,
            images=images,
            age_document=handed.age_check.document if handed.age_check else None,
        )
        return captured._announced(now)

    def leave(
        self,
        delivery: Delivery,
        position: Point | None,
        device_at: datetime | None,
        made_at: datetime | None,
        images: tuple[Image, ...],
        now: datetime,
    ) -> Self:
        """Return the final record of what was left at the door: a photo of it there, whatever else was asked.

        Raises
        ------
        Unprocessable
            If there is no photo.
        """
        self._still_open()
        if ImageKind.PHOTO not in {image.kind for image in images}:
            raise Unprocessable("proof_missing", "Still missing: a photo of the goods at the door; then say it again.")
        away = round(distance_m(position, delivery.dropoff), 1) if position else None
        left = self.with_changes(
            captured_at=now,
            device_at=device_at,
            made_at=delivery.dated(made_at, now),
            position=position,
            distance_m=away,
            images=images,
        )
        return left._announced(now)

    def vouch(self, actor: str, reason: CompletionReason, images: tuple[Image, ...], now: datetime) -> Self:
        """Return the final record of a delivery that staff complete: with what there is, and their word."""
        self._still_open()
        voucher = Voucher(actor=actor, reason=reason)
        return self.with_changes(captured_at=now, images=images, voucher=voucher)._announced(now)

    def _announced(self, now: datetime) -> Self:
        parts = {"pin": self.pin_matched, "age": self.age_document, "staff": self.voucher}
        kinds = sorted({str(image.kind) for image in self.images} | {kind for kind, given in parts.items() if given})
        proof_ids = [image.sha256 for image in self.images]
        data = {"delivery_id": self.id, "driver_id": self.driver_id, "kinds": kinds, "proof_ids": proof_ids}
        return self.emitting("proof.captured", now, data)


def _missing(requirements: Requirements, images: set[ImageKind], pin_matched: bool, handed: DeliverInput) -> list[str]:
    missing = []
    if requirements.photo and ImageKind.PHOTO not in images:
        missing.append("photo")
    if requirements.signature and ImageKind.SIGNATURE not in images:
        missing.append("signature")
    if requirements.pin and not pin_matched:
        missing.append("pin")
    if requirements.minimum_age and not (handed.age_check and handed.age_check.minimum_age_met):
        missing.append(f"proof of age {requirements.minimum_age}")
    return missing


class UploadRequest(Value):
    """A picture that the driver is about to upload."""

    kind: ImageKind
    content_type: str = Field(examples=["image/jpeg"])

    def checked(self) -> Self:
        """Return this request if its content type is allowed for its kind."""
        allowed = CONTENT_TYPES[self.kind]
        if self.content_type not in allowed:
            raise Unprocessable(
                "content_type",
                f"{self.content_type} is no {self.kind}; use {sorted(allowed)}.",
                "/content_type",
            )
        return self
