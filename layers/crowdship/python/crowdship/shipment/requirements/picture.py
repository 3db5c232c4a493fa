"""Pictures as proof: the rules that a photo and a signature share."""

from enum import StrEnum

from crowdship.shipment.requirements.requirement import Gap, Requirement, Visit


class ImageKind(StrEnum):
    """A proof that is a picture: required ones by the requirement's name, and those of a pickup and of a failure."""

    PHOTO = "photo"
    SIGNATURE = "signature"
    PICKUP_PHOTO = "pickup_photo"
    FAILURE_PHOTO = "failure_photo"


class Picture(Requirement[bool]):
    """A picture that the driver's app uploads by ``POST .../proofs`` before it finishes the stop.

    Parameters
    ----------
    kind : ImageKind
        The kind, which also names the requirement.
    content_types : frozenset of str
        Media types that are accepted.
    needs_recipient : bool
        True if somebody has to be there for it.
    """

    def __init__(self, kind: ImageKind, content_types: frozenset[str], *, needs_recipient: bool = False) -> None:
        self.name = str(kind)
        self.image_kind = kind
        self.content_types = content_types
        self.needs_recipient = needs_recipient

    def missing(self, asked: bool, visit: Visit) -> Gap | None:
        """Return the picture if it did not arrive."""
        return None if self.name in visit.pictures else Gap(self.name)
