"""Values of a case: what happened, what it waits for, and what people decided. Pure."""

from enum import StrEnum

from crowdship.drivers.standing import Level
from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.standing.terms import Terms

SYSTEM = "system"
"""The opener of a proposal. The system opens cases and decides none."""

WARNING_DAYS = 180
"""Days after which a warning no longer counts."""

LONGEST_DAYS = {Level.PROBATION: 180, Level.SUSPENSION: 90}
"""The most days of a level that has an end."""


class Change(StrEnum):
    """Changes of a driver's standing, as ``standing.changed`` tells them."""

    SUSPENDED_FOR_SAFETY = "suspended_for_safety"
    DECIDED = "decided"
    DISMISSED = "dismissed"
    EFFECTIVE = "effective"
    LAPSED = "lapsed"
    ENDED = "ended"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class CaseWait(StrEnum):
    """Acts of people that a case may wait for."""

    PROPOSAL = "proposal"
    DECISION = "decision"
    REVIEW = "review"
    APPEAL = "appeal"


class AppealOutcome(StrEnum):
    """Outcomes of an appeal."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"


class SafetyStop(Value):
    """An emergency suspension by a person, and the moment by which another look at it is due."""

    at: Moment
    by: str
    review_by: Moment
    lapsed_at: Moment | None = None


class ConductDecision(Value):
    """A person's decision.

    Parameters
    ----------
    served_at : datetime
        When it was made, and the notice was served.
    effective_on : date or None
        First day without work where the driver works; None if the level does not bar.
    until : date or None
        Day from which the level no longer counts.
    policy_id, policy_digest : str
        The version of the policy that was in force then.
    appeal_until : datetime
        Until when the driver may appeal.
    """

    level: Level
    previous: Level
    served_at: Moment
    by: str
    effective_on: Day | None = None
    until: Day | None = None
    policy_id: str
    policy_digest: str
    terms: Terms
    appeal_until: Moment
    effective_at: Moment | None = None
    ended_at: Moment | None = None


class Appeal(Value):
    """A driver's appeal and its answer; the person who answers is not the one who decided."""

    made_at: Moment
    answer_by: Moment
    outcome: AppealOutcome | None = None
    answered_at: Moment | None = None
    answered_by: str | None = None
    overdue_at: Moment | None = None


class Dismissal(Value):
    """The end of a case without a decision, by a person."""

    at: Moment
    by: str
