"""A PIN that the customer gets in a message and tells the driver at the door; the vault keeps the right one."""

import secrets
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import StringConstraints

from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.kernel.events import Value
from crowdship.kernel.signatures import equal
from crowdship.shipment.requirements.requirement import Gap, Requirement, Visit

if TYPE_CHECKING:
    from crowdship.shipment.requirements import registry

MAX_PIN_ATTEMPTS = 5


class Wish(Value):
    """Asks for the PIN."""

    pin: bool = False


class Capture(Value):
    """The PIN that the driver's app sends at the drop-off."""

    pin: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] | None = None


class Evidence(Value):
    """The count of wrong PINs, and whether the right one was given."""

    pin_failures: int = 0
    pin_matched: bool = False


class Pin(Requirement[bool]):
    """The customer proves by the PIN who they are; wrong ones are counted before the proof is checked."""

    name = "pin"
    needs_recipient = True

    def missing(self, asked: bool, visit: Visit) -> Gap | None:
        """Return the PIN if it has not been matched."""
        return None if visit.evidence.pin_matched else Gap("pin", "/pin")

    def kind(self, evidence: "registry.Evidence") -> str | None:
        """Return ``pin`` if it was matched."""
        return "pin" if evidence.pin_matched else None


def new_pin(wish: Wish) -> str | None:
    """Return a new PIN of four digits for the customer, or None if none is asked for."""
    return f"{secrets.randbelow(10_000):04d}" if wish.pin else None


def attempt(evidence: Evidence, expected: str, given: str | None) -> dict[str, Any]:
    """Return the fields of the evidence that an attempt changes: matched, or one more failure.

    Raises
    ------
    Unprocessable
        If no PIN was given.
    Conflict
        After ``MAX_PIN_ATTEMPTS`` wrong ones.
    """
    if evidence.pin_failures >= MAX_PIN_ATTEMPTS:
        raise Conflict("pin_locked", f"{MAX_PIN_ATTEMPTS} wrong PINs; staff can complete it by hand.")
    if given is None:
        raise Unprocessable("pin_required", "Ask the customer for the 4-digit PIN in their message.", "/pin")
    if equal(expected, given):
        return {"pin_matched": True}
    return {"pin_failures": evidence.pin_failures + 1}


REQUIREMENT = Pin()
