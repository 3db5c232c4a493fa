"""Onboarding: applications, background checks, and the workflow that never decides."""

from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.reference import arn
from infra.parts.state_machine import alarm_on, call_of, state_machine

WORKFLOW = "onboarding"
SWEEP_MINUTES = 15

ITEMS = ("GetItem", "PutItem")
LISTS = ("GetItem", "BatchGetItem", "Query", "PutItem")


class Onboarding(Construct):
    """People apply, a provider checks their background, and staff decide."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Onboarding")
        self._name = platform.settings.named(WORKFLOW)
        self._platform = platform
        self._applicants()
        task = RoomFunction(
            self,
            platform,
            "tasks/onboarding",
            reads=["zones"],
            only={"onboarding": LISTS, "drivers": ("GetItem",), "vault": ("GetItem",)},
            timeout=60,
            # The state machine retries its failures; a lasting failure fails the execution, which has alarms.
            alarming=False,
        )
        self._may_ask_the_provider(task)
        machine = self._state_machine(task)
        platform.tell(OnboardingMachineArn=machine.state_machine_arn)
        self._sweep(task)
        report = RoomFunction(self, platform, "provider/screening", only={"onboarding": ITEMS, "vault": ITEMS})
        self._may_ask_the_provider(report)
        by_drivers = RoomFunction(
            self,
            platform,
            "driver/onboarding",
            reads=["zones"],
            # A new plate takes the place of the one by which a driver was found.
            only={
                "onboarding": ITEMS,
                "documents": ("Query",),
                "drivers": ITEMS,
                "vault": (*ITEMS, "BatchGetItem", "DeleteItem"),
            },
        )
        by_staff = RoomFunction(
            self,
            platform,
            "console/onboarding",
            only={
                "onboarding": LISTS,
                "documents": ("Query",),
                "drivers": ("GetItem", "BatchGetItem", "PutItem"),
                "vault": ("GetItem", "BatchGetItem", "PutItem"),
            },
        )
        # Referred to by name, because the machine and its own function refer to each other.
        named = arn("states", f"stateMachine:{self._name}")
        for function in (task, report, by_drivers, by_staff):
            function.may("states:StartExecution", on=[named])
            function.tell("ONBOARDING_WORKFLOW_ARN", named)

    def _applicants(self) -> None:
        platform = self._platform
        entrance = RoomFunction(
            self,
            platform,
            "user/apply",
            reads=["zones"],
            writes=["idempotency"],
            only={
                "onboarding": (*ITEMS, "UpdateItem", "DeleteItem"),
                "drivers": ("PutItem",),
                "vault": ("PutItem",),
            },
        )
        entrance.may_read_secret(platform.reference("EdgeSecretArn"), "EDGE_SECRET_ARN")
        entrance.may_read_secret(platform.reference("AddressSecretArn"), "ADDRESS_SECRET_ARN")
        entrance.tell("USER_POOL_ID", platform.reference("UserPoolId"))
        users = arn("cognito-idp", f"userpool/{platform.reference('UserPoolId')}")
        entrance.may("cognito-idp:AdminCreateUser", "cognito-idp:AdminAddUserToGroup", on=[users])

    def _may_ask_the_provider(self, function: RoomFunction) -> None:
        function.tell("SCREENING_PROVIDER", "http")
        function.may_read_secret(self._platform.reference("ScreeningSecretArn"), "SCREENING_SECRET_ARN")

    def _state_machine(self, task: RoomFunction) -> sfn.StateMachine:
        platform = self._platform

        def step(name: str, does: str, **properties: Any) -> tasks.LambdaInvoke:
            payload = {"step": does, "application_id": sfn.JsonPath.string_at("$.application_id")}
            invoke = call_of(self, name, task.function, payload, **properties)
            invoke.add_retry(
                errors=["ScreeningUnavailable"], interval=Duration.seconds(5), backoff_rate=3, max_attempts=6
            )
            invoke.add_retry(errors=["States.ALL"], interval=Duration.seconds(5), backoff_rate=2, max_attempts=3)
            return invoke

        following = step("Look what comes next", "next")
        choice = sfn.Choice(self, "What comes next?")
        acts = {
            "order": step("Order the background check", "order", result_path=sfn.JsonPath.DISCARD),
            "remind": step("Tell staff that the provider is late", "remind", result_path=sfn.JsonPath.DISCARD),
            "notice": step("Tell the applicant of the report", "notice", result_path=sfn.JsonPath.DISCARD),
            "end_wait": step("Ask for a person's decision", "end_wait", result_path=sfn.JsonPath.DISCARD),
        }
        for act, does in acts.items():
            choice.when(sfn.Condition.string_equals("$.act", act), does.next(following))
        wait = sfn.Wait(self, "Wait for the moment", time=sfn.WaitTime.timestamp_path("$.until"))
        choice.when(sfn.Condition.string_equals("$.act", "wait"), wait.next(following))
        choice.otherwise(sfn.Succeed(self, "A person or the provider is next"))
        definition, functions = following.next(choice), (task.function,)
        log_path = ("onboarding", "workflow")
        ids = ("WorkflowLog", "Workflow")
        machine = state_machine(self, platform, ids, self._name, log_path, definition, functions)
        text = (
            "The workflow of an application died. The sweep starts it again within a quarter of an hour; if that "
            "fails too, the log of tasks/onboarding says why."
        )
        alarm_on(self, platform, machine, "Onboarding", ("Failed", "Aborted"), text)
        return machine

    def _sweep(self, task: RoomFunction) -> None:
        rule = events.Rule(
            self,
            "Sweep",
            description="Start workflows of applications again that stand still",
            schedule=events.Schedule.rate(Duration.minutes(SWEEP_MINUTES)),
        )
        rule.add_target(
            targets.LambdaFunction(
                task.function,
                event=events.RuleTargetInput.from_object({"step": "sweep"}),
                dead_letter_queue=self._platform.bus.undeliverable,
                retry_attempts=0,  # a missed sweep is made up for by the next
            )
        )
