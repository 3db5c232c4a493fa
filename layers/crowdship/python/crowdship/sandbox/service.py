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
"""SQS can't delay a message for longer."""


class Turn(Value):
    """A message of the sandbox's queue: which step of a test delivery is to be played, counted from 0."""

    delivery_id: str
    step: int = 0

    @classmethod
    def of(cls, message: dict[str, Any]) -> Self:
        """Return the turn in a message: the first one if it is the event that the delivery was created."""
        if "detail" in message:
            return cls(delivery_id=Sent.model_validate(message).detail.subject)
        return cls.model_validate(message)


def take(turn: Turn, clock: Clock) -> tuple[Turn, int] | None:
    """Play a step, unless it was played, and return the turn that follows and in how many seconds; None if none does.

    A message that comes again finds its step played. It then asks for the next one, as the first time may have died
    before that, unless that was played as well. The first message, that of the creation, plays nothing: it only waits.
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
        # Somebody has led it elsewhere by hand.
        logger.info("script ends here", delivery_id=turn.delivery_id, step=turn.step, detail=refusal.detail)
        return deliveries.get(turn.delivery_id).with_changes(sandbox=None)
