"""The dashboard of the operators."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.parts.alarm import business_metric
from infra.settings import Settings


class Dashboard(Construct):
    """One page: business figures on top, technical figures below.

    Parameters
    ----------
    functions : sequence of str
        All functions, as ``<room>/<verb>``.
    queues : sequence of str
        All queues by their names without the stage.
    """

    def __init__(self, scope: Construct, settings: Settings, functions: Sequence[str], queues: Sequence[str]) -> None:
        super().__init__(scope, "Dashboard")
        self._settings, self._functions, self._queues = settings, functions, queues
        dashboard = cloudwatch.Dashboard(
            self, "Page", dashboard_name=settings.named(), default_interval=Duration.hours(12)
        )
        for row in (self._orders(), self._offers(), self._money_and_messages(), self._machinery()):
            dashboard.add_widgets(*row)

    def _orders(self) -> list[cloudwatch.IWidget]:
        return [
            self._graph("Deliveries", "insight", "DeliveriesCreated", "DeliveriesDelivered"),
            self._graph("Moved to another driver", "insight", "DeliveriesReassigned"),
            self._graph("Alerts to dispatchers", "insight", "AlertsRaised"),
            self._graph("Not delivered", "insight", "DeliveriesFailed", "DeliveriesCancelled", "DeliveriesExpired"),
            self._graph("Share delivered on time", "insight", "OnTime", statistics=("Average",)),
            self._graph("Click to door, minutes", "insight", "ClickToDoorMinutes", statistics=("p50", "p90")),
        ]

    def _offers(self) -> list[cloudwatch.IWidget]:
        answers = ("OffersMade", "OffersAccepted", "OffersDeclined", "OffersExpired")
        return [
            self._graph("Offers", "insight", *answers),
            self._graph("Seconds to the first offer", "insight", "SecondsToFirstOffer", statistics=("p50", "p90")),
            self._graph(
                "Open deliveries and drivers",
                "dispatch",
                "OpenDeliveries",
                "DriversOnDuty",
                statistics=("Maximum",),
            ),
            self._graph("A zone's tick, ms", "dispatch", "TickDurationMs", statistics=("p50", "p99")),
        ]

    def _money_and_messages(self) -> list[cloudwatch.IWidget]:
        return [
            self._graph("Payouts", "insight", "PayoutsSent", "PayoutsPaid", "PayoutsFailed", "PayoutsReturned"),
            self._graph("Postings", "settlement", "PostingsMade"),
            self._graph("Webhooks", "notify", "WebhookDelivered", "WebhookRetried", "WebhookDead", "EndpointDisabled"),
            self._graph("Messages to customers", "notify", "SmsSent", "EmailSent"),
        ]

    def _machinery(self) -> list[cloudwatch.IWidget]:
        waiting = [self._of_queue(name) for name in self._queues]
        return [
            _widget("Errors", [self._of_function(name, "Errors", "Sum") for name in self._functions]),
            _widget("Duration p99, ms", [self._of_function(name, "Duration", "p99") for name in self._functions]),
            _widget("Waiting in queues", waiting),
            _widget("Age of events when published, ms", [self._of_function("tasks/publish", "IteratorAge", "Maximum")]),
        ]

    def _of_function(self, name: str, metric: str, statistic: str) -> cloudwatch.Metric:
        # Referred to by name, as the functions are in other stacks.
        return cloudwatch.Metric(
            namespace="AWS/Lambda",
            metric_name=metric,
            dimensions_map={"FunctionName": self._settings.function_name(name)},
            statistic=statistic,
            label=name,
        )

    def _of_queue(self, name: str) -> cloudwatch.Metric:
        return cloudwatch.Metric(
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions_map={"QueueName": self._settings.named(name)},
            statistic="Maximum",
            label=name,
        )

    def _graph(self, title: str, room: str, *names: str, statistics: tuple[str, ...] = ("Sum",)) -> cloudwatch.IWidget:
        return _widget(
            title,
            [business_metric(self._settings, room, name, statistic) for name in names for statistic in statistics],
        )


def _widget(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.IWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=6, height=6)
