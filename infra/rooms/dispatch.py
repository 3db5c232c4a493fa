"""Dispatch: the search for the driver of each order."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue

SWEEP_MINUTES = 5
"""Minutes between two sweeps for zones with open orders and no tick."""


class Dispatch(Construct):
    """Functions that start a zone's ticks, plan rounds, serve drivers and dispatchers, and improve routes."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Dispatch")
        # Its sweep also announces the surges that have ended.
        wake = RoomFunction(
            self, platform, "events/wake", reads=["zones", "deliveries"], writes=["dispatch", "tariffs"]
        )
        tick = RoomFunction(
            self,
            platform,
            "tasks/tick",
            maps=True,
            reads=["zones", "drivers", "tracking"],
            # It also measures the surge of its zone.
            writes=["dispatch", "deliveries", "routes", "tariffs"],
            # For alerts about silent drivers.
            only={"tracking": ("PutItem",)},
            timeout=60,
            memory=2048,
            # A tick sends the next one as long as orders are open.
            calls_itself=True,
        )
        wakings = WorkQueue(self, platform, "wake", wake)
        # An idle driver who takes over a route has to be watched from then on.
        platform.bus.tells(
            wakings, "delivery.created", "delivery.reopened", "delivery.ready", "delivery.reassigned", "driver.on_duty"
        )

        # One zone per message and call, so that a slow or failing zone does not affect another. A tick that died is
        # repeated as soon as its lease has run out.
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
            "delivery.corrected",
            "delivery.ready",
            "delivery.updated",
            # If a driver is late or a street is closed, another order of the stops may be better.
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
        # Moves by the exchange itself or by a dispatcher do not start it again; new work and new drivers do.
        polishings = WorkQueue(self, platform, "polish", polish, batch_size=5)
        platform.bus.tells(polishings, "delivery.assigned", "driver.on_duty")

        RoomFunction(
            self,
            platform,
            "driver/offers",
            maps=True,
            reads=["drivers", "incentives", "zones", "tracking"],
            writes=["dispatch", "deliveries", "routes"],
        )
        staff = RoomFunction(
            self,
            platform,
            "console/dispatch",
            maps=True,
            reads=["drivers", "zones", "tracking"],
            writes=["deliveries", "dispatch", "routes", "tariffs"],
            # For alerts about silent drivers, as a round by hand is a tick's.
            only={"tracking": ("PutItem",)},
            # It also plans a round without writing, to explain its decisions.
            timeout=28,
            memory=1769,
        )
        ticks.filled_by(staff)
        RoomFunction(
            self,
            platform,
            "console/map",
            maps=True,
            reads=["contact", "deliveries", "drivers", "merchants", "routes", "tracking", "zones"],
            # Names of drivers, many at once.
            only={"vault": ("BatchGetItem",)},
            memory=1769,
        )
        RoomFunction(
            self,
            platform,
            "console/search",
            reads=["deliveries", "drivers"],
            only={"vault": ("Query", "BatchGetItem")},
        )
        # A dispatcher waits for the answer of this function while the solver plans a day.
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
        # A rule is used instead of EventBridge Scheduler, which would need another role.
        sweep = events.Rule(
            self,
            "Sweep",
            description="Start ticks of zones whose message was lost, and announce surges that have ended",
            schedule=events.Schedule.rate(Duration.minutes(SWEEP_MINUTES)),
        )
        sweep.add_target(
            targets.LambdaFunction(
                wake.function,
                event=events.RuleTargetInput.from_object({"sweep": True}),
                dead_letter_queue=platform.bus.undeliverable,
                retry_attempts=0,  # a missed sweep is made up for by the next
            )
        )
