"""Proof as staff see it."""

from collections.abc import Callable
from typing import Self

from pydantic import Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.proof.model import Image, ProofRecord, Voucher
from crowdship.proof.remarks import RemarkView
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.shipment.requirements.registry import Evidence
from crowdship.vault.model import DriverNotes


class ImageView(Value):
    """A picture, under a link that ends after five minutes."""

    kind: ImageKind
    sha256: str
    bytes: int
    url: str


class PictureKept(Value):
    """A picture that arrived whole and was decoded."""

    kind: ImageKind
    sha256: str
    bytes: int


class ProofView(Evidence, json_schema_serialization_defaults_required=True):
    """All proof of a delivery; ``captured_at`` is null until the hand-over."""

    delivery_id: str
    driver_id: str
    captured_at: Moment | None
    device_at: Moment | None = Field(description="By the device's clock, unchecked")
    made_at: Moment | None = Field(description="The same by our clock, as far as the device's is known")
    position: Point | None
    distance_m: float | None = Field(description="Metres from the driver's device to the drop-off")
    received_by: str | None
    voucher: Voucher | None
    images: tuple[ImageView, ...]
    remarks: tuple[RemarkView, ...] = Field(description="What drivers said of the goods")
    earlier: tuple["ProofView", ...] = Field(
        default=(), description="The proof of each ending that its driver took back, the first one first"
    )

    @classmethod
    def of(
        cls,
        record: ProofRecord,
        received_by: str | None,
        link: Callable[[Image], str],
        notes: DriverNotes | None = None,
    ) -> Self:
        """Return the view of a record."""
        images = tuple(
            ImageView(kind=image.kind, sha256=image.sha256, bytes=image.bytes, url=link(image))
            for image in record.images
        )
        return cls(
            delivery_id=record.id,
            driver_id=record.driver_id,
            captured_at=record.captured_at,
            device_at=record.device_at,
            made_at=record.made_at,
            position=record.position,
            distance_m=record.distance_m,
            received_by=received_by,
            voucher=record.voucher,
            images=images,
            remarks=tuple(RemarkView.of(remark, notes) for remark in record.remarks),
            **record.model_dump(include=set(Evidence.model_fields)),
        )
