"""Skills that the driver must have; they decide who is offered the order, and nothing is checked at its stops."""

from crowdship.kernel.events import Value
from crowdship.shipment.requirements.requirement import Requirement
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.vehicles import Skills


class Wish(Value):
    """Asks for skills by name; a zone lists those that its drivers may have."""

    skills: Skills = ()


class DriverSkills(Requirement[Skills]):
    """A driver who has all of them."""

    name = "skills"
    stops: frozenset[StopKind] = frozenset()

    def stricter(self, one: Skills, other: Skills) -> Skills:
        """Return all skills of both wishes, sorted."""
        return tuple(sorted({*one, *other}))


REQUIREMENT = DriverSkills()
