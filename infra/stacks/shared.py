"""The stack that the rooms' stacks share: event bus, alarm topic, HTTP API without routes, sender of mail."""

from aws_cdk import App, Aws, Duration, Environment, Fn
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.alarms import FOR_ALL
from infra.parts.alarm import TOPIC
from infra.parts.bus import SOURCE, UNDELIVERABLE
from infra.parts.function import RoomFunction
from infra.parts.platform import Platform, api_url
from infra.parts.queue import failures_of
from infra.parts.reference import Published, arn, camel, tell
from infra.parts.stage_stack import StageStack
from infra.rooms.notify import REPORTS
from infra.settings import Settings
from infra.tables import TABLES


class SharedStack(StageStack):
    """Resources that all rooms share and that hold no data.

    Bus, topic and queue have fixed names, by which other stacks refer to them. The API's id is published.
    """

    def __init__(self, app: App, settings: Settings, env: Environment | None = None) -> None:
        super().__init__(app, settings, "Shared", "event bus, API, alarm topic, sender of mail", env)
        self.platform = Platform(self, settings)
        topic = _alarm_topic(self, settings)
        bus = EventBus(self, self.platform)
        api = _api(self, settings)
        reports = _reports(self, settings)
        Published(self, settings, {"ApiId": api.api_id})
        tell(
            self,
            ApiUrl=api_url(self, settings, api.api_id),
            BusName=bus.name,
            MetricNamespace=settings.namespace,
            AlarmTopicArn=topic.topic_arn,
            ReportsTopicArn=reports.topic_arn,
            SenderEmail=settings.sender_email,
        )
        self.platform.alarms.watch(FOR_ALL)
        self.platform.finish()


def _alarm_topic(stack: SharedStack, settings: Settings) -> sns.Topic:
    topic = sns.Topic(
        stack,
        "AlarmTopic",
        topic_name=settings.named(TOPIC),
        display_name=settings.named(TOPIC),
        enforce_ssl=not settings.local,  # the emulator speaks plain HTTP
    )
    # A topic with its own policy loses the default one, by which alarms of the account may publish.
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        )
    )
    if settings.alarm_email:
        topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))
    return topic


def _reports(stack: SharedStack, settings: Settings) -> sns.Topic:
    """Return the topic of what providers tell, to which the sender of mail reports what became of its mails."""
    topic = sns.Topic(
        stack,
        "ReportsTopic",
        topic_name=settings.named(REPORTS),
        enforce_ssl=not settings.local,  # the emulator speaks plain HTTP
    )
    # Replies to SMS come from the number's two-way channel, which is set by hand: see docs/operations.md.
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal("sms-voice.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        )
    )
    sent = ses.ConfigurationSet(stack, "Mails", configuration_set_name=settings.named("mails"))
    if not settings.local:  # the emulator reports on no mail
        told = ses.EmailSendingEvent
        sent.add_event_destination(
            "Reports",
            destination=ses.EventDestination.sns_topic(topic),
            events=[told.BOUNCE, told.COMPLAINT, told.DELIVERY_DELAY],
        )
    ses.EmailIdentity(stack, "Sender", identity=ses.Identity.email(settings.sender_email), configuration_set=sent)
    return topic


def _api(stack: SharedStack, settings: Settings) -> apigateway.HttpApi:
    """Return the API without routes and stage: these need the functions, some of which need the API's address."""
    return apigateway.HttpApi(
        stack,
        "Api",
        api_name=settings.named(),
        create_default_stage=False,
        cors_preflight=apigateway.CorsPreflightOptions(
            allow_origins=list(settings.web_origins),
            allow_methods=[apigateway.CorsHttpMethod.ANY],
            allow_headers=["authorization", "content-type", "idempotency-key"],
            max_age=Duration.hours(1),
        ),
    )


class EventBus(Construct):
    """The event bus, and the one function that puts events on it: from the tables' streams."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Bus")
        settings = platform.settings
        self.name = settings.named()
        self._bus = events.EventBus(self, "Bus", event_bus_name=self.name)
        self._keep_undeliverable(platform)
        if not settings.local:  # the emulator knows no archives
            self._bus.archive(
                "Archive",
                description="Replays events that a consumer missed",
                event_pattern=events.EventPattern(source=[SOURCE]),
                retention=Duration.days(30),
            )
        self._publish_from_streams(platform)

    def _keep_undeliverable(self, platform: Platform) -> None:
        """Create the queue of events that a rule could not deliver; all rules of the stage may send to it."""
        settings = platform.settings
        dead = failures_of(self, platform, UNDELIVERABLE)
        dead.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[dead.queue_arn],
                conditions={
                    "ArnLike": {
                        # Rules on the bus, and the scheduled rules of our stacks.
                        "aws:SourceArn": [
                            arn("events", f"rule/{self.name}/*"),
                            arn("events", f"rule/{settings.namespace}-*"),
                        ]
                    }
                },
            )
        )

    def _publish_from_streams(self, platform: Platform) -> None:
        publish = RoomFunction(self, platform, "tasks/publish", timeout=30)
        publish.tell("BUS_NAME", self._bus.event_bus_name)
        publish.may("events:PutEvents", on=[self._bus.event_bus_arn])
        lost = failures_of(self, platform, "publish")
        publish.may_send_to(lost, "LOST_QUEUE_URL")
        # It also replays the events of this queue.
        lost.grant_consume_messages(publish.role)
        for table, shape in TABLES.items():
            if not shape.stream:
                continue
            publish.function.add_event_source(
                sources.DynamoEventSource(
                    self._streaming(platform, table),
                    # From the beginning of the stream, so that events written during the deployment are published too.
                    starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                    batch_size=100,
                    # One batch per shard at a time, so that the events of a delivery stay in order.
                    parallelization_factor=1,
                    bisect_batch_on_error=True,
                    # Retried until the stream drops the records; before that the function stores the events itself.
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
            "Events leave the tables more than five minutes late: tasks/publish fails or can't keep up.",
        )

    def _streaming(self, platform: Platform, table: str) -> dynamodb.ITable:
        stream = platform.reference(f"{camel(table)}StreamArn")
        # A stream's ARN has its table's in it: ``...:table/<name>/stream/<moment>``.
        name = Fn.select(1, Fn.split("/", stream))
        return dynamodb.Table.from_table_attributes(self, camel(table), table_name=name, table_stream_arn=stream)
