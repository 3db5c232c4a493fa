"""A dispatcher's hour: a late order, a route to rearrange, orders without a driver, a driver's emergency and words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from local.e2e.staff import clear_incidents, dispatcher
from local.scenarios.actors import Actor
from local.scenarios.scene import Scene

PROMISE_MINUTES = 5
"""As short a promise as a zone may make; a driver in a jam far from the shop breaks it."""

JAM_M = 1000.0


class Dispatched:
    """The story. All offers are paused, so whatever happens is an act of the dispatcher.

    Parameters
    ----------
    scene : Scene
        The scene, which it opens.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._ada, self._ben = scene.open(2, named=("Ada Lund", "Ben Okoro"))
        zone = f"/v1/staff/zones/{scene.town.key}"
        scene.staff.put(zone, {**scene.staff.get(zone)["settings"], "promise_minutes": PROMISE_MINUTES})
        clear_incidents(scene)
        pause = {"orders": False, "offers": True, "reason": "Only dispatchers act in this story"}
        scene.staff.put(f"{zone}/pause", pause)
        self._numbers = 0
        self.steps: dict[str, Callable[[], object]] = {
            "begin": self._begin,
            "order": self._order,
            "press": self._press,
            "write": self._write,
            "messages": self._messages,
            "route": lambda: [stop["delivery_id"] for stop in self._ben.stops()],
        }

    def _begin(self) -> dict[str, Any]:
        """Put both drivers on duty, and give the first two orders to one of them."""
        for driver in (self._ada, self._ben):
            driver.go_on_duty()
            driver.stand_at(self._scene.centre)
        late, other = self._order(1900), self._order(400)
        self._scene.assign(late, self._ada)
        self._scene.assign(other, self._ben)
        self._jam()
        return {
            "zone": self._scene.town.key,
            **dispatcher(self._scene.stack),
            "late": late["order_number"],
            "other": other["order_number"],
        }

    def _jam(self) -> None:
        """Let the first driver stand in a jam far from the shop."""
        where = self._scene.centre.moved(-2200, 0)
        until = self._scene.now() + timedelta(hours=6)
        jam = {"centre": where.json(), "radius_m": JAM_M, "slowdown": 10, "ends_at": until.isoformat(), "note": "Jam"}
        self._scene.staff.post(f"/v1/staff/zones/{self._scene.town.key}/incidents", jam)
        self._ada.stand_at(where)

    def _order(self, east_m: float = 500) -> dict[str, Any]:
        self._numbers += 1
        return self._scene.order(east_m, order_number=f"E2E-{self._numbers}")

    def _press(self) -> None:
        """Let a driver press for help."""
        body = {"emergency_id": str(uuid.uuid4()), "position": self._ben.at.json(), "note": "A car hit me"}
        self._ben.app.post("/v1/driver/emergencies", body)

    def _write(self) -> None:
        _say(self._ada, "The gate is locked")

    def _messages(self) -> list[str]:
        """Return the texts that the driver who wrote sees."""
        return [message["text"] for message in self._ada.app.get("/v1/driver/messages")["messages"]]


def _say(driver: Actor, text: str) -> None:
    driver.app.post("/v1/driver/messages", {"message_id": str(uuid.uuid4()), "text": text})
