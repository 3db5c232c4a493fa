"""The registry of requirements: every module of this package is listed here once for each of the parts that it has."""

from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import PlainSerializer

from crowdship.kernel.errors import Unprocessable
from crowdship.shipment.options import Undeliverable
from crowdship.shipment.requirements import (
    affirmations,
    barcode,
    custody_scan,
    id_check,
    minimum_age,
    photo,
    pin,
    printed_name,
    recipient_relation,
    signature,
    skills,
    temperature,
)
from crowdship.shipment.requirements.requirement import Requirement, Visit
from crowdship.shipment.stop_kind import StopKind

REQUIREMENTS: tuple[Requirement[Any], ...] = (
    photo.REQUIREMENT,
    signature.REQUIREMENT,
    pin.REQUIREMENT,
    minimum_age.REQUIREMENT,
    skills.REQUIREMENT,
    barcode.REQUIREMENT,
    id_check.REQUIREMENT,
    affirmations.REQUIREMENT,
    printed_name.REQUIREMENT,
    recipient_relation.REQUIREMENT,
    temperature.REQUIREMENT,
    custody_scan.REQUIREMENT,
)
"""All requirements, in the order in which a driver is told what is missing."""


class Requirements(
    custody_scan.Wish,
    temperature.Wish,
    recipient_relation.Wish,
    printed_name.Wish,
    affirmations.Wish,
    id_check.Wish,
    barcode.Wish,
    skills.Wish,
    minimum_age.Wish,
    pin.Wish,
    signature.Wish,
    photo.Wish,
):
    """Requirements of a delivery: evidence of the hand-over, and skills of its driver."""

    def over(self, defaults: Self) -> Self:
        """Return these requirements completed: a field that was never set has the value of ``defaults``.

        Examples
        --------
        >>> completed = Requirements(pin=False).over(Requirements(pin=True, photo=True))
        >>> completed.photo, completed.pin
        (True, False)
        """
        return defaults.model_copy(update={name: value for name, value in self if name in self.model_fields_set})

    def with_demands(self, demands: Self) -> Self:
        """Return these requirements made as strict as others where those say something."""
        stricter = {
            requirement.name: requirement.stricter(_asked(self, requirement), _asked(demands, requirement))
            for requirement in REQUIREMENTS
            if requirement.name in demands.model_fields_set
        }
        return self.model_copy(update=stricter)


PartialRequirements = Annotated[
    Requirements, PlainSerializer(lambda partial: partial.model_dump(mode="json", exclude_unset=True))
]
"""Requirements of which only the fields that were set are stored, so that they can be told from those that were not."""


class OrderDetails(barcode.Details):
    """Fields that a merchant gives with an order because a requirement needs them."""


class OrderDetailsChange(barcode.DetailsChange):
    """The same fields in a change of an order; a field that is None stays as it is."""

    def details_of(self, order: OrderDetails) -> dict[str, Any] | None:
        """Return the details of an order as they are to be from then on, or None if nothing is said of them."""
        said = {name: value for name, value in self if name in OrderDetails.model_fields and value is not None}
        return {**details_of(order), **said} if said else None


class AppDetails(barcode.AppDetails):
    """Fields that a driver's app is told besides the requirements."""


def details_of(order: OrderDetails) -> dict[str, Any]:
    """Return the details of an order or a delivery, to hand them on to another one."""
    return {name: value for name, value in order if name in OrderDetails.model_fields}


class UnattendedCapture(temperature.Capture, barcode.Capture):
    """Fields that a driver's app sends without a recipient: at the pickup, and if goods are left at the door."""


class Capture(
    recipient_relation.Capture,
    printed_name.Capture,
    affirmations.Capture,
    id_check.Capture,
    UnattendedCapture,
    minimum_age.Capture,
    pin.Capture,
):
    """Fields that a driver's app sends with the hand-over to the customer."""


class Evidence(
    temperature.Evidence,
    recipient_relation.Evidence,
    printed_name.Evidence,
    affirmations.Evidence,
    id_check.Evidence,
    barcode.Evidence,
    minimum_age.Evidence,
    pin.Evidence,
):
    """Fields that are kept with the proof and shown to staff; pictures are kept beside them."""


