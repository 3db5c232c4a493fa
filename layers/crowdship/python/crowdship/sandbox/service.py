"""The use case of the sandbox: play the next step of a test delivery, once."""

from datetime import timedelta
from math import ceil
from typing import Any, Self

from crowdship.adapters.bus import Sent
from crowdship.adapters.observability import logger
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.model import Delivery
from crowdship.kernel.clock import Clock
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Value
from crowdship.sandbox.model import next_move, play

MAX_DELAY_S = 900
"""The longest delay of a message in SQS, seconds."""


class Turn(Value):
    """A message of the sandbox's queue: the step of a test delivery to play. Step 0 plays nothing."""

    delivery_id: str
    step: int = 0

    @classmethod
    def of(cls, message: dict[str, Any]) -> Self:
        """Return the turn in a message; the event of a delivery's creation is turn 0."""
        if "detail" in message:
            return cls(delivery_id=Sent.model_validate(message).detail.subject)
        return cls.model_validate(message)


def take(turn: Turn, clock: Clock) -> tuple[Turn, int] | None:
    """Play a step unless it was played, and return the next turn with its delay in seconds; None if no turn follows.

    A repeated message finds its step played. The function then returns the next turn all the same, as the first call
    may have failed before sending it, unless that turn was played as well. The first message, that of the creation,
    plays nothing and only leads to the first step after a delay.
    """
    played = _played(turn, clock)
    if played.sandbox is None or played.sandbox.steps_done > turn.step or next_move(played) is None:
        return None
    wait = clock.wall_seconds(timedelta(seconds=played.sandbox.step_seconds))
    return Turn(delivery_id=turn.delivery_id, step=turn.step + 1), min(MAX_DELAY_S, ceil(wait))


def _played(turn: Turn, clock: Clock) -> Delivery:
    def decide(delivery: Delivery) -> Delivery:
        due = delivery.sandbox is not None and delivery.sandbox.steps_done == turn.step - 1
        return play(delivery, clock.now()) if due else delivery

    try:
        return deliveries.change(turn.delivery_id, decide)
    except Conflict as refusal:
        # A person has changed the delivery by hand, so that the script's step no longer fits.
        logger.info("script ends here", delivery_id=turn.delivery_id, step=turn.step, detail=refusal.detail)
        return deliveries.get(turn.delivery_id).with_changes(sandbox=None)
