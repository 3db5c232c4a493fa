"""Inputs about standing: what staff and drivers send."""

from typing import Annotated

from pydantic import AfterValidator, Field

from crowdship.drivers.standing import Level
from crowdship.kernel.events import Value
from crowdship.kernel.ids import ClientId
from crowdship.standing.evidence import Reference
from crowdship.standing.grounds import ConductGround
from crowdship.standing.values import AppealOutcome
from crowdship.vault.model import MessageText


def _once(references: tuple[Reference, ...]) -> tuple[Reference, ...]:
    if len({(one.kind, one.id) for one in references}) < len(references):
        raise ValueError("name each piece of evidence once")
    return references


References = Annotated[tuple[Reference, ...], Field(min_length=1, max_length=100), AfterValidator(_once)]


class CaseInput(Value):
    """A new case about a driver.

    Parameters
    ----------
    request_id : str
        A UUID; the same again is the same case.
    note : str
        What happened, in words that the driver will read.
    """

    request_id: ClientId
    ground: ConductGround
    evidence: References
    note: MessageText


class SafetyStopInput(Value):
    """The words of an emergency suspension: what danger there is, which the driver will read."""

    reason: MessageText


class ConductDecisionInput(Value):
    """A decision on a case.

    Parameters
    ----------
    days : int or None
        For how long; a probation or suspension needs it, other levels have none.
    reasons : str
        The reasons that the driver gets.
    """

    level: Level
    days: int | None = Field(default=None, ge=1, le=180)
    reasons: MessageText


class DismissalInput(Value):
    """The reasons for which a case is dismissed."""

    reasons: MessageText


class AppealInput(Value):
    """A driver's appeal in their words."""

    words: MessageText


class AppealAnswerInput(Value):
    """The answer to an appeal."""

    outcome: AppealOutcome
    words: MessageText
