"""A dispatcher's second hour: the zone's outline and pause, orders offered, moved and ended by hand, pay and proof."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.e2e.staff import clear_incidents, dispatcher
from local.scenarios.scene import Scene

LONGEST_WAIT_S = 900
"""The longest that a zone may wait before it plans, so no round makes an offer while the story runs."""

DOOR_M, ELSEWHERE_M = 150.0, 4000.0


class ByHand:
    """The story.

    Parameters
    ----------
    scene : Scene
        The scene, which it opens.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        waits = {"batch_seconds": LONGEST_WAIT_S, "retry_seconds": LONGEST_WAIT_S}
        self._ada, self._ben, self._cleo = self._crew = scene.open(
            3, named=("Ada Lund", "Ben Okoro", "Cleo Marsh"), rounds=waits
        )
        self._zone = f"/v1/staff/zones/{scene.town.key}"
        scene.staff.delete(f"{self._zone}/pause")  # of an interrupted run
        clear_incidents(scene)
        self._orders: dict[str, dict[str, Any]] = {}
        self.steps: dict[str, Callable[[], object]] = {
            "begin": self._begin,
            "order": self._order,
            "accept": lambda: self._ada.accept(scene.offer_to(self._ada)),
            "carry": self._carry,
            "stand_at_shop": self._stand_at_shop,
            "hand_over": self._hand_over,
            "hold": self._hold,
            "zone": lambda: scene.staff.get(self._zone),
            "orders": self._seen,
            "drivers": self._known,
        }

    def _begin(self) -> dict[str, Any]:
        """Put all drivers on duty at the shop."""
        for driver in self._crew:
            self._release(driver.id)  # an interrupted run may have stopped the driver
            driver.go_on_duty()
            driver.stand_at(self._scene.centre)
        return {"zone": self._scene.town.key, "centre": self._scene.centre.json(), **dispatcher(self._scene.stack)}

    def _release(self, driver_id: str) -> None:
        for one in self._scene.staff.get(f"/v1/staff/drivers/{driver_id}/cases")["cases"]:
            if one["waits_for"] in ("review", "decision"):
                path = f"/v1/staff/cases/{one['case']['id']}/dismiss"
                self._scene.staff.post(path, {"reasons": "An interrupted run."})

    def _order(self, **wishes: Any) -> dict[str, str]:
        number = f"HAND-{self._scene.run[-4:]}-{len(self._orders) + 1}"
        placed = self._scene.order(DOOR_M, order_number=number, **wishes)
        self._orders[number] = placed
        return {"id": placed["id"], "number": number}

    def _carry(self) -> dict[str, str]:
        """Order something that Ben has on board."""
        told = self._order()
        order = self._orders[told["number"]]
        self._scene.assign(order, self._ben)
        self._ben.fetch(order)
        return told

    def _stand_at_shop(self) -> dict[str, str]:
        """Order something for which Ben stands at the shop."""
        told = self._order()
        order = self._orders[told["number"]]
        self._scene.assign(order, self._ben)
        self._ben.step(order, "depart", stop="pickup")
        self._ben.stand_at(self._scene.centre)
        self._ben.step(order, "arrive", stop="pickup")
        return told

    def _hand_over(self) -> dict[str, str]:
        """Order something that Ben delivers with a photo and a signature."""
        told = self._order(requirements={"photo": True, "signature": True})
        self._deliver(told["number"], DOOR_M)
        return told

    def _hold(self) -> list[dict[str, str]]:
        """Order two things that Ben delivers while his phone is far from the door."""
        held = [self._order(), self._order()]
        for told in held:
            self._deliver(told["number"], ELSEWHERE_M)
        return held

    def _deliver(self, number: str, east_m: float) -> None:
        """Let Ben deliver an order with his phone at a distance east of the shop."""
        order, ben = self._orders[number], self._ben
        self._scene.assign(order, ben)
        ben.stand_at(self._scene.centre)
        ben.fetch(order)
        ben.bring(order)
        if order["requirements"]["photo"]:
            ben.upload(order, "photo")
            ben.upload(order, "signature")
        ben.step(order, "deliver", position=self._scene.centre.moved(east_m, 0).json())

    def _seen(self) -> dict[str, Any]:
        """Return the state and the driver of each order, by its number."""
        name = {driver.id: driver.name for driver in self._crew}
        staff = self._scene.staff
        seen = {
            number: staff.get(f"/v1/staff/deliveries/{order['id']}")["delivery"]
            for number, order in self._orders.items()
        }
        return {number: {"state": one["state"], "driver": name.get(one["driver_id"])} for number, one in seen.items()}

    def _known(self) -> dict[str, Any]:
        """Return by name whether a driver is on duty, and whether suspended."""
        told = {}
        for driver in self._crew:
            known = self._scene.staff.get(f"/v1/staff/drivers/{driver.id}")
            told[driver.name] = {
                "on_duty": known["duty"] is not None,
                "suspended": known["standing"]["level"] == "suspension",
            }
        return told
