"""Insight: metrics from events, and the report to finance."""

from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue


class Insight(Construct):
    """Events counted as metrics, and the report at the end of a pay run."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Insight")
        measure = RoomFunction(self, platform, "events/measure")
        measures = WorkQueue(self, platform, "measures", measure)
        platform.bus.tells(measures, "delivery.*", "offer.*", "payout.*", "tracking.alert_raised")

        finance_report = RoomFunction(
            self,
            platform,
            "tasks/finance_report",
            reads=["merchants", "payouts"],
            writes=["settlement"],
            timeout=120,
            environment={"FINANCE_EMAIL": platform.settings.finance_email},
        )
        finance_report.may_send_mail()
