"""A minimum age of the recipient, proven by a document that the driver looks at."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import Field

from crowdship.kernel.events import Value
from crowdship.shipment.requirements.requirement import Gap, Requirement, Visit

if TYPE_CHECKING:
    from crowdship.shipment.requirements import registry


class DocumentType(StrEnum):
    """Kinds of documents that prove an age."""

    PASSPORT = "passport"
    IDENTITY_CARD = "identity_card"
    DRIVING_LICENCE = "driving_licence"


class AgeCheck(Value):
    """The driver's word that a document proves the age; the document itself is not kept."""

    document: DocumentType
    minimum_age_met: bool


class Wish(Value):
    """Asks for an age in years."""

    minimum_age: int | None = Field(default=None, ge=16, le=25)


class Capture(Value):
    """The age check that the driver's app sends at the drop-off."""

    age_check: AgeCheck | None = None


class Evidence(Value):
    """The kind of document that is kept."""

    age_document: DocumentType | None = None


class MinimumAge(Requirement[int | None]):
    """Somebody of the age takes the goods; the older of two wishes counts."""

    name = "minimum_age"
    needs_recipient = True

    def stricter(self, one: int | None, other: int | None) -> int | None:
        """Return the higher age."""
        return max(one or 0, other or 0) or None

    def missing(self, asked: int | None, visit: Visit) -> Gap | None:
        """Return the proof of age if the driver did not confirm it; a document that has to be read proves it itself."""
        if visit.requirements.id_check:
            return None
        check = _check(visit)
        return None if check and check.minimum_age_met else Gap(f"proof of age {asked}", "/age_check")

    def keep(self, asked: int | None, visit: Visit) -> dict[str, Any]:
        """Return the kind of document, also where no age was asked for."""
        check = _check(visit)
        return {"age_document": check.document} if check else {}

    def kind(self, evidence: "registry.Evidence") -> str | None:
        """Return ``age`` if a document was shown."""
        return "age" if evidence.age_document else None


def _check(visit: Visit) -> AgeCheck | None:
    return visit.capture.age_check if isinstance(visit.capture, Capture) else None


REQUIREMENT = MinimumAge()
