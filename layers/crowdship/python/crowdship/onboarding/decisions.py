"""Bodies that staff send when they decide about an application."""

from enum import StrEnum

from pydantic import Field

from crowdship.kernel.events import Value
from crowdship.onboarding.application import ChosenReason
from crowdship.vault.applicants import StatementText


class ScreeningVerdict(StrEnum):
    """Decisions about a report."""

    GO_ON = "go_on"
    ADVERSE = "adverse"


class ScreeningDecision(Value):
    """A person's decision about a report that stands against an applicant."""

    verdict: ScreeningVerdict
    assessment: StatementText | None = Field(
        default=None,
        description="How the record was assessed: its gravity, its age, and what it has to do with driving. "
        "Needed for a decision against the applicant, who is told of it",
    )


class DisputeOutcome(StrEnum):
    """Outcomes of a dispute: the report stands, or it was wrong."""

    UPHELD = "upheld"
    CORRECTED = "corrected"


class DisputeDecision(Value):
    """The outcome of a dispute."""

    outcome: DisputeOutcome


class RefusalInput(Value):
    """The reason for which an application is refused."""

    reason: ChosenReason
