"""Held pay: the positions of a driver's phone don't confirm a step on which the pay rests."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from crowdship.deliveries.states import State
from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value


class Doubt(StrEnum):
    """A reason why the positions of a phone don't confirm that its driver was at a stop."""

    FAR_FROM_STOP = "far_from_stop"
    NO_RECENT_POSITION = "no_recent_position"
    OFF_TRACK = "off_track"
    TRACK_JUMPED = "track_jumped"


class Verdict(StrEnum):
    """A person's decision about pay that was held."""

    RELEASED = "released"
    REFUSED = "refused"


class Ground(StrEnum):
    """The ground of a verdict."""

    CUSTOMER_CONFIRMS = "customer_confirms"
    SHOP_CONFIRMS = "shop_confirms"
    POSITIONS_CAME_LATER = "positions_came_later"
    PROOF_SUFFICES = "proof_suffices"
    CUSTOMER_CONTRADICTS = "customer_contradicts"
    SHOP_CONTRADICTS = "shop_contradicts"
    WAS_ELSEWHERE = "was_elsewhere"
    OTHER = "other"


GROUNDS: dict[Verdict, frozenset[Ground]] = {
    Verdict.RELEASED: frozenset(
        {
            Ground.CUSTOMER_CONFIRMS,
            Ground.SHOP_CONFIRMS,
            Ground.POSITIONS_CAME_LATER,
            Ground.PROOF_SUFFICES,
            Ground.OTHER,
        }
    ),
    Verdict.REFUSED: frozenset(
        {Ground.CUSTOMER_CONTRADICTS, Ground.SHOP_CONTRADICTS, Ground.WAS_ELSEWHERE, Ground.OTHER}
    ),
}
"""Grounds that may be given for each verdict."""


class Decision(Value):
    """A person's decision, and its ground."""

    verdict: Verdict
    ground: Ground
    actor: str
    at: Moment


RESTS_ON: dict[State, frozenset[State]] = {
    State.DELIVERED: frozenset({State.DELIVERED}),
    State.FAILED: frozenset({State.FAILED}),
    State.RETURNED: frozenset({State.FAILED, State.RETURNED}),
    State.CANCELLED: frozenset({State.ARRIVED_AT_PICKUP}),
}
"""The driver's steps that decide what is due, by the state in which a delivery closed."""


class Hold(Value):
    """A hold on pay: nothing is booked for a closed delivery until a person has decided.

    Parameters
    ----------
    doubts : dict
        The doubt about each doubtful step.
    since : datetime
        When it was closed.
    previous_state, reason : State, str or None
        The state before the end, and its reason; the event of the decision repeats both.
    decision : Decision or None
        None while the hold is undecided.
    """

    doubts: dict[State, Doubt]
    since: Moment
    previous_state: State
    reason: str | None = None
    decision: Decision | None = None

    @classmethod
    def of(
        cls, doubts: Mapping[State, Doubt], state: State, at: Moment, previous: State, reason: str | None
    ) -> Self | None:
        """Return the hold on a delivery that ends in a state, or None if no step that counts there is doubtful."""
        decisive = {step: doubt for step, doubt in doubts.items() if step in RESTS_ON.get(state, frozenset())}
        if not decisive:
            return None
        return cls(doubts=decisive, since=at, previous_state=previous, reason=reason)

    @property
    def is_open(self) -> bool:
        """True while nobody has decided."""
        return self.decision is None
