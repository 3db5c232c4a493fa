"""Data rights: drivers get everything that is held on them, and ask for corrections, which staff decide."""

from aws_cdk import Aws
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform
from infra.parts.queue import WorkQueue


class DataRights(Construct):
    """A function for drivers, one for staff, and one that makes exports; it alone reads every room, and writes none."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "DataRights")
        bucket = platform.reference("ExportsBucket")
        files = f"arn:{Aws.PARTITION}:s3:::{bucket}/*"
        driver = RoomFunction(
            self,
            platform,
            "driver/data_rights",
            reads=["drivers", "vault"],
            writes=["data_rights"],
            only={"vault": ("PutItem",)},
        )
        RoomFunction(
            self,
            platform,
            "console/data_rights",
            reads=["drivers", "vault"],
            writes=["data_rights"],
            # A name that is corrected is found under its new words.
            only={"vault": ("PutItem", "DeleteItem")},
        )
        export = RoomFunction(
            self,
            platform,
            "events/export",
            reads=[
                "audit",
                "blocks",
                "claims",
                "incentives",
                "contact",
                "deliveries",
                "dispatch",
                "documents",
                "drivers",
                "notify",
                "onboarding",
                "payouts",
                "pay_floors",
                "proof",
                "routes",
                "settlement",
                "standing",
                "tax",
                "zones",
                "tracking",
                "training",
                "vault",
            ],
            writes=["data_rights"],
            # Three years are a query for each day.
            timeout=300,
            memory=1769,
        )
        platform.bus.tells(WorkQueue(self, platform, "exports", export, batch_size=1), "export.requested")
        export.may("s3:PutObject", on=[files])
        driver.may("s3:GetObject", on=[files])
        for function in (export, driver):
            function.tell("EXPORTS_BUCKET", bucket)
            accept_wildcard(function, files, "Exports come and go without a deployment")
