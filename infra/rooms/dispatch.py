"""Dispatch: who gets an order."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue

SWEEP_MINUTES = 5
"""Zones that nobody looks after are searched for this often."""


class Dispatch(Construct):
    """Zones are woken, each plans by itself, drivers and dispatchers answer, routes get a better order."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Dispatch")
        wake = RoomFunction(self, platform, "events/wake", reads=["zones", "deliveries"], writes=["dispatch"])
        tick = RoomFunction(
            self,
            platform,
            "tasks/tick",
            maps=True,
            reads=["zones", "drivers", "tracking"],
            writes=["dispatch", "deliveries", "routes"],
            # Of a driver who is silent.
            only={"tracking": ("PutItem",)},
            timeout=60,
            memory=2048,
            # A tick schedules the next one for as long as something is open.
            calls_itself=True,
        )
        wakings = WorkQueue(self, platform, "wake", wake)
        # Who had nothing to do and gets somebody's route has to be watched from then on.
        platform.bus.tells(
            wakings, "delivery.created", "delivery.reopened", "delivery.ready", "delivery.reassigned", "driver.on_duty"
        )

        # One zone per message and call: a slow zone must not hold up, nor fail with, another.
        # A tick that died is taken up again as soon as its lease has run out, not minutes later.
        ticks = WorkQueue(self, platform, "ticks", tick, batch_size=1, most_at_once=50, visible_after=95)
        ticks.filled_by(wake, tick)
        self._sweep(platform, wake)

        resequence = RoomFunction(
            self,
            platform,
            "events/resequence",
            maps=True,
            reads=["drivers", "tracking", "zones"],
            writes=["deliveries", "routes"],
            timeout=30,
        )
        changes = WorkQueue(self, platform, "resequence", resequence)
        platform.bus.tells(
            changes,
            "delivery.assigned",
            "delivery.reassigned",
            "delivery.cancelled",
            "delivery.returning",
            "delivery.ready",
            "delivery.updated",
            # A driver who is late, or a street that is closed, may make another order the better one.
            "delivery.eta_changed",
        )

        polish = RoomFunction(
            self,
            platform,
            "events/polish",
            maps=True,
            reads=["drivers", "tracking", "zones"],
            writes=["deliveries", "routes"],
            only={"dispatch": ("UpdateItem",)},
            timeout=120,
            memory=1769,
            solver=True,
        )
        # Not what it moved itself, nor what a dispatcher moved: only new work, or new hands, start another round.
        polishings = WorkQueue(self, platform, "polish", polish, batch_size=5)
        platform.bus.tells(polishings, "delivery.assigned", "driver.on_duty")

        RoomFunction(
            self,
            platform,
            "driver/offers",
            maps=True,
            reads=["drivers", "zones", "tracking"],
            writes=["dispatch", "deliveries", "routes"],
        )
        RoomFunction(
            self,
            platform,
            "console/dispatch",
            maps=True,
            reads=["drivers", "zones", "tracking"],
            writes=["deliveries", "dispatch", "routes"],
            # It also plans a zone for who wants to know why.
            timeout=28,
            memory=1769,
        )
        # The one function that makes a caller wait for a solver: a day is planned for somebody who looks at it.
        RoomFunction(
            self,
            platform,
            "console/day_plans",
            maps=True,
            reads=["deliveries", "drivers", "tracking", "zones"],
            timeout=28,
            memory=3008,
            solver=True,
        )

    def _sweep(self, platform: Platform, wake: RoomFunction) -> None:
        # A rule and no schedule of the scheduler's, which would want a role of its own.
        sweep = events.Rule(
            self,
            "Sweep",
            description="Look again at zones whose message was lost",
            schedule=events.Schedule.rate(Duration.minutes(SWEEP_MINUTES)),
        )
        sweep.add_target(
            targets.LambdaFunction(
                wake.function,
                event=events.RuleTargetInput.from_object({"sweep": True}),
                dead_letter_queue=platform.bus.undeliverable,
                retry_attempts=0,  # one that did not start is made up for by the next
            )
        )
