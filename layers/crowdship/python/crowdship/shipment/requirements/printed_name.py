"""The name of the person who takes the goods, in letters; it is kept in the vault and erased with the customer."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import WrapValidator

from crowdship.kernel.events import Value
from crowdship.shipment.requirements.requirement import Gap, Requirement, Visit

if TYPE_CHECKING:
    from crowdship.shipment.requirements import registry

LONGEST_NAME = 120
"""Characters; the vault keeps no longer names."""


def _name(value: Any, _: Any) -> str | None:
    """Return a name from a phone, cut to the vault's limit; anything but a text counts as left out."""
    return value.strip()[:LONGEST_NAME] or None if isinstance(value, str) else None


class Wish(Value):
    """Asks for the name."""

    printed_name: bool = False


class Capture(Value):
    """The name that the driver's app sends at the drop-off.

    Parameters
    ----------
    received_by : str or None
        The name of the person who took the goods, if not the customer; kept in the vault.
    """

    received_by: Annotated[str | None, WrapValidator(_name, json_schema_input_type=str | None)] = None


class Evidence(Value):
    """True if the name was given where it was asked for."""

    name_printed: bool = False


class PrintedName(Requirement[bool]):
    """The person who takes the goods gives their name."""

    name = "printed_name"
    needs_recipient = True

    def missing(self, asked: bool, visit: Visit) -> Gap | None:
        """Return the name if it was not given."""
        return None if _given(visit) else Gap("printed name of the recipient", "/received_by")

    def keep(self, asked: bool, visit: Visit) -> dict[str, Any]:
        """Return that the name was given, if it was asked for."""
        return {"name_printed": True} if asked and _given(visit) else {}

    def kind(self, evidence: "registry.Evidence") -> str | None:
        """Return ``name`` if it was given."""
        return "name" if evidence.name_printed else None


def _given(visit: Visit) -> str | None:
    return visit.capture.received_by if isinstance(visit.capture, Capture) else None


REQUIREMENT = PrintedName()
