"""Grounds on which a person may lower a driver's standing. Pure.

Acceptance of offers, refusals, hours and exclusivity are no ground, and can't become one by a setting.
"""

from enum import StrEnum

from crowdship.drivers.standing import Level


class ConductGround(StrEnum):
    """Grounds of a decision, as a policy names them."""

    VIOLENCE_OR_THREAT = "violence_or_threat"
    UNSAFE_DRIVING = "unsafe_driving"
    IMPAIRMENT = "impairment"
    HARASSMENT = "harassment"
    THEFT = "theft"
    FRAUD = "fraud"
    FALSE_STEPS = "false_steps"
    ACCOUNT_SHARING = "account_sharing"
    FALSE_DOCUMENTS = "false_documents"
    BROKEN_CUSTODY = "broken_custody"
    PRIVACY_BREACH = "privacy_breach"
    OWN_LATENESS = "own_lateness"
    DROPPED_DELIVERIES = "dropped_deliveries"
    LOW_RATING = "low_rating"


GRAVE = frozenset(
    {
        ConductGround.VIOLENCE_OR_THREAT,
        ConductGround.UNSAFE_DRIVING,
        ConductGround.IMPAIRMENT,
        ConductGround.HARASSMENT,
        ConductGround.THEFT,
        ConductGround.FRAUD,
        ConductGround.FALSE_DOCUMENTS,
        ConductGround.BROKEN_CUSTODY,
    }
)
"""Grounds on which a decision may skip levels."""

DANGERS = frozenset(
    {
        ConductGround.VIOLENCE_OR_THREAT,
        ConductGround.UNSAFE_DRIVING,
        ConductGround.IMPAIRMENT,
        ConductGround.HARASSMENT,
        ConductGround.BROKEN_CUSTODY,
    }
)
"""Grounds of an emergency suspension: somebody's safety."""


def may_follow(now: Level, then: Level, ground: ConductGround) -> bool:
    """Return whether a level may follow another one by one decision: the next one, or any lower one if it is grave.

    Examples
    --------
    >>> [may_follow(Level.GOOD, level, ConductGround.LOW_RATING) for level in (Level.WARNING, Level.PROBATION)]
    [True, False]
    >>> may_follow(Level.GOOD, Level.DEACTIVATION, ConductGround.THEFT)
    True
    """
    return then.step > now.step and (ground in GRAVE or then.step == now.step + 1)
