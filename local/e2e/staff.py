"""A dispatcher who signs in by hand, and the zone as they find it."""

from __future__ import annotations

import contextlib

from local.city.town import new_password
from local.running import RunningStack
from local.scenarios.scene import Scene

DISPATCHER = "e2e-dispatcher"


def dispatcher(stack: RunningStack) -> dict[str, str]:
    """Make a member of staff who signs in by hand, and return their name and password."""
    cognito, pool = stack.client("cognito-idp"), stack.outputs["UserPoolId"]
    with contextlib.suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(UserPoolId=pool, Username=DISPATCHER, MessageAction="SUPPRESS")
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=DISPATCHER, GroupName="staff")
    password = new_password()
    cognito.admin_set_user_password(UserPoolId=pool, Username=DISPATCHER, Password=password, Permanent=True)
    return {"username": DISPATCHER, "password": password}


def clear_incidents(scene: Scene) -> None:
    """End the incidents that an earlier run reported."""
    incidents = f"/v1/staff/zones/{scene.town.key}/incidents"
    for known in scene.staff.get(incidents)["incidents"]:
        scene.staff.delete(f"{incidents}/{known['id']}")
