"""Drivers and zones: who drives, where, and who is on duty now."""

from constructs import Construct

from infra.functions import Platform, RoomFunction
from infra.identity import Identity


class Drivers(Construct):
    """What staff do about drivers and zones, and how drivers go on duty."""

    def __init__(self, scope: Construct, platform: Platform, identity: Identity) -> None:
        super().__init__(scope, "Drivers")
        staff = RoomFunction(
            self,
            platform,
            "drivers/staff_api",
            reads=["merchants"],
            writes=["zones", "drivers", "deliveries", "routes"],
            # A driver who is taken off duty is no longer watched.
            only={"vault": ("PutItem",), "tracking": ("GetItem", "PutItem")},
        )
        staff.tell("USER_POOL_ID", identity.pool.user_pool_id)
        staff.may("cognito-idp:AdminCreateUser", "cognito-idp:AdminAddUserToGroup", on=[identity.pool.user_pool_arn])

        RoomFunction(
            self,
            platform,
            "drivers/duty_api",
            reads=["zones", "routes"],
            writes=["drivers", "tracking"],
        )
