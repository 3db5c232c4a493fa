"""The relation of the person who takes the goods to the one they are for, such as a patient."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from crowdship.kernel.events import Value
from crowdship.shipment.requirements.requirement import Gap, Requirement, Visit

if TYPE_CHECKING:
    from crowdship.shipment.requirements import registry


class Relation(StrEnum):
    """Relations to the person whom the goods are for."""

    SELF = "self"
    FAMILY = "family"
    CAREGIVER = "caregiver"
    FACILITY_STAFF = "facility_staff"
    NEIGHBOUR = "neighbour"
    OTHER = "other"


class Wish(Value):
    """Asks for the relation."""

    recipient_relation: bool = False


class Capture(Value):
    """The relation that the driver's app sends at the drop-off."""

    relation: Relation | None = None


class Evidence(Value):
    """The relation that is kept."""

    relation: Relation | None = None


class RecipientRelation(Requirement[bool]):
    """The person who takes the goods says what they are to the person whom the goods are for."""

    name = "recipient_relation"
    needs_recipient = True

    def missing(self, asked: bool, visit: Visit) -> Gap | None:
        """Return the relation if it was not given."""
        return None if _given(visit) else Gap("relation of the recipient", "/relation")

    def keep(self, asked: bool, visit: Visit) -> dict[str, Any]:
        """Return the relation, only where it was asked for."""
        given = _given(visit)
        return {"relation": given} if asked and given else {}

    def kind(self, evidence: "registry.Evidence") -> str | None:
        """Return ``relation`` if it was given."""
        return "relation" if evidence.relation else None


def _given(visit: Visit) -> Relation | None:
    return visit.capture.relation if isinstance(visit.capture, Capture) else None


REQUIREMENT = RecipientRelation()
