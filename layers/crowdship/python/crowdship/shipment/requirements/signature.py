"""The recipient's signature."""

from crowdship.kernel.events import Value
from crowdship.shipment.requirements.picture import ImageKind, Picture


class Wish(Value):
    """Asks for a signature."""

    signature: bool = False


# SVG is left out: it is a document that may hold scripts, and no decoder shows that it is drawn.
REQUIREMENT = Picture(ImageKind.SIGNATURE, frozenset({"image/png", "image/webp"}), needs_recipient=True)
