"""A dispatcher who signs in by hand, and the zone as they find it."""

from __future__ import annotations

from local.running import RunningStack
from local.scenarios.scene import Scene
from local.staff import ADMINISTRATOR, member

DISPATCHER = "e2e-dispatcher"


def dispatcher(stack: RunningStack) -> dict[str, str]:
    """Make a member of staff who signs in by hand and has no second factor yet; return their name and password."""
    return {"username": DISPATCHER, "password": member(stack, DISPATCHER, ADMINISTRATOR)}


def clear_incidents(scene: Scene) -> None:
    """End the incidents that an earlier run reported."""
    incidents = f"/v1/staff/zones/{scene.town.key}/incidents"
    for known in scene.staff.get(incidents)["incidents"]:
        scene.staff.delete(f"{incidents}/{known['id']}")
