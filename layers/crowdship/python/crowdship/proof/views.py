"""What drivers send and get at their stops, and what staff see of it."""

from collections.abc import Callable
from typing import Any, Self

from pydantic import Field

from crowdship.deliveries.states import CompletionReason, FailureReason, StopKind
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.proof.model import Image, ImageKind, ProofRecord, Voucher


class StepInput(Value):
    """A step on the way; the device's clock may tell another time than ours, both are kept.

    A time that can't be is left out, and the step counts as made when it came in: more than two minutes ahead or before
    the step that it follows, or more than two days ago.
    """

    device_at: Moment | None = None


class StopInput(StepInput):
    """A step towards a stop, which is named: a copy that comes late is not taken for the next one."""

    stop: StopKind


class FailInput(Value):
    """Why a hand-over did not happen, and where the device was then."""

    reason: FailureReason
    position: Point
    device_at: Moment | None = None


class FailByHandInput(Value):
    """Why staff end a delivery without a hand-over."""

    reason: FailureReason


class CompleteByHandInput(Value):
    """Why staff complete a delivery in its driver's stead.

    Parameters
    ----------
    driver_id : str or None
        Who brought goods that were to change hands, and is paid for it; left out otherwise.
    """

    reason: CompletionReason
    driver_id: str | None = None


class UploadForm(Value):
    """Where and with which form fields to POST a picture."""

    kind: ImageKind
    url: str
    fields: dict[str, Any]


class ImageView(Value):
    """A picture, under a link that ends after five minutes."""

    kind: ImageKind
    sha256: str
    bytes: int
    url: str


class ProofView(Value):
    """All proof of a delivery; not captured yet while ``captured_at`` is null."""

    delivery_id: str
    driver_id: str
    captured_at: Moment | None
    device_at: Moment | None
    position: Point | None
    distance_m: float | None = Field(description="How far from the drop-off the driver's device was")
    pin_matched: bool
    pin_failures: int
    age_document: str | None
    received_by: str | None
    voucher: Voucher | None
    images: tuple[ImageView, ...]

    @classmethod
    def of(cls, record: ProofRecord, received_by: str | None, link: Callable[[Image], str]) -> Self:
        """Return the view of a record."""
        images = tuple(
            ImageView(kind=image.kind, sha256=image.sha256, bytes=image.bytes, url=link(image))
            for image in record.images
        )
        same = {name: getattr(record, name) for name in cls.model_fields.keys() & ProofRecord.model_fields.keys()}
        return cls(**{**same, "delivery_id": record.id, "received_by": received_by, "images": images})
