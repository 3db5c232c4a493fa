"""The drivers of a scenario, who act as the story says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import requests

from local.city.api import Caller, RefusedError
from local.city.driver import picture
from local.city.plans.geometry import Point, distance_m
from local.city.push import Phone
from local.running import RunningStack

DRIVES_MPS = 60.0
"""Speed at which a driver moves; the platform leaves out positions that need more than 70 m/s."""


class Actor:
    """A driver with their app, whose every action is called by the story."""

    def __init__(self, name: str, driver_id: str, app: Caller, phone: Phone, stack: RunningStack, home: Point) -> None:
        self.name = name
        self.id = driver_id
        self.app = app
        self.phone = phone
        self._stack = stack
        self.at = home

    def go_on_duty(self) -> None:
        """Start to take work, with a phone that rings at an offer."""
        self.phone.subscribe()
        self.app.post("/v1/driver/duty", {"position": self.at.json()})

    def go_home(self) -> None:
        """Stop taking work."""
        self.app.delete("/v1/driver/duty")

    def offers(self) -> list[dict[str, Any]]:
        """Return the offers that wait for an answer."""
        found: list[dict[str, Any]] = self.app.get("/v1/driver/offers")["offers"]
        return found

    def accept(self, offer: dict[str, Any]) -> str:
        """Accept an offer; return its state."""
        return str(self.app.post(f"/v1/driver/offers/{offer['offer_id']}/accept")["state"])

    def decline(self, offer: dict[str, Any], reason: str) -> str:
        """Decline an offer; return its state."""
        path = f"/v1/driver/offers/{offer['offer_id']}/decline"
        return str(self.app.post(path, {"reason": reason})["state"])

    def stops(self) -> list[dict[str, Any]]:
        """Return the open stops."""
        found: list[dict[str, Any]] = self.app.get("/v1/driver/route")["stops"]
        return found

    def step(self, delivery: dict[str, Any], name: str, **body: Any) -> str:
        """Make a step at a stop; return the delivery's state after it."""
        body["device_at"] = self._now()
        return str(self.app.post(f"/v1/driver/deliveries/{delivery['id']}/{name}", body)["state"])

    def stand_at(self, point: Point) -> dict[str, Any]:
        """Drive to a point, no faster than the platform accepts positions, and report the position there."""
        self._stack.sleep_sim(distance_m(self.at, point) / DRIVES_MPS)
        self.at = point
        fix = {"point": point.json(), "device_at": self._now(), "accuracy_m": 8}
        told: dict[str, Any] = self.app.post("/v1/driver/positions", {"fixes": [fix]})
        return told

    def upload(self, delivery: dict[str, Any], kind: str) -> None:
        """Upload a photo or a signature."""
        request = {"kind": kind, "content_type": "image/png"}
        form = self.app.post(f"/v1/driver/deliveries/{delivery['id']}/proofs", request)
        sent = requests.post(form["url"], data=form["fields"], files={"file": picture(kind)}, timeout=30)
        sent.raise_for_status()

    def fetch(self, delivery: dict[str, Any]) -> None:
        """Go to the pickup and take the goods on board."""
        self.step(delivery, "depart", stop="pickup")
        self.stand_at(Point.of(delivery["pickup"]))
        self.step(delivery, "arrive", stop="pickup")
        self.step(delivery, "pick-up")

    def bring(self, delivery: dict[str, Any]) -> None:
        """Go to the customer's door with the goods."""
        self.step(delivery, "depart", stop="dropoff")
        self.stand_at(Point.of(delivery["dropoff"]))
        self.step(delivery, "arrive", stop="dropoff")

    def _now(self) -> str:
        return datetime.fromtimestamp(self._stack.sim_now(), UTC).isoformat()


def refusal(deed: Any, *arguments: Any, **named: Any) -> RefusedError:
    """Call a function that the platform should refuse, and return the refusal.

    Raises
    ------
    AssertionError
        If it is not refused.
    """
    try:
        deed(*arguments, **named)
    except RefusedError as refused:
        return refused
    raise AssertionError(f"{deed.__name__} was not refused")
