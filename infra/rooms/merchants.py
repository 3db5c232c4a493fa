"""Merchants: their accounts and API keys."""

from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform


class Merchants(Construct):
    """Staff manage merchants; merchants manage their accounts."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Merchants")
        staff = RoomFunction(self, platform, "console/merchants", reads=["zones"], writes=["merchants"])
        staff.may_write_merchant_secrets()
        RoomFunction(self, platform, "merchant/account", reads=["usage", "zones"], writes=["merchants"])
