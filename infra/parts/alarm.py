"""Alarms: their construction and their topic."""

from collections.abc import Iterable

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.alarms import WATCHED
from infra.parts.reference import arn
from infra.settings import Settings

TOPIC = "alarms"
"""The topic of all alarms, in the shared stack: ``crowdship-<stage>-alarms``."""


def business_metric(
    settings: Settings, room: str, name: str, statistic: str = "Sum", period: Duration | None = None
) -> cloudwatch.Metric:
    """Return a metric that a room's functions emit."""
    return cloudwatch.Metric(
        namespace=settings.namespace,
        metric_name=name,
        dimensions_map={"service": room},
        statistic=statistic,
        period=period or Duration.minutes(5),
    )


class Alarms(Construct):
    """The alarms of one stack; each is in the stack of the resource that it watches, and all notify one topic."""

    def __init__(self, stack: Stack, settings: Settings) -> None:
        super().__init__(stack, "Alarms")
        self._settings = settings
        self._topic = sns.Topic.from_topic_arn(self, "Topic", arn("sns", settings.named(TOPIC)))

    def watch(self, rooms: Iterable[str]) -> None:
        """Raise the alarms of ``WATCHED`` for some rooms."""
        for one in WATCHED:
            for room in set(rooms) & set(one.rooms):
                name = one.metric if len(one.rooms) == 1 else f"{one.metric}{room.capitalize()}"
                metric = business_metric(self._settings, room, one.metric, one.statistic, Duration.minutes(one.minutes))
                self.above(self, name, metric, one.limit, one.means)

    def above(self, scope: Construct, name: str, metric: cloudwatch.IMetric, limit: float, means: str) -> None:
        """Raise an alarm when a metric is above a limit.

        Parameters
        ----------
        scope : Construct
            The construct that is watched.
        name : str
            The alarm's name; docs/operations.md says what to do about it.
        metric : IMetric
            The metric that is watched.
        limit : float
            The highest value of a period that raises no alarm.
        means : str
            The alarm's description: what has happened, and where to look.
        """
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
        alarm.add_alarm_action(actions.SnsAction(self._topic))
