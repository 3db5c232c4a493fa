"""Intake: merchants' orders become deliveries."""

from aws_cdk import Aws
from constructs import Construct

from infra.api import Api
from infra.functions import Platform, RoomFunction
from infra.identity import Identity

PLACES_PROVIDER = f"arn:{Aws.PARTITION}:geo-places:{Aws.REGION}::provider/default"
"""Amazon Location's places: they belong to no account."""


class Intake(Construct):
    """The merchants' API, the webhooks of shops that send orders by themselves, and how people are forgotten."""

    def __init__(self, scope: Construct, platform: Platform, identity: Identity, api: Api) -> None:
        super().__init__(scope, "Intake")
        deliveries = RoomFunction(
            self,
            platform,
            "intake/deliveries_api",
            maps=True,
            reads=["merchants", "tracking", "zones"],
            writes=["deliveries", "idempotency", "routes", "dispatch"],
            only={"vault": ("PutItem",), "intake": ("GetItem", "PutItem"), "drivers": ("Query",)},
            # A file of 500 orders, or a bulk of 100, is checked and stored while its sender waits.
            timeout=28,
            memory=1024,
            environment={"API_URL": api.url},
        )
        # Apart from the above, because it reads people: what a merchant leaves of a contact stays as it is.
        changes = RoomFunction(
            self,
            platform,
            "intake/changes_api",
            maps=True,
            reads=["merchants", "tracking", "zones", "drivers"],
            writes=["deliveries", "idempotency", "routes", "dispatch"],
            only={"vault": ("GetItem", "PutItem"), "intake": ("GetItem",)},
            environment={"API_URL": api.url},
        )
        for function in (deliveries, changes):
            function.may_read_secret(platform.data.tracking_secret, "TRACKING_SECRET_ARN")

        RoomFunction(
            self,
            platform,
            "intake/quotes_api",
            maps=True,
            reads=["deliveries", "drivers", "merchants", "routes", "tracking", "zones"],
            writes=["idempotency"],
            only={"intake": ("GetItem", "PutItem")},
        )

        sources = RoomFunction(
            self,
            platform,
            "intake/sources_api",
            maps=True,
            # What calling off costs depends on when it would have arrived: on where its driver is.
            reads=["merchants", "tracking", "zones"],
            # A shop that calls an order off takes it out of an offer, or off a driver's route.
            writes=["deliveries", "idempotency", "dispatch", "routes"],
            # A signed webhook is any order: it may take up a quote, or have goods for a merchant's own drivers only.
            only={
                "vault": ("PutItem", "DeleteItem"),
                "merchants": ("PutItem",),
                "places": ("GetItem", "PutItem"),
                "intake": ("GetItem", "PutItem"),
                "drivers": ("Query",),
            },
            environment={"GEOCODER": platform.settings.geocoder},
        )
        sources.may_read_merchant_secrets()
        if platform.settings.geocoder == "amazon":
            sources.may("geo-places:Geocode", on=[PLACES_PROVIDER])

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
