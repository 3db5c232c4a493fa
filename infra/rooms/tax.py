"""Tax: W-9 and taxpayer numbers of drivers, notices, withholding, and the forms of each year."""

from aws_cdk import Aws, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue
from infra.parts.reference import arn
from infra.rooms.onboarding import WORKFLOW

SWEEP_MINUTES = 15
WHY = "A file's key is made when it is written; nothing else is there"

ITEMS = ("GetItem", "PutItem")
PAYEES = (*ITEMS, "BatchGetItem", "Query")


class Tax(Construct):
    """A function for drivers, one for finance, a sweep, and the task over a year's forms."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Tax")
        self._platform = platform
        self._bucket = platform.reference("TaxBucket")
        self._objects = f"arn:{Aws.PARTITION}:s3:::{self._bucket}/*"
        driver = RoomFunction(
            self,
            platform,
            "driver/tax",
            only={"tax": (*ITEMS, "Query"), "vault": ITEMS, "onboarding": ITEMS, "drivers": ("GetItem",)},
        )
        # Referred to by name, because the machine is in another stack.
        workflow = arn("states", f"stateMachine:{platform.settings.named(WORKFLOW)}")
        driver.may("states:StartExecution", on=[workflow])
        driver.tell("ONBOARDING_WORKFLOW_ARN", workflow)
        staff = RoomFunction(
            self,
            platform,
            "console/tax",
            reads=["drivers", "vault"],
            writes=["settlement"],
            only={"tax": PAYEES},
            timeout=28,
        )
        sweep = RoomFunction(
            self,
            platform,
            "tasks/tax",
            reads=["drivers", "vault"],
            writes=["settlement", "tax"],
            timeout=600,
            memory=1769,
            finance=True,
        )
        self._every_quarter_of_an_hour(sweep)
        year = RoomFunction(
            self,
            platform,
            "tasks/tax_year",
            reads=["drivers", "settlement"],
            writes=["tax"],
            # The W-9 as the agency has it is kept beside the present one.
            only={"vault": (*ITEMS, "BatchGetItem")},
            timeout=120,
            memory=1769,
            finance=True,
            calls_itself=True,
        )
        work = WorkQueue(self, platform, "tax_years", year, batch_size=1, most_at_once=2)
        work.filled_by(staff, sweep, year)
        for function in (sweep, year):
            function.may_read_secret(platform.reference("TaxSecretArn"), "TAX_SECRET_ARN")
        sweep.tell("TIN_MATCHER", "http")
        self._may(driver, "s3:GetObject")
        self._may(staff, "s3:GetObject")
        self._may(sweep, "s3:PutObject")
        self._may(year, "s3:PutObject", "s3:GetObject")

    def _every_quarter_of_an_hour(self, task: RoomFunction) -> None:
        rule = events.Rule(
            self,
            "Sweep",
            description="Tally closed days, ask about taxpayer numbers, begin and end withholding",
            schedule=events.Schedule.rate(Duration.minutes(SWEEP_MINUTES)),
        )
        rule.add_target(
            targets.LambdaFunction(
                task.function,
                dead_letter_queue=self._platform.bus.undeliverable,
                retry_attempts=0,  # a missed sweep is made up for by the next
            )
        )

    def _may(self, function: RoomFunction, *actions: str) -> None:
        function.tell("TAX_BUCKET", self._bucket)
        function.may(*actions, on=[self._objects])
        accept_wildcard(function, self._objects, WHY)
        function.role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["kms:Decrypt", *(["kms:GenerateDataKey"] if "s3:PutObject" in actions else [])],
                resources=[self._platform.reference("VaultKeyArn")],
                conditions={"StringEquals": {"kms:ViaService": f"s3.{Aws.REGION}.amazonaws.com"}},
            )
        )
