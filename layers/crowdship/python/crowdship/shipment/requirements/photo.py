"""A photo of the goods where they were handed over or left."""

from crowdship.kernel.events import Value
from crowdship.shipment.requirements.picture import ImageKind, Picture


class Wish(Value):
    """Asks for a photo."""

    photo: bool = False


CONTENT_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})
"""Media types of every photo."""

REQUIREMENT = Picture(ImageKind.PHOTO, CONTENT_TYPES)
