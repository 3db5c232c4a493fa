"""Intake: merchants' orders become deliveries."""

from aws_cdk import Aws, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform
from infra.parts.reference import arn

RETENTION_MINUTES = 15

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
            reads=["merchants", "tariffs", "tracking", "zones"],
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
            reads=["merchants", "tariffs", "tracking", "zones", "drivers"],
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
            reads=["deliveries", "drivers", "merchants", "routes", "tariffs", "tracking", "zones"],
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
            reads=["drivers", "tariffs", "tracking", "zones"],
            # A cancellation by a shop withdraws the order from an offer or from a driver's route.
            writes=["deliveries", "idempotency", "dispatch", "routes"],
            # It reads the contacts of changed orders from the vault and stores ignored messages there. The list of
            # ignored messages, and quotes that a signed webhook uses, are in the intake's table.
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
            reads=["claims", "contact", "data_rights", "standing"],
            writes=["drivers", "deliveries", "documents"],
            # The shop's ignored messages are erased together with the contacts of a delivery.
            only={
                # The name says under which words a driver is found; a tax form gets its end.
                "vault": ("GetItem", "BatchGetItem", "PutItem", "DeleteItem"),
                "intake": ("GetItem", "PutItem", "DeleteItem"),
                "onboarding": ("GetItem", "PutItem", "DeleteItem"),
                "notify": ("GetItem", "DeleteItem"),  # a driver's browsers
                "tracking": ("DeleteItem",),  # a driver's newest position
            },
            # A driver's comments and messages are erased one by one.
            timeout=28,
        )
        self._may_erase_pictures(platform, staff)
        self._may_erase_documents(platform, staff)
        exports = platform.reference("ExportsBucket")
        staff.tell("EXPORTS_BUCKET", exports)
        staff.may("s3:DeleteObject", on=[f"arn:{Aws.PARTITION}:s3:::{exports}/*"])
        accept_wildcard(staff, f"arn:{Aws.PARTITION}:s3:::{exports}/*", "Exports come and go without a deployment")
        self._retention(platform)
        staff.tell("USER_POOL_ID", platform.reference("UserPoolId"))
        users = arn("cognito-idp", f"userpool/{platform.reference('UserPoolId')}")
        staff.may("cognito-idp:AdminDeleteUser", on=[users])

    def _retention(self, platform: Platform) -> None:
        """Add the task that carries out erasures which waited, and keeps on what a hold needs."""
        task = RoomFunction(
            self,
            platform,
            "tasks/retention",
            reads=["contact", "zones"],
            writes=["deliveries"],
            only={
                "vault": ("GetItem", "BatchGetItem", "PutItem", "DeleteItem"),
                "intake": ("GetItem", "Query", "DeleteItem"),
            },
            timeout=600,
        )
        self._may_erase_pictures(platform, task)
        rule = events.Rule(
            self,
            "Retention",
            description="Carry out erasures that waited, and keep on what a hold needs",
            schedule=events.Schedule.rate(Duration.minutes(RETENTION_MINUTES)),
        )
        rule.add_target(
            targets.LambdaFunction(
                task.function,
                dead_letter_queue=platform.bus.undeliverable,
                retry_attempts=0,  # the next run looks at all that waits
            )
        )

    def _may_erase_pictures(self, platform: Platform, function: RoomFunction) -> None:
        """Allow deleting pictures of proofs with their versions, past the lock that keeps proofs from being changed."""
        bucket = f"arn:{Aws.PARTITION}:s3:::{platform.reference('ProofBucket')}"
        function.tell("PROOF_BUCKET", platform.reference("ProofBucket"))
        function.may("s3:ListBucketVersions", on=[bucket])
        function.may("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention", on=[f"{bucket}/*"])
        accept_wildcard(function, f"{bucket}/*", "A proof's key is made when it is captured; nothing else is there")

    def _may_erase_documents(self, platform: Platform, function: RoomFunction) -> None:
        """Allow deleting pictures of drivers' documents with their versions."""
        bucket = f"arn:{Aws.PARTITION}:s3:::{platform.reference('DocumentsBucket')}"
        function.tell("DOCUMENTS_BUCKET", platform.reference("DocumentsBucket"))
        function.may("s3:ListBucketVersions", on=[bucket])
        function.may("s3:DeleteObject", "s3:DeleteObjectVersion", on=[f"{bucket}/*"])
        accept_wildcard(function, f"{bucket}/*", "A document's key is made when it is sent; nothing else is there")
