"""Extra pay: incentives and blocks of drivers, counted from events and settled by the clock."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue

CLOSING_MINUTES = 5
"""Minutes between two looks for incentives and blocks whose time is over."""


class ExtraPay(Construct):
    """Staff make incentives and blocks, drivers join and book, and what they earn by them is counted."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "ExtraPay")
        RoomFunction(self, platform, "console/extra_pay", reads=["zones"], writes=["incentives", "blocks"])
        # Orders are counted in an index of the deliveries.
        RoomFunction(
            self,
            platform,
            "driver/extra_pay",
            reads=["drivers", "zones", "deliveries"],
            writes=["incentives", "blocks"],
        )
        reward = RoomFunction(
            self, platform, "events/reward", reads=["deliveries", "drivers", "zones"], writes=["incentives", "tariffs"]
        )
        platform.bus.tells(
            WorkQueue(self, platform, "rewards", reward),
            "offer.accepted",
            "delivery.delivered",
            "delivery.returned",
            "delivery.failed",
            "delivery.cancelled",
            "delivery.corrected",
            "delivery.pay_released",
            "delivery.pay_refused",
            "driver.on_duty",
            "driver.off_duty",
        )
        close = RoomFunction(
            self,
            platform,
            "tasks/close_extra_pay",
            reads=["deliveries", "drivers"],
            writes=["incentives", "blocks"],
            timeout=120,
        )
        rule = events.Rule(
            self,
            "Closing",
            description="Settle incentives and blocks whose time is over",
            schedule=events.Schedule.rate(Duration.minutes(CLOSING_MINUTES)),
        )
        rule.add_target(
            targets.LambdaFunction(
                close.function,
                dead_letter_queue=platform.bus.undeliverable,
                retry_attempts=0,  # a missed one is made up for by the next
            )
        )
