"""Payouts: pay runs after each close, instant pay, decisions of staff, and what providers and banks tell."""

from typing import Any

from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform
from infra.parts.queue import failures_of
from infra.parts.reference import arn
from infra.parts.state_machine import alarm_on, call_of, state_machine

PAY_RUN = "pay-run"
PAYOUTS_AT_ONCE = 5
"""The most concurrent calls that the payment rail accepts: a batch sends its payouts one after the other."""

CATCH_UP = Duration.hours(1)
"""Time between two looks for runs that are missing and payouts that stand still."""

WHY_FILES = "A bank file's key is made from its bytes; nothing else is there"


class Payouts(Construct):
    """The state machine of pay runs, and the functions by which payouts are ordered, decided on and told of."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Payouts")
        self._platform = platform
        self._name = platform.settings.named(PAY_RUN)
        bucket = platform.reference("PayoutsBucket")
        self._files = f"arn:{Aws.PARTITION}:s3:::{bucket}/*"
        task = RoomFunction(
            self,
            platform,
            "tasks/payouts",
            writes=["settlement", "payouts"],
            only={"onboarding": ("GetItem",), "tax": ("GetItem",), "vault": ("GetItem", "BatchGetItem")},
            timeout=300,
            memory=1024,
            # The state machine retries its failures; a lasting failure fails the run, which has alarms.
            alarming=False,
            finance=True,
        )
        staff = RoomFunction(
            self,
            platform,
            "console/payouts",
            reads=["drivers", "zones"],
            writes=["settlement", "payouts"],
            # A bank's correction of an account; and a payout that is released asks for the tax to be withheld.
            only={"onboarding": ("GetItem",), "tax": ("GetItem",), "vault": ("GetItem", "BatchGetItem", "PutItem")},
            # A file of returns is some hundred transactions.
            timeout=25,
            finance=True,
        )
        driver = RoomFunction(
            self,
            platform,
            "driver/pay",
            reads=["drivers", "zones"],
            writes=["settlement", "payouts"],
            # The vault has the W-9 and the driver's connected account.
            only={"onboarding": ("GetItem",), "tax": ("GetItem",), "vault": ("GetItem",)},
            timeout=25,
            finance=True,
        )
        provider = RoomFunction(
            self,
            platform,
            "provider/payouts",
            writes=["settlement", "payouts"],
            # The moment at which the account was given; a return may be about the one before.
            only={"onboarding": ("GetItem",)},
            timeout=25,
            finance=True,
        )
        for function in (task, staff, driver, provider):
            function.may_read_secret(platform.reference("PaymentRailSecretArn"), "PAYMENT_RAIL_SECRET_ARN")
            function.tell("PAYOUT_PROVIDER", platform.settings.payout_provider)
            function.tell("PAY_CADENCE", platform.settings.pay_cadence)
        for function, actions in ((task, ("s3:PutObject", "s3:GetObject")), (staff, ("s3:GetObject",))):
            function.tell("PAYOUTS_BUCKET", bucket)
            self._may_with_files(function, *actions)
        self.machine = self._state_machine(task)
        platform.tell(PayRunArn=self.machine.state_machine_arn)
        self._look_hourly(task)
        # Referred to by name, because the machine and its function refer to each other.
        machine, executions = arn("states", f"stateMachine:{self._name}"), arn("states", f"execution:{self._name}:*")
        for function in (task, staff):
            function.may("states:StartExecution", on=[machine])
            function.may("states:DescribeExecution", on=[executions])
            accept_wildcard(function, executions, "Executions are named as they start")
            function.tell("PAY_RUN_ARN", machine)

    def _may_with_files(self, function: RoomFunction, *actions: str) -> None:
        function.may(*actions, on=[self._files])
        accept_wildcard(function, self._files, WHY_FILES)
        function.role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["kms:Decrypt", *(["kms:GenerateDataKey"] if "s3:PutObject" in actions else [])],
                resources=[self._platform.reference("VaultKeyArn")],
                conditions={"StringEquals": {"kms:ViaService": f"s3.{Aws.REGION}.amazonaws.com"}},
            )
        )

    def _state_machine(self, task: RoomFunction) -> sfn.StateMachine:
        platform = self._platform
        period = {"period": sfn.JsonPath.string_at("$.period")}

        def step(name: str, does: str, more: dict[str, Any] | None = None, **properties: Any) -> tasks.LambdaInvoke:
            return call_of(self, name, task.function, {"step": does, **period, **(more or {})}, **properties)

        # The batches are made by a step and never change, so that a repeated run pays the same drivers together; an
        # ItemBatcher would make others from a list that has changed. Each is an execution with a history of its own.
        batches = sfn.DistributedMap(
            self,
            "Each batch",
            items_path="$.batches",
            max_concurrency=PAYOUTS_AT_ONCE,
            map_execution_type=sfn.StateMachineType.STANDARD,
            item_selector={
                "period": sfn.JsonPath.string_at("$.period"),
                "batch": sfn.JsonPath.string_at("$$.Map.Item.Value"),
            },
            result_path=sfn.JsonPath.DISCARD,
        )
        pay = step("Pay", "pay", {"batch": sfn.JsonPath.string_at("$.batch")}, result_path=sfn.JsonPath.DISCARD)
        pay.add_retry(errors=["PaymentRailUnavailable"], interval=Duration.seconds(2), backoff_rate=2, max_attempts=5)
        # A batch that is not paid whole does not stop the others; the last step finds what is undecided and fails.
        pay.add_catch(sfn.Pass(self, "Leave it to the last step"), result_path=sfn.JsonPath.DISCARD)
        batches.item_processor(pay)

        take_in = step("Take in statements", "take_in", {"cursor": sfn.JsonPath.string_at("$.cursor")})
        note = step("Note what the file sent", "note_filed", {"start": sfn.JsonPath.string_at("$.start")})
        finish = step("Check that all is decided", "finish")
        noted = sfn.Choice(self, "Is more in the file?").when(sfn.Condition.is_null("$.start"), finish).otherwise(note)
        note.next(noted)
        paying = step("Make batches", "batches").next(batches).next(step("Write the bank file", "file")).next(note)
        taken = (
            sfn.Choice(self, "Are there more statements?")
            .when(sfn.Condition.is_null("$.cursor"), paying)
            .otherwise(take_in)
        )
        definition = step("Open the run", "open").next(take_in).next(taken)
        machine = state_machine(
            self,
            platform,
            ("RunLog", "Run machine"),
            self._name,
            ("payouts", PAY_RUN),
            definition,
            (task.function,),
            timeout=Duration.hours(12),
            has_maps=True,
        )
        text = (
            "A pay run did not finish: a payout is undecided or a step died. It is started again within the hour; "
            "what was paid is not paid again."
        )
        alarm_on(self, platform, machine, "PayRun", ("Failed", "TimedOut", "Aborted"), text)
        return machine

    def _look_hourly(self, task: RoomFunction) -> None:
        failures = failures_of(self, self._platform, "pay-run-start")
        # No alarm watches this function's failures, so a look that fails for good is kept beside one that never began.
        task.tell_failures(failures)
        scheduler.Schedule(
            self,
            "Hourly",
            description="Start pay runs that are missing, and look for payouts that stand still",
            schedule=scheduler.ScheduleExpression.rate(CATCH_UP),
            target=targets.LambdaInvoke(
                task.function,
                role=task.role_of_schedule(),
                input=scheduler.ScheduleTargetInput.from_object({"step": "catch_up"}),
                dead_letter_queue=failures,
            ),
            # Local days may last minutes; the close starts the run there.
            enabled=not self._platform.settings.local,
        )
