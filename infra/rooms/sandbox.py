"""Sandbox: test deliveries play their scripts."""

from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue


class Sandbox(Construct):
    """A function that plays one step per message, with rights on deliveries only."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Sandbox")
        # Each step sends a delayed message for the next one to the same queue.
        play = RoomFunction(self, platform, "tasks/sandbox", writes=["deliveries"], calls_itself=True)
        steps = WorkQueue(self, platform, "sandbox", play)
        steps.filled_by(play)
        platform.bus.tells(steps, "delivery.created", livemode=False)
