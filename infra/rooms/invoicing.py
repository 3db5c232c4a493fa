"""Invoicing: merchants are billed by cycle, their payments are recorded, and they are reminded."""

from aws_cdk import Aws, TimeZone
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue, failures_of


class Invoicing(Construct):
    """A daily sweep that asks for invoices, a function that makes them, and functions for merchants and staff."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Invoicing")
        bucket = platform.reference("InvoicesBucket")
        files = f"arn:{Aws.PARTITION}:s3:::{bucket}/*"
        maker = RoomFunction(
            self,
            platform,
            "tasks/make_invoices",
            reads=["merchants", "tariffs", "zones", "deliveries"],
            # The minimum of a month is booked before it stands on an invoice.
            writes=["invoicing", "settlement"],
            finance=True,
            # A month of a large merchant is 100,000 lines, page by page.
            timeout=300,
            memory=1024,
        )
        maker.may("s3:PutObject", on=[files])
        maker.may_send_mail()
        queue = WorkQueue(self, platform, "invoices", maker, batch_size=1, most_at_once=2)
        sweep = RoomFunction(self, platform, "tasks/invoicing", reads=["merchants"], writes=["invoicing"], timeout=300)
        queue.filled_by(sweep)
        merchant = RoomFunction(self, platform, "merchant/invoices", reads=["invoicing", "merchants"])
        staff = RoomFunction(self, platform, "console/invoices", writes=["invoicing"])
        for reader in (merchant, staff):
            reader.may("s3:GetObject", on=[files])
        for function in (maker, merchant, staff):
            function.tell("INVOICES_BUCKET", bucket)
            accept_wildcard(function, files, "Invoices are made without a deployment")
        scheduler.Schedule(
            self,
            "Daily",
            description="Ask for the invoices that are due, and remind of those that are overdue",
            # After the settlement of the day before, which begins at half past four.
            schedule=scheduler.ScheduleExpression.cron(minute="0", hour="7", time_zone=TimeZone.ETC_UTC),
            target=targets.LambdaInvoke(
                sweep.function,
                role=sweep.role_of_schedule(),
                dead_letter_queue=failures_of(self, platform, "invoicing-start"),
            ),
            # Local days may last minutes; a scenario calls the sweep.
            enabled=not platform.settings.local,
        )