def _asked(requirements: Requirements, requirement: Requirement[Any]) -> Any:
    return getattr(requirements, requirement.name)


def asked(requirements: Requirements) -> Iterator[tuple[Requirement[Any], Any]]:
    """Yield each requirement that is asked for, with the value of its field."""
    for requirement in REQUIREMENTS:
        if value := _asked(requirements, requirement):
            yield requirement, value


def app_details(requirements: Requirements, details: OrderDetails) -> dict[str, Any]:
    """Return the fields of ``AppDetails`` for an order."""
    told = (requirement.tell_app(details) for requirement, _ in asked(requirements))
    return {name: value for fields in told for name, value in fields.items()}


def refuse_unattended(requirements: Requirements, policy: Undeliverable, *, attended: bool = False) -> None:
    """Check that goods may be left at the door.

    Parameters
    ----------
    attended : bool
        Whether the law of the goods forbids it.

    Raises
    ------
    Unprocessable
        If the hand-over needs somebody who is there.
    """
    needs = [requirement.name for requirement, _ in asked(requirements) if requirement.needs_recipient]
    if policy is Undeliverable.LEAVE_AT_DOOR and attended and not needs:
        detail = "The law of these goods forbids to leave them at a door; choose return."
        raise Unprocessable("cannot_be_left", detail, "/undeliverable")
    if policy is Undeliverable.LEAVE_AT_DOOR and needs:
        detail = f"The hand-over asks for {', '.join(needs)}, so nothing can be left at the door; choose return."
        raise Unprocessable("cannot_be_left", detail, "/undeliverable")


def check_wishes(requirements: Requirements) -> None:
    """Check what an order asks for, with what the law adds to it.

    Raises
    ------
    Unprocessable
        If it can't be met, by the code of the requirement.
    """
    for requirement, value in asked(requirements):
        requirement.check_wish(value)


def check_order(requirements: Requirements, details: OrderDetails) -> None:
    """Check that an order gives what its requirements need.

    Raises
    ------
    Unprocessable
        If it does not, by the code of the requirement.
    """
    for requirement, _ in asked(requirements):
        requirement.check_order(details)


CONTINUED_BY = {StopKind.PICKUP: "pick up", StopKind.DROPOFF: "complete", StopKind.RETURN: "return"}


def refuse_missing(requirements: Requirements, visit: Visit, *, attended: bool = True) -> None:
    """Check that what is required at a stop was captured there.

    Parameters
    ----------
    attended : bool
        False where goods are left at the door: what needs a recipient is then not looked at.

    Raises
    ------
    Unprocessable
        ``proof_missing``, whose text names everything that is missing and whose pointers say where it is sent; or the
        code of a requirement for which something wrong was sent.
    """
    due = [(one, value) for one, value in asked(requirements) if visit.stop in one.stops]
    looked_at = [(one, value) for one, value in due if attended or not one.needs_recipient]
    gaps = [gap for one, value in looked_at if (gap := one.missing(value, visit))]
    if gaps:
        missing = ", ".join(gap.what for gap in gaps)
        detail = f"Still missing: {missing}; capture it, then {CONTINUED_BY.get(visit.stop, 'go on')}."
        pointed = [(gap.pointer, f"Still missing: {gap.what}.") for gap in gaps if gap.pointer]
        raise Unprocessable("proof_missing", detail, errors=pointed)


def evidence_of(requirements: Requirements, visit: Visit) -> dict[str, Any]:
    """Return the fields of the evidence that a successful visit changes."""
    kept = (one.keep(_asked(requirements, one), visit) for one in REQUIREMENTS if visit.stop in one.stops)
    return {name: value for fields in kept for name, value in fields.items()}


def kinds_of(evidence: Evidence) -> set[str]:
    """Return the names under which ``proof.captured`` lists the evidence."""
    return {kind for requirement in REQUIREMENTS if (kind := requirement.kind(evidence))}
