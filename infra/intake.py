"""Intake: merchants' orders become deliveries."""

from constructs import Construct

from infra.api import Api
from infra.functions import Platform, RoomFunction


class Intake(Construct):
    """The merchants' API, and the webhook of shops that send orders by themselves."""

    def __init__(self, scope: Construct, platform: Platform, api: Api) -> None:
        super().__init__(scope, "Intake")
        deliveries = RoomFunction(
            self,
            platform,
            "intake/deliveries_api",
            reads=["merchants", "tracking", "zones"],
            writes=["deliveries", "vault", "idempotency", "routes", "dispatch"],
            environment={"API_URL": api.url},
        )
        deliveries.may_read_secret(platform.data.tracking_secret, "TRACKING_SECRET_ARN")

        shopify = RoomFunction(
            self,
            platform,
            "intake/shopify",
            reads=["merchants", "zones"],
            writes=["deliveries", "vault", "idempotency"],
        )
        shopify.may_read_merchant_secrets()
