"""Drivers and zones: their records, and duties of drivers."""

from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.reference import arn


class Drivers(Construct):
    """Staff manage drivers and zones; drivers go on duty and off."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Drivers")
        staff = RoomFunction(
            self,
            platform,
            "console/drivers",
            reads=["merchants", "zones"],
            writes=["drivers", "deliveries", "routes"],
            # The alerts about a driver who is taken off duty are cleared.
            only={"vault": ("PutItem", "DeleteItem"), "tracking": ("GetItem", "PutItem")},
        )
        staff.tell("USER_POOL_ID", platform.reference("UserPoolId"))
        users = arn("cognito-idp", f"userpool/{platform.reference('UserPoolId')}")
        staff.may("cognito-idp:AdminCreateUser", "cognito-idp:AdminAddUserToGroup", on=[users])

        RoomFunction(self, platform, "console/zones", writes=["zones"])
        RoomFunction(
            self,
            platform,
            "driver/duty",
            reads=["zones", "routes"],
            writes=["drivers", "tracking"],
        )
