"""Routing: in which order a driver's stops are best visited."""

from constructs import Construct

from infra.bus import Bus
from infra.functions import Platform, RoomFunction
from infra.queues import WorkQueue


class Routing(Construct):
    """A driver's route is put in order again whenever its deliveries change."""

    def __init__(self, scope: Construct, platform: Platform, bus: Bus) -> None:
        super().__init__(scope, "Routing")
        resequence = RoomFunction(
            self,
            platform,
            "routing/resequence",
            reads=["deliveries", "drivers", "tracking", "zones"],
            writes=["routes"],
            solver=True,
            timeout=30,
            memory=1769,
        )
        changes = WorkQueue(self, platform, "resequence", resequence)
        bus.tells(changes, "delivery.assigned", "delivery.cancelled", "delivery.returning")
