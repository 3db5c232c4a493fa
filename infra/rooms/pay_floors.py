"""Pay floors: engaged work is noted, and what is short of the least that law lets drivers earn is paid."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue

LOOKING_MINUTES = 15
"""Minutes between two looks for pay periods that are due to be reckoned."""


class PayFloors(Construct):
    """A consumer of events, a schedule that finds what is due, and a queue with a message for each driver's period."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "PayFloors")
        engage = RoomFunction(
            self,
            platform,
            "events/engage",
            reads=["deliveries", "drivers", "zones", "tracking"],
            writes=["pay_floors"],
        )
        platform.bus.tells(
            WorkQueue(self, platform, "engagements", engage),
            "delivery.delivered",
            "delivery.returned",
            "delivery.failed",
            "delivery.cancelled",
            "delivery.expired",
            "delivery.corrected",
            "delivery.handed_over",
            "delivery.pay_released",
            "delivery.pay_refused",
            "driver.on_duty",
            "driver.off_duty",
        )
        reckon = RoomFunction(self, platform, "tasks/reckon_floor", writes=["pay_floors"], timeout=30)
        floors = WorkQueue(self, platform, "floors", reckon)
        find = RoomFunction(self, platform, "tasks/pay_floors", writes=["pay_floors"], timeout=300)
        floors.filled_by(find)
        rule = events.Rule(
            self,
            "Looking",
            description="Reckon pay periods that are over, and those of which something was told later",
            schedule=events.Schedule.rate(Duration.minutes(LOOKING_MINUTES)),
        )
        rule.add_target(
            targets.LambdaFunction(
                find.function,
                dead_letter_queue=platform.bus.undeliverable,
                retry_attempts=0,  # a missed one is made up for by the next
            )
        )
        RoomFunction(self, platform, "console/pay_floors", reads=["pay_floors"])
