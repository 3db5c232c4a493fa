"""Tracking: where the drivers are, what a customer may see of it, and what is learned of streets from it."""

from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue

BATCH_WAIT_S = 60
"""Seconds for which lessons are collected: each write stores all that was learned of a zone, so they share one."""


class Tracking(Construct):
    """Positions come in from drivers' phones and go out to tracking pages."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Tracking")
        RoomFunction(
            self,
            platform,
            "driver/positions",
            maps=True,
            reads=["zones"],
            writes=["tracking", "deliveries", "routes"],
        )
        learn = RoomFunction(
            self,
            platform,
            "events/learn",
            maps=True,
            reads=["deliveries", "drivers", "tracking", "zones"],
            only={"traffic": ("GetItem", "PutItem")},
            timeout=60,
            memory=1024,
        )
        lessons = WorkQueue(self, platform, "lessons", learn, batch_size=100, most_at_once=2, wait=BATCH_WAIT_S)
        platform.bus.tells(
            lessons,
            "delivery.arrived_at_pickup",
            "delivery.picked_up",
            "delivery.arrived_at_dropoff",
            "delivery.delivered",
            "tracking.left_stop",
        )
        RoomFunction(self, platform, "console/traffic", reads=["zones"], writes=["traffic"])
        page = RoomFunction(
            self,
            platform,
            "customer/tracking",
            maps=True,
            reads=["deliveries", "merchants", "tracking", "routes", "drivers", "vault", "zones"],
        )
        page.may_read_secret(platform.reference("TrackingSecretArn"), "TRACKING_SECRET_ARN")
