"""Sandbox: test deliveries play their scripts."""

from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue


class Sandbox(Construct):
    """A step per message; it may touch deliveries and nothing else."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Sandbox")
        # A step asks for the next one, later, on the same queue.
        play = RoomFunction(self, platform, "tasks/sandbox", writes=["deliveries"], calls_itself=True)
        steps = WorkQueue(self, platform, "sandbox", play)
        steps.filled_by(play)
        platform.bus.tells(steps, "delivery.created", livemode=False)
