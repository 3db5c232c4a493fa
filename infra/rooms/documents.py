"""Documents and training: what drivers show and learn, and what staff decide about it."""

from aws_cdk import Aws, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform

WHY = "A document's key is made when it is sent; nothing else is there"


class Documents(Construct):
    """Drivers send documents and take quizzes; staff decide; a task tells of what runs out.

    No function here may delete a picture; ``console/privacy`` alone does.
    """

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Documents")
        bucket = platform.reference("DocumentsBucket")
        self._objects = f"arn:{Aws.PARTITION}:s3:::{bucket}/*"
        told = {"DOCUMENTS_BUCKET": bucket}
        driver = RoomFunction(
            self,
            platform,
            "driver/documents",
            reads=["drivers", "vault"],
            writes=["documents"],
            environment=told,
            # A picture of 40 million pixels is decoded before it is made small.
            memory=1024,
        )
        self._may(driver, platform, "s3:PutObject", "s3:GetObject")
        staff = RoomFunction(
            self,
            platform,
            "console/documents",
            reads=["vault", "zones"],
            writes=["documents", "drivers"],
            only={"vault": ("PutItem",)},
            environment=told,
        )
        self._may(staff, platform, "s3:GetObjectVersion")
        RoomFunction(self, platform, "driver/training", writes=["training", "drivers"])
        task = RoomFunction(
            self,
            platform,
            "tasks/documents",
            writes=["drivers", "documents", "deliveries", "routes"],
            environment=told,
            timeout=600,
            memory=1024,
        )
        self._may(task, platform, "s3:PutObject", "s3:GetObject")
        rule = events.Rule(
            self,
            "Hourly",
            description="Tell drivers of documents that run out, in the hour in which their day begins",
            schedule=events.Schedule.rate(Duration.hours(1)),
        )
        rule.add_target(
            targets.LambdaFunction(
                task.function,
                dead_letter_queue=platform.bus.undeliverable,
                retry_attempts=0,  # the next run looks at all that is due
            )
        )

    def _may(self, function: RoomFunction, platform: Platform, *actions: str) -> None:
        function.may(*actions, on=[self._objects])
        accept_wildcard(function, self._objects, WHY)
        function.role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["kms:Decrypt", *(["kms:GenerateDataKey"] if "s3:PutObject" in actions else [])],
                resources=[platform.reference("VaultKeyArn")],
                conditions={"StringEquals": {"kms:ViaService": f"s3.{Aws.REGION}.amazonaws.com"}},
            )
        )
