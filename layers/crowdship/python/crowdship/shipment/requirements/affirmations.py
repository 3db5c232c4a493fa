"""Affirmations: sentences that the driver affirms at the hand-over, such as that the recipient is not intoxicated."""

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value
from crowdship.shipment.requirements.requirement import Gap, Requirement, Visit

if TYPE_CHECKING:
    from crowdship.shipment.requirements import registry


def _sorted_once(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


Affirmation = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
"""The name of a sentence: ``not_intoxicated``, ``valid_id_seen``, ``of_age``, ``is_addressee``."""

MOST = 10
"""The most affirmations of an order, those that the law adds included."""

MOST_READ = 30
"""The most of a record or of a hand-over, as the law of its day may ask for more than the order had."""

Affirmations = Annotated[tuple[Affirmation, ...], Field(max_length=MOST_READ), AfterValidator(_sorted_once)]


class Wish(Value):
    """Asks for affirmations by name."""

    affirmations: Affirmations = ()


class Capture(Value):
    """The affirmations that the driver's app sends at the drop-off."""

    affirmed: Affirmations = ()


class Evidence(Value):
    """The affirmations that are kept."""

    affirmed: Affirmations = ()


class Affirming(Requirement[Affirmations]):
    """The driver affirms all of them, each by itself."""

    name = "affirmations"
    needs_recipient = True

    def stricter(self, one: Affirmations, other: Affirmations) -> Affirmations:
        """Return all of both wishes, sorted."""
        return tuple(sorted({*one, *other}))

    def check_wish(self, asked: Affirmations) -> None:
        """Check that there are not too many to read out at a door.

        Raises
        ------
        Unprocessable
            ``too_many_affirmations``, if there are.
        """
        if len(asked) > MOST:
            detail = f"{len(asked)} affirmations with those of the law; name so few that all are {MOST} at most."
            raise Unprocessable("too_many_affirmations", detail, "/requirements/affirmations")

    def missing(self, asked: Affirmations, visit: Visit) -> Gap | None:
        """Return the affirmations that were not made."""
        left = sorted(set(asked) - set(_affirmed(visit)))
        return Gap(f"affirmation of {', '.join(left)}", "/affirmed") if left else None

    def keep(self, asked: Affirmations, visit: Visit) -> dict[str, Any]:
        """Return the affirmations that were asked for."""
        return {"affirmed": tuple(sorted(set(asked) & set(_affirmed(visit))))} if asked else {}

    def kind(self, evidence: "registry.Evidence") -> str | None:
        """Return ``affirmation`` if one was made."""
        return "affirmation" if evidence.affirmed else None


def _affirmed(visit: Visit) -> tuple[str, ...]:
    return visit.capture.affirmed if isinstance(visit.capture, Capture) else ()


REQUIREMENT = Affirming()
