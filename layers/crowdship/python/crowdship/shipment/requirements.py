"""Requirements of a hand-over: what it must capture, and what its driver must be able to do."""

from pydantic import Field

from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.shipment.options import Undeliverable
from crowdship.shipment.vehicles import Skills


class Requirements(Value):
    """What the hand-over to the customer must capture, and what its driver must be able to do."""

    photo: bool = False
    signature: bool = False
    pin: bool = False
    minimum_age: int | None = Field(default=None, ge=16, le=25)
    skills: Skills = ()


def refuse_unattended(requirements: Requirements, policy: Undeliverable) -> None:
    """Check that goods may be left at the door.

    Raises
    ------
    Unprocessable
        If the hand-over needs somebody who is there.
    """
    needs = {"pin": requirements.pin, "signature": requirements.signature, "minimum_age": requirements.minimum_age}
    asked = [name for name, needed in needs.items() if needed]
    if policy is Undeliverable.LEAVE_AT_DOOR and asked:
        detail = f"The hand-over asks for {', '.join(asked)}, so nothing can be left at the door; choose return."
        raise Unprocessable("cannot_be_left", detail, "/undeliverable")
