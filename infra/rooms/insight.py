"""Insight: metrics and zones' days from events, finance's mails, and the break-even of zones."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from crowdship.insight.finance.exceptions import EXCEPTION_OF
from crowdship.insight.zone_days.facts import EVENTS
from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue

EVERY = Duration.minutes(15)


class Insight(Construct):
    """Events counted as metrics and summed by zone and day; mails to finance, planned by a schedule and sent once."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Insight")
        measure = RoomFunction(self, platform, "events/measure")
        measures = WorkQueue(self, platform, "measures", measure)
        platform.bus.tells(measures, "delivery.*", "offer.*", "payout.*", "tracking.alert_raised")
        tally = RoomFunction(self, platform, "events/tally", reads=["drivers"], writes=["insight"])
        platform.bus.tells(WorkQueue(self, platform, "tallies", tally), *EVENTS, *EXCEPTION_OF)
        self._mails(platform)
        RoomFunction(self, platform, "console/break_even", reads=["zones"], only={"insight": ("Query",)}, memory=1024)

    def _mails(self, platform: Platform) -> None:
        finance = {"FINANCE_EMAIL": platform.settings.finance_email}
        sender = RoomFunction(
            self,
            platform,
            "tasks/finance_mail",
            reads=["claims", "invoicing", "merchants", "pay_floors", "payouts", "settlement", "zones"],
            writes=["insight"],
            timeout=300,
            memory=1769,
            finance=True,
            environment={**finance, "PAGES_URL": platform.pages_url},
        )
        sender.may_send_mail()
        mails = WorkQueue(self, platform, "mailings", sender, batch_size=1, most_at_once=2)
        plan = RoomFunction(
            self,
            platform,
            "tasks/finance_mail_plan",
            reads=["settlement", "zones"],
            writes=["insight"],
            timeout=600,
            memory=1024,
            environment=finance,
        )
        staff = RoomFunction(self, platform, "console/finance_mails", writes=["insight"], environment=finance)
        mails.filled_by(plan, staff)
        rule = events.Rule(
            self,
            "Quarterly",
            description="Sum the last days of zones, and queue the finance mails that are due",
            schedule=events.Schedule.rate(EVERY),
        )
        rule.add_target(
            targets.LambdaFunction(
                plan.function,
                dead_letter_queue=platform.bus.undeliverable,
                retry_attempts=0,  # the next run looks at all that is due
            )
        )
