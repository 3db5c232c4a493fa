"""Claims: merchants and staff open them, drivers answer, people, the fault matrix and time decide."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform

SWEEP_MINUTES = 10

WORDS = {"vault": ("PutItem",)}
"""The words about a claim are kept in the vault; an erasure alone deletes them."""


class Claims(Construct):
    """Functions for merchants, staff and drivers, and a sweep over what is due."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Claims")
        facts = ["deliveries", "proof", "vault", "zones"]
        RoomFunction(self, platform, "merchant/claims", reads=[*facts, "merchants"], writes=["claims"], only=WORDS)
        RoomFunction(self, platform, "console/claims", reads=facts, writes=["claims"], only=WORDS)
        about = ["deliveries", "vault", "zones"]
        RoomFunction(self, platform, "driver/claims", reads=about, writes=["claims"], only=WORDS)
        sweep = RoomFunction(
            self, platform, "tasks/claims", reads=["deliveries", "zones"], writes=["claims"], timeout=60
        )
        rule = events.Rule(
            self,
            "Sweep",
            description="Let time decide claims that nobody decided",
            schedule=events.Schedule.rate(Duration.minutes(SWEEP_MINUTES)),
        )
        rule.add_target(
            targets.LambdaFunction(
                sweep.function,
                dead_letter_queue=platform.bus.undeliverable,
                retry_attempts=0,  # a missed sweep is made up for by the next
            )
        )
