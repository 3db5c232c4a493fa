"""Tariffs: staff upload price tables, try them on past deliveries, approve them, and look after surge."""

from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue


class Tariffs(Construct):
    """The calls of staff about prices, and the pages of simulations."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Tariffs")
        staff = RoomFunction(self, platform, "console/prices", reads=["merchants", "zones"], writes=["tariffs"])
        simulate = RoomFunction(
            self,
            platform,
            "tasks/simulate",
            reads=["deliveries", "zones"],
            writes=["tariffs"],
            timeout=60,
            memory=1024,
            # Each page of a simulation sends the message for the next page.
            calls_itself=True,
        )
        simulations = WorkQueue(self, platform, "simulations", simulate, batch_size=1, most_at_once=2)
        simulations.filled_by(staff, simulate)
