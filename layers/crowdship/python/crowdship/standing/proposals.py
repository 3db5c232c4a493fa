"""Proposals: what in a driver's measures is worth a look by people. A proposal changes nothing. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from crowdship.drivers.measures import LATE_S
from crowdship.performance.facts import Fact
from crowdship.performance.scorecard import CARRIED, DROPPED
from crowdship.standing.case import Case
from crowdship.standing.grounds import ConductGround

ENOUGH = 20
"""Deliveries from which a share says something."""

LATE_SHARE, DROPPED_SHARE = 0.3, 0.2
CONTRADICTED = 2
"""Deliveries of which a person found that the driver was not where they said."""

QUIET_FOR = timedelta(days=30)
"""Time after a case in which no other one on its ground is proposed."""


class Proposal(NamedTuple):
    """A ground, and the deliveries that speak for it."""

    ground: ConductGround
    delivery_ids: tuple[str, ...]


def worth_a_look(facts: Sequence[Fact]) -> list[Proposal]:
    """Return what some facts of a driver speak for; acceptance and ratings speak for nothing."""
    contradicted = [one for one in facts if one.contradicted]
    late = [one for one in facts if one.lateness.driver >= LATE_S]
    dropped = [one for one in facts if one.outcome in DROPPED]
    carried = sum(one.outcome in CARRIED for one in facts)
    found = []
    if len(contradicted) >= CONTRADICTED:
        found.append(Proposal(ConductGround.FALSE_STEPS, _ids(contradicted)))
    if carried >= ENOUGH and len(late) >= LATE_SHARE * carried:
        found.append(Proposal(ConductGround.OWN_LATENESS, _ids(late)))
    if len(facts) >= ENOUGH and len(dropped) >= DROPPED_SHARE * len(facts):
        found.append(Proposal(ConductGround.DROPPED_DELIVERIES, _ids(dropped)))
    return found


def is_known(proposal: Proposal, cases: Sequence[Case], now: datetime) -> bool:
    """Return whether people have, or lately had, a case on the ground of a proposal."""
    same = [case for case in cases if case.ground is proposal.ground]
    return any(not case.is_closed or now - case.opened_at < QUIET_FOR for case in same)


def _ids(facts: Sequence[Fact]) -> tuple[str, ...]:
    return tuple(one.delivery_id for one in facts)
