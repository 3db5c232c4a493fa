"""A photo of the goods where they were handed over or left."""

from crowdship.kernel.events import Value
from crowdship.shipment.requirements.picture import ImageKind, Picture


class Wish(Value):
    """Asks for a photo."""

    photo: bool = False


REQUIREMENT = Picture(ImageKind.PHOTO, frozenset({"image/jpeg", "image/png", "image/webp"}))
