"""Standing: people decide on drivers' conduct, and time makes their decisions effective."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform

SWEEP_MINUTES = 10

WORDS = {"vault": ("PutItem",)}
"""The words about a case are kept in the vault; ``console/privacy`` alone deletes them."""


class Standing(Construct):
    """Functions for staff and drivers, and a sweep over what is due."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Standing")
        RoomFunction(
            self,
            platform,
            "console/standing",
            reads=["vault", "zones"],
            # A driver who is stopped has their deliveries taken that they have not fetched.
            writes=["deliveries", "drivers", "routes", "standing"],
            only=WORDS,
        )
        RoomFunction(
            self,
            platform,
            "driver/performance",
            reads=["drivers", "vault", "zones"],
            writes=["standing"],
            only=WORDS,
        )
        sweep = RoomFunction(
            self, platform, "tasks/standing", writes=["deliveries", "drivers", "routes", "standing"], timeout=60
        )
        rule = events.Rule(
            self,
            "Sweep",
            description="Make decisions about drivers effective, end them, remind of appeals",
            schedule=events.Schedule.rate(Duration.minutes(SWEEP_MINUTES)),
        )
        rule.add_target(
            targets.LambdaFunction(
                sweep.function,
                dead_letter_queue=platform.bus.undeliverable,
                retry_attempts=0,  # a missed sweep is made up for by the next
            )
        )
