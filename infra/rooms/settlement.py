"""Settlement: deliveries are booked, and the books of each day are closed."""

from typing import Any

from aws_cdk import Aws, Duration, TimeZone
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.parts.function import RoomFunction, function_elsewhere
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue, failures_of
from infra.parts.reference import arn
from infra.parts.state_machine import alarm_on, call_of, state_machine

CYCLE = "settlement-cycle"
PIECES_AT_ONCE = 16
"""Shards or parts of a day that are worked through side by side."""


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
            "delivery.handed_over",
            "incentive.earned",
            "incentive.reversed",
            "block.guaranteed",
            "pay_floor.due",
            "claim.decided",
            "claim.held",
            "claim.released",
            "refund.granted",
            "invoice.issued",
            "invoice.payment_recorded",
            "invoice.payment_settled",
            "invoice.payment_returned",
            "invoice.written_off",
        )

        cycle = RoomFunction(
            self,
            platform,
            "tasks/settlement",
            reads=["deliveries"],
            writes=["settlement"],
            # A shard of a million postings a day takes some 40 s with a whole processor (docs/benchmarks.md).
            timeout=900,
            memory=1769,
            # The state machine retries its failures; a lasting failure fails the cycle, which has alarms.
            alarming=False,
        )
        self.machine = self._state_machine(platform, cycle)
        platform.tell(StateMachineArn=self.machine.state_machine_arn)
        self._start_daily(platform, cycle)

        staff = RoomFunction(
            self,
            platform,
            "console/ledger",
            reads=["drivers", "zones", "payouts"],
            writes=["settlement"],
            # The longest that a caller is waited for: an open day may have to be summed.
            timeout=28,
        )
        staff.tell("SETTLEMENT_CYCLE_ARN", self.machine.state_machine_arn)
        self.machine.grant_start_execution(staff.role)
        books = RoomFunction(
            self, platform, "console/books", reads=["drivers", "zones"], writes=["settlement"], timeout=28
        )
        export = RoomFunction(self, platform, "events/journal_export", writes=["settlement"], timeout=900, memory=1769)
        exports = WorkQueue(self, platform, "journal-exports", export, batch_size=1, most_at_once=2)
        platform.bus.tells(exports, "journal_export.requested")
        bucket = platform.reference("ExportsBucket")
        files = f"arn:{Aws.PARTITION}:s3:::{bucket}/journal/*"
        export.may("s3:PutObject", on=[files])
        books.may("s3:GetObject", on=[files])
        for function in (books, export):
            function.tell("EXPORTS_BUCKET", bucket)
            accept_wildcard(function, files, "Exports come and go without a deployment")

        for function in (staff, cycle):
            executions = arn("states", f"execution:{self._name}:*")
            function.may("states:DescribeExecution", on=[executions])
            accept_wildcard(function, executions, "Executions are named as they start")
        # Referred to by name, because the machine and this function refer to each other.
        machine = arn("states", f"stateMachine:{self._name}")
        cycle.may("states:StartExecution", on=[machine])
        cycle.tell("SETTLEMENT_CYCLE_ARN", machine)
        RoomFunction(self, platform, "driver/earnings", reads=["settlement", "payouts", "pay_floors"])

    def _state_machine(self, platform: Platform, cycle: RoomFunction) -> sfn.StateMachine:
        payouts = function_elsewhere(self, platform.settings, "tasks/payouts")
        of_period = {"period": sfn.JsonPath.string_at("$.period")}

        def step(name: str, does: str, **properties: Any) -> tasks.LambdaInvoke:
            payload = {"step": does, **properties.pop("given", of_period)}
            return call_of(self, name, cycle.function, payload, **properties)

        finish = step("Check the sums", "finish")
        states = (
            step("Plan the parts", "plan", given=of_period)
            .next(self._each_piece(cycle, "State each part", "state"))
            .next(finish)
        )
        sum_up = self._each_piece(cycle, "Sum each shard", "sum").next(states)
        close = (
            self._each_piece(cycle, "Book closings whose events were lost", "book")
            .next(step("Close the period's gates", "close", result_path=sfn.JsonPath.DISCARD))
            .next(sum_up)
        )
        only_compare = sfn.Condition.is_present("$.compare")
        definition = (
            sfn.Choice(self, "Is a period asked for?")
            .when(only_compare, step("Open that period to compare it", "reopen").next(sum_up))
            .when(sfn.Condition.is_present("$.period"), step("Open that period", "open").next(close))
            .otherwise(step("Open yesterday's period", "open", given={}).next(close))
        )
        finish.next(
            sfn.Choice(self, "Was it only compared?")
            .when(sfn.Condition.is_present("$$.Execution.Input.compare"), sfn.Succeed(self, "It agrees"))
            # Only books that agree with their postings are paid. A run that does not start is started by the clock.
            .otherwise(call_of(self, "Start the pay run", payouts, {"step": "start", **of_period}))
        )
        machine = state_machine(
            self,
            platform,
            ("CycleLog", "Cycle machine"),
            self._name,
            ("settlement", CYCLE),
            definition,
            (cycle.function, payouts),
            timeout=Duration.hours(6),
            has_maps=True,
        )
        text = "A settlement cycle did not finish. Start it again for its period; finished steps are not repeated."
        alarm_on(self, platform, machine, "Cycle", ("Failed", "TimedOut", "Aborted"), text)
        return machine

    def _each_piece(self, cycle: RoomFunction, name: str, does: str) -> sfn.DistributedMap:
        """Return the Map that does a step for each item of a piece, ``at_once`` of them in a call, side by side.

        The items are numbers of shards or parts: 64 at most, so they travel with the input and need no file in S3.
        """
        pieces = sfn.DistributedMap(
            self,
            name,
            items_path="$.items",
            max_concurrency=PIECES_AT_ONCE,
            item_batcher=sfn.ItemBatcher(
                max_items_per_batch_path="$.at_once",
                batch_input={"period.$": "$.period"},  # the CDK hands it on as it is
            ),
            result_path=sfn.JsonPath.DISCARD,
            map_execution_type=sfn.StateMachineType.STANDARD,
        )
        given = {
            "step": does,
            "period": sfn.JsonPath.string_at("$.BatchInput.period"),
            "items": sfn.JsonPath.list_at("$.Items"),
        }
        return pieces.item_processor(call_of(self, f"{name}: one call", cycle.function, given))

    def _start_daily(self, platform: Platform, cycle: RoomFunction) -> None:
        failures = failures_of(self, platform, "cycle-start")
        # No alarm watches this function's failures, so a look that fails for good is kept beside one that never began.
        cycle.tell_failures(failures)
        scheduler.Schedule(
            self,
            "Daily",
            description="Settle the business day that ended, and earlier days that were missed",
            schedule=scheduler.ScheduleExpression.cron(minute="30", hour="4", time_zone=TimeZone.ETC_UTC),
            target=targets.LambdaInvoke(
                cycle.function,
                role=cycle.role_of_schedule(),
                input=scheduler.ScheduleTargetInput.from_object({"step": "catch_up"}),
                dead_letter_queue=failures,
            ),
            # Local days may last minutes; staff start the cycle there.
            enabled=not platform.settings.local,
        )
