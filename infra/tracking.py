"""Tracking: where the drivers are, and what a customer may see of it."""

from constructs import Construct

from infra.functions import Platform, RoomFunction


class Tracking(Construct):
    """Positions come in from drivers' phones and go out to tracking pages."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Tracking")
        RoomFunction(
            self,
            platform,
            "tracking/positions_api",
            reads=["routes", "zones"],
            writes=["tracking", "deliveries"],
        )
        page = RoomFunction(
            self,
            platform,
            "tracking/track_api",
            maps=True,
            reads=["deliveries", "merchants", "tracking", "routes", "drivers", "vault", "zones"],
        )
        page.may_read_secret(platform.data.tracking_secret, "TRACKING_SECRET_ARN")
