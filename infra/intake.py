"""Intake: merchants' orders become deliveries."""

from constructs import Construct

from infra.api import Api
from infra.functions import Platform, RoomFunction
from infra.identity import Identity


class Intake(Construct):
    """The merchants' API, the webhook of shops that send orders by themselves, and how people are forgotten."""

    def __init__(self, scope: Construct, platform: Platform, identity: Identity, api: Api) -> None:
        super().__init__(scope, "Intake")
        deliveries = RoomFunction(
            self,
            platform,
            "intake/deliveries_api",
            maps=True,
            reads=["merchants", "tracking", "zones"],
            writes=["deliveries", "idempotency", "routes", "dispatch"],
            only={"vault": ("PutItem",)},
            environment={"API_URL": api.url},
        )
        deliveries.may_read_secret(platform.data.tracking_secret, "TRACKING_SECRET_ARN")

        shopify = RoomFunction(
            self,
            platform,
            "intake/shopify",
            maps=True,
            reads=["merchants", "zones"],
            writes=["deliveries", "idempotency"],
            only={"vault": ("PutItem", "DeleteItem"), "merchants": ("PutItem",)},
        )
        shopify.may_read_merchant_secrets()

        staff = RoomFunction(
            self,
            platform,
            "intake/staff_api",
            reads=["deliveries"],
            writes=["drivers"],
            only={"vault": ("DeleteItem",)},
        )
        staff.tell("USER_POOL_ID", identity.pool.user_pool_id)
        staff.may("cognito-idp:AdminDeleteUser", on=[identity.pool.user_pool_arn])
