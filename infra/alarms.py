"""Alarms: what wakes somebody, and whom."""

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.settings import Settings

NAMESPACE = "Crowdship"


def business_metric(room: str, name: str, statistic: str = "Sum", period: Duration | None = None) -> cloudwatch.Metric:
    """Return a metric that a room's functions emit."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"service": room},
        statistic=statistic,
        period=period or Duration.minutes(5),
    )


class Alarms(Construct):
    """The topic that alarms go to."""

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(scope, "Alarms")
        self.topic = sns.Topic(
            self,
            "Topic",
            display_name="crowdship alarms",
            enforce_ssl=not settings.local,  # the emulator speaks plain HTTP
        )
        # A topic with a policy of its own loses the one by which alarms of the same account may publish.
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            )
        )
        if settings.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(settings.alarm_email))

    def above(self, scope: Construct, name: str, metric: cloudwatch.IMetric, limit: float, means: str) -> None:
        """Raise an alarm when a metric is above a limit, and say what that means."""
        alarm = cloudwatch.Alarm(
            scope,
            name,
            metric=metric,
            threshold=limit,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=means,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
