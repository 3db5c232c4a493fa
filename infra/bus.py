"""Events: from the tables' streams to the bus, from the bus to the queues of those who listen."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from constructs import Construct

from infra.data import TABLES
from infra.functions import Platform, RoomFunction
from infra.queues import WorkQueue, failures_of

SOURCE = "crowdship"


class Bus(Construct):
    """The event bus, and the one function that puts events on it."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Bus")
        self.bus = events.EventBus(self, "Bus", event_bus_name=platform.settings.named())
        self.undeliverable = failures_of(self, platform, "bus")
        if not platform.settings.local:  # the emulator knows no archives
            self.bus.archive(
                "Archive",
                description="Replays what a consumer missed",
                event_pattern=events.EventPattern(source=[SOURCE]),
                retention=Duration.days(30),
            )
        self._publish_from_streams(platform)

    def _publish_from_streams(self, platform: Platform) -> None:
        publish = RoomFunction(self, platform, "bus/publish", timeout=30)
        publish.tell("BUS_NAME", self.bus.event_bus_name)
        publish.may("events:PutEvents", on=[self.bus.event_bus_arn])
        lost = failures_of(self, platform, "publish")
        publish.may_send_to(lost, "LOST_QUEUE_URL")
        # It also brings back what it put there.
        lost.grant_consume_messages(publish.role)
        for table, shape in TABLES.items():
            if not shape.stream:
                continue
            publish.function.add_event_source(
                sources.DynamoEventSource(
                    platform.data.tables[table].table,
                    # From the beginning: an event written while this is being deployed has to get out too.
                    starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                    batch_size=100,
                    # One batch per shard at a time, or the events of a delivery would overtake each other.
                    parallelization_factor=1,
                    bisect_batch_on_error=True,
                    # Again and again until the stream forgets; before that the function keeps the events itself.
                    report_batch_item_failures=True,
                    filters=[
                        lambda_.FilterCriteria.filter(
                            {"dynamodb": {"NewImage": {"events": {"S": lambda_.FilterRule.exists()}}}}
                        )
                    ],
                )
            )
        platform.alarms.above(
            self,
            "PublishLag",
            publish.metric("IteratorAge", "Maximum"),
            Duration.minutes(5).to_milliseconds(),
            "Events leave the tables more than five minutes late: bus/publish fails or can't keep up.",
        )

    def tells(self, work: WorkQueue, *types: str, livemode: bool | None = None) -> None:
        """Send events of some types to a queue: ``delivery.created``, or ``delivery.*`` for all such.

        With ``livemode`` only those that say so of themselves.
        """
        matchers = [
            events.Match.prefix(kind.removesuffix("*")) if kind.endswith("*") else events.Match.exact_string(kind)
            for kind in types
        ]
        detail = None if livemode is None else {"data": {"livemode": [livemode]}}
        rule = events.Rule(
            work,
            "Rule",
            event_bus=self.bus,
            description=f"{', '.join(types)} -> {work.name}",
            event_pattern=events.EventPattern(
                source=[SOURCE], detail_type=events.Match.any_of(*matchers), detail=detail
            ),
        )
        rule.add_target(targets.SqsQueue(work.queue, dead_letter_queue=self.undeliverable))
