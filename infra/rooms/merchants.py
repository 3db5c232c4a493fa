"""Merchants: their accounts and API keys."""

from aws_cdk import Aws
from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.nag import accept_wildcard
from infra.parts.platform import Platform


class Merchants(Construct):
    """Staff manage merchants; merchants manage their accounts."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Merchants")
        staff = RoomFunction(self, platform, "console/merchants", reads=["zones"], writes=["merchants"])
        staff.may_write_merchant_secrets()
        pages = platform.reference("PagesBucket")
        account = RoomFunction(
            self,
            platform,
            "merchant/account",
            reads=["usage", "zones"],
            writes=["merchants"],
            environment={"PAGES_BUCKET": pages},
            # A logo of 16 million pixels is decoded before it is made small.
            memory=1024,
        )
        logos = f"arn:{Aws.PARTITION}:s3:::{pages}/logos/*"
        account.may("s3:PutObject", on=[logos])
        accept_wildcard(account, logos, "A logo's name has the merchant and a hash in it")
