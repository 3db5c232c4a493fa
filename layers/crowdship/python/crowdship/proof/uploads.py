"""Pictures on their way into the bucket, and in it."""

from pydantic import Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.shipment.requirements import photo
from crowdship.shipment.requirements.picture import ImageKind, Picture
from crowdship.shipment.requirements.registry import REQUIREMENTS

MAX_BYTES = 5_000_000

MAX_SENT_BYTES = 3_000_000
"""The most bytes of a picture that is sent through a function, whose input holds 6 MB in base64."""

CONTENT_TYPES = {
    ImageKind.PICKUP_PHOTO: photo.CONTENT_TYPES,
    ImageKind.FAILURE_PHOTO: photo.CONTENT_TYPES,
    **{one.image_kind: one.content_types for one in REQUIREMENTS if isinstance(one, Picture)},
}
"""Media types of each kind of picture."""


class StoredObject(Value):
    """A version of an object in the bucket, and the hash of its bytes; other bytes can't come in its place."""

    key: str
    version_id: str
    sha256: str
    bytes: int


class Taken(Value):
    """The statement of a phone, in a picture, about its taking; nobody has checked it.

    Parameters
    ----------
    at : str or None
        By the phone's clock, in ISO 8601; with an offset if the phone wrote one.
    camera : str or None
        Maker and model.
    distance_m : int or None
        Metres from the place that the phone wrote down to the stop. The place itself is in the original only, and goes
        with it.
    """

    at: str | None = None
    camera: str | None = None
    distance_m: int | None = None


class Image(Value):
    """A picture in the bucket.

    Parameters
    ----------
    original : StoredObject
        The picture as the phone sent it.
    shown : StoredObject
        The picture as people see it: upright, and without what the phone wrote into it.
    taken : Taken or None
        What the phone wrote into it.
    """

    kind: ImageKind
    original: StoredObject
    shown: StoredObject
    taken: Taken | None = None

    @property
    def sha256(self) -> str:
        """The hash of the picture as the phone sent it."""
        return self.original.sha256

    @property
    def bytes(self) -> int:
        """The size of the picture as the phone sent it."""
        return self.original.bytes


class Upload(Value):
    """A picture on its way into the bucket.

    Parameters
    ----------
    image : Image or None
        The picture, if it was checked on arrival. None if it was only announced: it becomes proof once its object
        exists.
    """

    kind: ImageKind
    object_key: str
    content_type: str
    announced_at: Moment
    image: Image | None = None


class UploadRequest(Value):
    """A picture that the driver is about to upload."""

    kind: ImageKind
    content_type: str = Field(examples=["image/jpeg"])

    def checked(self) -> "UploadRequest":
        """Return this request if its content type is allowed for its kind."""
        allowed = CONTENT_TYPES[self.kind]
        if self.content_type not in allowed:
            raise Unprocessable(
                "content_type",
                f"{self.content_type} is no {self.kind}; use {sorted(allowed)}.",
                "/content_type",
            )
        return self
