"""Onboarding: applications, background checks, and the workflow that never decides."""

from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.parts.function import LOGS_KEPT, RoomFunction
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform
from infra.parts.reference import arn

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
            invoke = tasks.LambdaInvoke(
                self,
                name,
                lambda_function=task.function,
                payload=sfn.TaskInput.from_object(
                    {"step": does, "application_id": sfn.JsonPath.string_at("$.application_id")}
                ),
                payload_response_only=True,
                **properties,
            )
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
        log = logs.LogGroup(
            self,
            "WorkflowLog",
            log_group_name="/" + platform.settings.path("onboarding", "workflow"),
            retention=LOGS_KEPT,
            removal_policy=RemovalPolicy.DESTROY,
        )
        machine = sfn.StateMachine(
            self,
            "Workflow",
            state_machine_name=self._name,
            definition_body=sfn.DefinitionBody.from_chainable(following.next(choice)),
            logs=sfn.LogOptions(destination=log, level=sfn.LogLevel.ALL, include_execution_data=False),
            tracing_enabled=not platform.settings.local,  # the emulator has no X-Ray
        )
        accept_wildcard(machine, f"{task.function.function_arn}:*", "CDK grants a function together with its versions")
        accept_wildcard(machine, "*", "Log delivery and X-Ray know no resource names")
        for outcome in ("Failed", "Aborted"):
            platform.alarms.above(
                self,
                f"Onboarding{outcome}",
                machine.metric(f"Executions{outcome}", statistic="Sum", period=Duration.minutes(5)),
                0,
                "The workflow of an application died. The sweep starts it again within a quarter of an hour; if that "
                "fails too, the log of tasks/onboarding says why.",
            )
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
