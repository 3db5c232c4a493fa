"""Insight: what the network does, counted; what finance gets; what operators look at."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.alarms import business_metric
from infra.bus import Bus
from infra.functions import Platform, RoomFunction
from infra.queues import WorkQueue


class Insight(Construct):
    """Events counted as metrics, and the report at the end of a settlement cycle."""

    def __init__(self, scope: Construct, platform: Platform, bus: Bus) -> None:
        super().__init__(scope, "Insight")
        measure = RoomFunction(self, platform, "insight/measure")
        measures = WorkQueue(self, platform, "measures", measure)
        bus.tells(measures, "delivery.*", "offer.*", "payout.*", "tracking.alert_raised")

        self.finance_report = RoomFunction(
            self,
            platform,
            "insight/finance_report",
            reads=["merchants"],
            writes=["settlement"],
            timeout=120,
            environment={"FINANCE_EMAIL": platform.settings.finance_email},
        )
        self.finance_report.may_send_mail()


class Dashboard(Construct):
    """One page: the business on top, then what carries it. Built last, of what the rooms have made."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Dashboard")
        self._platform = platform
        dashboard = cloudwatch.Dashboard(
            self, "Page", dashboard_name=platform.settings.named(), default_interval=Duration.hours(12)
        )
        for row in (self._orders(), self._offers(), self._money_and_messages(), self._machinery()):
            dashboard.add_widgets(*row)

    def _orders(self) -> list[cloudwatch.IWidget]:
        return [
            _graph("Deliveries", "insight", "DeliveriesCreated", "DeliveriesDelivered"),
            _graph("Moved to another driver", "insight", "DeliveriesReassigned"),
            _graph("Alerts to dispatchers", "insight", "AlertsRaised"),
            _graph("Not delivered", "insight", "DeliveriesFailed", "DeliveriesCancelled", "DeliveriesExpired"),
            _graph("Share on time", "insight", "OnTime", statistics=("Average",)),
            _graph("Click to door, minutes", "insight", "ClickToDoorMinutes", statistics=("p50", "p90")),
        ]

    def _offers(self) -> list[cloudwatch.IWidget]:
        answers = ("OffersMade", "OffersAccepted", "OffersDeclined", "OffersExpired")
        return [
            _graph("Offers", "insight", *answers),
            _graph("Seconds to the first offer", "insight", "SecondsToFirstOffer", statistics=("p50", "p90")),
            _graph(
                "Open deliveries and drivers",
                "dispatch",
                "OpenDeliveries",
                "DriversOnDuty",
                statistics=("Maximum",),
            ),
            _graph("A zone's tick, ms", "dispatch", "TickDurationMs", statistics=("p50", "p99")),
        ]

    def _money_and_messages(self) -> list[cloudwatch.IWidget]:
        return [
            _graph("Payouts", "insight", "PayoutsSent", "PayoutsFailed"),
            _graph("Postings", "settlement", "PostingsMade"),
            _graph("Webhooks", "notify", "WebhookDelivered", "WebhookRetried", "WebhookDead", "EndpointDisabled"),
            _graph("Messages to customers", "notify", "SmsSent", "EmailSent"),
        ]

    def _machinery(self) -> list[cloudwatch.IWidget]:
        functions = self._platform.functions
        waiting = [
            queue.metric_approximate_number_of_messages_visible(label=name, statistic="Maximum")
            for name, queue in self._platform.queues.items()
        ]
        publish = functions["bus/publish"]
        return [
            _widget("Errors", [f.function.metric_errors(label=name) for name, f in functions.items()]),
            _widget(
                "Duration p99, ms",
                [f.function.metric_duration(label=name, statistic="p99") for name, f in functions.items()],
            ),
            _widget("Waiting in queues", waiting),
            _widget("Events' way out, ms late", [publish.metric("IteratorAge", "Maximum")]),
        ]


def _graph(title: str, room: str, *names: str, statistics: tuple[str, ...] = ("Sum",)) -> cloudwatch.IWidget:
    return _widget(title, [business_metric(room, name, statistic) for name in names for statistic in statistics])


def _widget(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.IWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=6, height=6)
