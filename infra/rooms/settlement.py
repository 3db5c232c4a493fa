"""Settlement: deliveries are booked, and the books of each day are closed."""

from typing import Any

from aws_cdk import Duration, RemovalPolicy, TimeZone
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.parts.function import LOGS_KEPT, RoomFunction, function_elsewhere
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue, failures_of
from infra.parts.reference import arn

CYCLE = "settlement-cycle"


class Settlement(Construct):
    """Postings from events, and the daily cycle."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Settlement")
        self._name = platform.settings.named(CYCLE)
        post = RoomFunction(self, platform, "events/post", writes=["settlement"])
        postings = WorkQueue(self, platform, "postings", post)
        platform.bus.tells(
            postings,
            "delivery.delivered",
            "delivery.returned",
            "delivery.failed",
            "delivery.cancelled",
            "delivery.tipped",
            "delivery.pay_released",
            "delivery.corrected",
            "incentive.earned",
            "incentive.reversed",
            "block.guaranteed",
        )

        cycle = RoomFunction(
            self,
            platform,
            "tasks/settlement",
            reads=["deliveries"],
            writes=["settlement"],
            # MOST_POSTINGS and MOST_STATEMENTS of its room follow from these two.
            timeout=300,
            memory=1024,
            # The state machine retries its failures; a lasting failure fails the cycle, which has alarms.
            alarming=False,
        )
        self.machine = self._state_machine(platform, cycle)
        platform.tell(StateMachineArn=self.machine.state_machine_arn)
        self._start_daily(platform, cycle)

        staff = RoomFunction(
            self, platform, "console/ledger", reads=["drivers", "zones", "payouts"], writes=["settlement"]
        )
        staff.tell("SETTLEMENT_CYCLE_ARN", self.machine.state_machine_arn)
        self.machine.grant_start_execution(staff.role)
        for function in (staff, cycle):
            executions = arn("states", f"execution:{self._name}:*")
            function.may("states:DescribeExecution", on=[executions])
            accept_wildcard(function, executions, "Executions are named as they start")
        # Referred to by name, because the machine and this function refer to each other.
        machine = arn("states", f"stateMachine:{self._name}")
        cycle.may("states:StartExecution", on=[machine])
        cycle.tell("SETTLEMENT_CYCLE_ARN", machine)
        RoomFunction(self, platform, "driver/earnings", reads=["settlement", "payouts"])

    def _state_machine(self, platform: Platform, cycle: RoomFunction) -> sfn.StateMachine:
        payouts = function_elsewhere(self, platform.settings, "tasks/payouts")

        def step(name: str, does: str, **properties: Any) -> tasks.LambdaInvoke:
            payload = {
                "step": does,
                **properties.pop("given", {"period": sfn.JsonPath.string_at("$.period")}),
            }
            return self._call(name, cycle.function, payload, **properties)

        definition = (
            sfn.Choice(self, "Is a period asked for?")
            .when(sfn.Condition.is_present("$.period"), step("Open that period", "open"))
            .otherwise(step("Open yesterday's period", "open", given={}))
            .afterwards()
            .next(step("Book closings whose events were lost", "book", result_path=sfn.JsonPath.DISCARD))
            .next(step("Close the period's gates", "close", result_path=sfn.JsonPath.DISCARD))
            .next(step("Make statements", "statements"))
            .next(step("Check the trial balance", "finish", result_path=sfn.JsonPath.DISCARD))
            # Only books that agree with their postings are paid. A run that does not start is started by the clock.
            .next(
                self._call(
                    "Start the pay run", payouts, {"step": "start", "period": sfn.JsonPath.string_at("$.period")}
                )
            )
        )
        log = logs.LogGroup(
            self,
            "CycleLog",
            log_group_name="/" + platform.settings.path("settlement", CYCLE),
            retention=LOGS_KEPT,
            removal_policy=RemovalPolicy.DESTROY,
        )
        machine = sfn.StateMachine(
            self,
            "Cycle machine",
            state_machine_name=self._name,
            definition_body=sfn.DefinitionBody.from_chainable(definition),
            logs=sfn.LogOptions(destination=log, level=sfn.LogLevel.ALL, include_execution_data=False),
            tracing_enabled=not platform.settings.local,  # the emulator has no X-Ray
            timeout=Duration.hours(6),
        )
        for function in (cycle.function, payouts):
            accept_wildcard(
                machine,
                f"{function.function_arn}:*",
                "CDK grants a function together with its versions",
            )
        accept_wildcard(machine, "*", "Log delivery and X-Ray know no resource names")
        for outcome in ("Failed", "TimedOut", "Aborted"):
            platform.alarms.above(
                self,
                f"Cycle{outcome}",
                machine.metric(f"Executions{outcome}", statistic="Sum", period=Duration.minutes(5)),
                0,
                "A settlement cycle did not finish. Start it again for its period; finished steps are not repeated.",
            )
        return machine

    def _call(
        self, name: str, function: lambda_.IFunction, payload: dict[str, Any], **properties: Any
    ) -> tasks.LambdaInvoke:
        return tasks.LambdaInvoke(
            self,
            name,
            lambda_function=function,
            payload=sfn.TaskInput.from_object(payload),
            payload_response_only=True,
            **properties,
        )

    def _start_daily(self, platform: Platform, cycle: RoomFunction) -> None:
        scheduler.Schedule(
            self,
            "Daily",
            description="Settle the business day that ended, and earlier days that were missed",
            schedule=scheduler.ScheduleExpression.cron(minute="30", hour="4", time_zone=TimeZone.ETC_UTC),
            target=targets.LambdaInvoke(
                cycle.function,
                role=cycle.role_of_schedule(),
                input=scheduler.ScheduleTargetInput.from_object({"step": "catch_up"}),
                dead_letter_queue=failures_of(self, platform, "cycle-start"),
            ),
            # Local days may last minutes; staff start the cycle there.
            enabled=not platform.settings.local,
        )
