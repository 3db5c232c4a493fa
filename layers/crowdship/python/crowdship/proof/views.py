"""Proof as staff see it, and its verification as staff and merchants see it."""

from collections.abc import Callable
from typing import Self

from pydantic import Field

from crowdship.deliveries.holds import Doubt
from crowdship.deliveries.views import outward_actor
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.kernel.geo import Point
from crowdship.proof.custody import CustodyStep, Entry, FaultKind
from crowdship.proof.disposition import DispositionView
from crowdship.proof.model import ProofRecord, Voucher
from crowdship.proof.remarks import RemarkView
from crowdship.proof.uploads import Image, Taken
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.shipment.requirements.registry import Evidence
from crowdship.vault.model import DriverNotes


class ImageView(Value):
    """A picture, under a link that ends after five minutes.

    Parameters
    ----------
    sha256, bytes : str and int
        Hash and size of the picture as the phone sent it. The link shows it upright, without what the phone wrote into
        it.
    taken : Taken or None
        What the phone wrote into it, unchecked.
    """

    kind: ImageKind
    sha256: str
    bytes: int
    taken: Taken | None
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
    disposition: DispositionView | None = Field(description="What became of goods that were not delivered")
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
            ImageView(kind=image.kind, sha256=image.sha256, bytes=image.bytes, taken=image.taken, url=link(image))
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
            disposition=DispositionView.of(record.disposition, notes) if record.disposition else None,
            remarks=tuple(RemarkView.of(remark, notes) for remark in record.remarks),
            **record.model_dump(include=set(Evidence.model_fields)),
        )


class EntryView(Value):
    """An entry of the chain of custody, without places.

    Parameters
    ----------
    at : datetime
        When the step came in, by our clock.
    said_at : datetime or None
        When it was made by the phone's clock, unchecked.
    made_at : datetime or None
        The same by our clock, as far as the phone's is known.
    distance_m : float or None
        Metres from the place that the phone stated to the stop.
    doubt : Doubt or None
        Why the positions that the phone sent before don't confirm that it was there; null if they do.
    pictures : tuple of str
        The hashes of the pictures as the phone sent them.
    sha256 : str
        The hash of the entry, which the next one repeats.
    """

    number: int
    step: CustodyStep
    actor: str
    reason: str | None
    at: Moment
    said_at: Moment | None
    made_at: Moment | None
    distance_m: float | None
    doubt: Doubt | None
    pictures: tuple[str, ...]
    sha256: str

    @classmethod
    def of(cls, entry: Entry, sha256: str) -> Self:
        """Return the view of an entry under the hash that the proof lists."""
        same = entry.model_dump(include=set(cls.model_fields))
        return cls(**same, pictures=tuple(image.sha256 for image in entry.images), sha256=sha256)


class FaultView(Value):
    """Something that is wrong with a proof; ``entry`` is null if it concerns the proof as a whole."""

    kind: FaultKind
    entry: int | None
    detail: str


class Verification(Value):
    """The result of a verification.

    Parameters
    ----------
    intact : bool
        True if nothing is wrong.
    sha256 : str or None
        The hash of the last entry. Who keeps it can tell later that the whole chain was written anew.
    pictures : int
        Number of different pictures in the chain.
    erased : bool
        True if the people of the delivery were erased, or its pictures have been kept for as long as they are: one
        that is gone is no fault then.
    objects_gone : int
        Number of objects of pictures that are not in the bucket.
    """

    delivery_id: str
    intact: bool
    verified_at: Moment
    sha256: str | None
    entries: tuple[EntryView, ...]
    pictures: int
    erased: bool
    objects_gone: int
    faults: tuple[FaultView, ...]

    def for_merchants(self) -> Self:
        """Return it without the sign-in names of staff."""
        entries = (entry.model_copy(update={"actor": outward_actor(entry.actor)}) for entry in self.entries)
        return self.model_copy(update={"entries": tuple(entries)})
