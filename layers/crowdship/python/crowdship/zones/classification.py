"""Guards of contractors' classification: what no setting and no record may ask of a crowd driver. Pure.

The names are those of the rules in the law's table (California: Business and Professions Code 7451, known as
Proposition 22). They are kept everywhere, also where no law says so, since a crowd driver is a contractor everywhere.
"""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value


class Guard(StrEnum):
    """Demands that may not be made on contractors, by the names of the law's rules."""

    NO_REQUIRED_HOURS = "no_required_hours"
    NO_REQUIRED_ACCEPTANCE = "no_required_acceptance"
    NO_EXCLUSIVITY = "no_exclusivity"


SENTENCES = {
    Guard.NO_REQUIRED_HOURS: "A contractor chooses their own hours; no shift and no number of hours may be required",
    Guard.NO_REQUIRED_ACCEPTANCE: (
        "A contractor may decline or ignore any offer; no acceptance may be required, and no refusal punished"
    ),
    Guard.NO_EXCLUSIVITY: "A contractor may work for others at any time; nobody may bind them to one company",
}
"""Each guard as a sentence, without its full stop."""


def refused(guard: Guard, instead: str, pointer: str) -> Unprocessable:
    """Return the refusal of a setting or record, under the guard's name.

    Parameters
    ----------
    instead : str
        What would be right, as a sentence.
    pointer : str
        JSON pointer of the field.
    """
    return Unprocessable(guard, f"{SENTENCES[guard]} (rule {guard}). {instead}", pointer)


INSTEAD = "Leave it at its default; only dedicated drivers, who are employees, have shifts."


class CrowdTerms(Value):
    """Terms that other operators ask of their contractors. Each value but that of a contractor is refused by name.

    Parameters
    ----------
    weekly_hours : float
        Hours of duty that a crowd driver has to reach in a week.
    acceptance_percent : float
        Share of offers that a crowd driver has to accept, percent.
    decline_pause_minutes : int
        Minutes for which a crowd driver who declined an offer is asked for nothing.
    exclusive : bool
        Whether a crowd driver may not work for others.
    """

    weekly_hours: float = Field(default=0.0, ge=0, le=168)
    acceptance_percent: float = Field(default=0.0, ge=0, le=100)
    decline_pause_minutes: int = Field(default=0, ge=0, le=1440)
    exclusive: bool = False

    def broken(self) -> dict[str, Guard]:
        """Return the guard that each field breaks, by the field's name."""
        guards = {
            "weekly_hours": Guard.NO_REQUIRED_HOURS,
            "acceptance_percent": Guard.NO_REQUIRED_ACCEPTANCE,
            "decline_pause_minutes": Guard.NO_REQUIRED_ACCEPTANCE,
            "exclusive": Guard.NO_EXCLUSIVITY,
        }
        return {name: guard for name, guard in guards.items() if getattr(self, name)}


def refuse_terms(terms: CrowdTerms, within: str, law: Mapping[Guard, str] | None = None) -> None:
    """Check that a zone's terms ask nothing of contractors.

    Parameters
    ----------
    within : str
        JSON pointer of the terms.
    law : mapping of Guard to str, optional
        The law that asks for a guard in the zone, as a part of a sentence.

    Raises
    ------
    Unprocessable
        With the name of the first guard that is broken as its code, and every field that breaks one.
    """
    broken = terms.broken()
    if not broken:
        return
    told = {guard: f"{guard}, {law[guard]}" if law and guard in law else str(guard) for guard in Guard}
    errors = [
        (f"{within}/{name}", f"{SENTENCES[guard]} (rule {told[guard]}). {INSTEAD}") for name, guard in broken.items()
    ]
    raise Unprocessable(next(iter(broken.values())), errors[0][1], errors=errors)
