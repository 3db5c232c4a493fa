"""Intake: merchants' orders become deliveries."""

from aws_cdk import Aws
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.reference import arn

PLACES_PROVIDER = f"arn:{Aws.PARTITION}:geo-places:{Aws.REGION}::provider/default"
"""Amazon Location's places: they belong to no account."""


class Intake(Construct):
    """The merchants' API, the webhooks of shops that send orders by themselves, and how people are forgotten."""

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
        # Apart from the above, because it reads people: what a merchant leaves of a contact stays as it is.
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

        # Messages of shops, and their merchants' second try of one: that takes the same rights.
        sources = RoomFunction(
            self,
            platform,
            "merchant/sources",
            maps=True,
            # What calling off costs depends on when it would have arrived: on where its driver is. A changed address
            # goes to the driver, if their vehicle can take it.
            reads=["drivers", "tracking", "zones"],
            # A shop that calls an order off takes it out of an offer, or off a driver's route.
            writes=["deliveries", "idempotency", "dispatch", "routes"],
            # The people of an order that is changed are read, and what can't be done is kept in the vault. The list of
            # what was ignored, and quotes that a signed webhook takes up, are in the intake's table.
            only={
                "vault": ("GetItem", "PutItem", "DeleteItem"),
                "merchants": ("GetItem", "PutItem"),
                "places": ("GetItem", "PutItem"),
                "intake": ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"),
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
            reads=["deliveries"],
            writes=["drivers"],
            # With the people of a delivery goes what its shop sent in vain.
            only={"vault": ("DeleteItem",), "intake": ("GetItem", "DeleteItem")},
        )
        staff.tell("USER_POOL_ID", platform.reference("UserPoolId"))
        users = arn("cognito-idp", f"userpool/{platform.reference('UserPoolId')}")
        staff.may("cognito-idp:AdminDeleteUser", on=[users])
