"""Intake: merchants' orders become deliveries."""

from aws_cdk import Aws
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.reference import arn

PLACES_PROVIDER = f"arn:{Aws.PARTITION}:geo-places:{Aws.REGION}::provider/default"
"""The provider of Amazon Location's geocoder, whose ARN has no account."""


class Intake(Construct):
    """The merchants' API, the webhooks of shops that send orders by themselves, and the erasure of personal data."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Intake")
        deliveries = RoomFunction(
            self,
            platform,
            "merchant/deliveries",
            maps=True,
            reads=["merchants", "tracking", "zones"],
            writes=["deliveries", "idempotency", "routes", "dispatch"],
            only={"vault": ("PutItem",), "intake": ("GetItem", "PutItem"), "drivers": ("Query",)},
            # A file of 500 orders, or a bulk of 100, is checked and stored while its sender waits.
            timeout=28,
            memory=1024,
            environment={"PAGES_URL": platform.pages_url},
        )
        # A function of its own, because it reads contacts: fields that a change leaves out stay as they are.
        changes = RoomFunction(
            self,
            platform,
            "merchant/changes",
            maps=True,
            reads=["merchants", "tracking", "zones", "drivers"],
            writes=["deliveries", "idempotency", "routes", "dispatch"],
            only={"vault": ("GetItem", "PutItem"), "intake": ("GetItem",)},
            environment={"PAGES_URL": platform.pages_url},
        )
        for function in (deliveries, changes):
            function.may_read_secret(platform.reference("TrackingSecretArn"), "TRACKING_SECRET_ARN")

        RoomFunction(
            self,
            platform,
            "merchant/quotes",
            maps=True,
            reads=["deliveries", "drivers", "merchants", "routes", "tracking", "zones"],
            writes=["idempotency"],
            only={"intake": ("GetItem", "PutItem")},
        )

        # Messages of shops, and merchants' retries of ignored messages, which need the same rights.
        sources = RoomFunction(
            self,
            platform,
            "merchant/sources",
            maps=True,
            # A cancellation's fee depends on the expected arrival, and so on the driver's position. A changed address
            # is sent to the driver, if their vehicle can serve it.
            reads=["drivers", "tracking", "zones"],
            # A cancellation by a shop withdraws the order from an offer or from a driver's route.
            writes=["deliveries", "idempotency", "dispatch", "routes"],
            # It reads the contacts of changed orders from the vault and stores ignored messages there. The list of
            # ignored messages, and quotes that a signed webhook uses, are in the intake's table.
            only={
                "vault": ("GetItem", "PutItem", "DeleteItem"),
                "merchants": ("GetItem", "PutItem"),
                "places": ("GetItem", "PutItem"),
                "intake": ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"),
                # The messages of a customer whom the shop asks to forget are erased.
                "contact": ("Query",),
            },
            environment={"GEOCODER": platform.settings.geocoder},
        )
        sources.may_read_merchant_secrets()
        if platform.settings.geocoder == "amazon":
            sources.may("geo-places:Geocode", on=[PLACES_PROVIDER])

        staff = RoomFunction(
            self,
            platform,
            "console/privacy",
            reads=["deliveries", "contact"],
            writes=["drivers"],
            # The shop's ignored messages are erased together with the contacts of a delivery.
            only={
                "vault": ("DeleteItem",),
                "intake": ("GetItem", "DeleteItem"),
                "notify": ("GetItem", "DeleteItem"),  # a driver's browsers
            },
            # A driver's comments and messages are erased one by one.
            timeout=28,
        )
        staff.tell("USER_POOL_ID", platform.reference("UserPoolId"))
        users = arn("cognito-idp", f"userpool/{platform.reference('UserPoolId')}")
        staff.may("cognito-idp:AdminDeleteUser", on=[users])
