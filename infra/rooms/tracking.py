"""Tracking: drivers' positions, the customers' tracking page, and traffic as it is learned from drivers."""

from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue

BATCH_WAIT_S = 60
"""Seconds for which observations are collected, because each write stores everything that is learned of a zone."""


class Tracking(Construct):
    """Functions that receive drivers' positions, learn from them, and serve tracking pages and their customers."""

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
        observations = WorkQueue(
            self, platform, "observations", learn, batch_size=100, most_at_once=2, wait=BATCH_WAIT_S
        )
        platform.bus.tells(
            observations,
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
            reads=["deliveries", "merchants", "tracking", "routes", "drivers", "vault", "zones", "contact", "proof"],
        )
        # A function of its own, so that the page itself can write nothing.
        actions = RoomFunction(
            self,
            platform,
            "customer/actions",
            reads=["merchants"],
            writes=["deliveries"],
            # Texts of a customer are stored on the condition that they are not erased.
            only={"vault": ("GetItem", "PutItem", "DeleteItem", "ConditionCheckItem")},
        )
        page.tell("RELAY_PROVIDER", platform.settings.relay)
        for function in (page, actions):
            function.may_read_secret(platform.reference("TrackingSecretArn"), "TRACKING_SECRET_ARN")
