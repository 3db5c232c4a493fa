"""A delivery that a customer follows, from the order to the door, and then rates and tips."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.scenarios.scene import Scene


class Followed:
    """The story.

    Parameters
    ----------
    scene : Scene
        The scene, which it opens.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        (self._driver,) = scene.open(1, named=("Ada Lund",))
        scene.shop.patch("/v1/account", {"customer_tips": True})
        self._delivery: dict[str, Any] = {}
        self.steps: dict[str, Callable[[], object]] = {
            "order": self._order,
            "take": self._take,
            "fetch": lambda: self._driver.fetch(self._delivery),
            "set_out": lambda: self._driver.step(self._delivery, "depart", stop="dropoff"),
            "come_near": lambda: self._driver.stand_at(scene.centre.moved(700, 0)),
            "arrive": self._arrive,
            "deliver": self._deliver,
        }

    def _order(self) -> dict[str, str]:
        self._delivery = self._scene.order(900, requirements={"pin": True})
        return {"tracking_url": self._delivery["tracking_url"]}

    def _take(self) -> None:
        self._driver.go_on_duty()
        self._driver.accept(self._scene.offer_to(self._driver))

    def _arrive(self) -> None:
        self._driver.stand_at(self._scene.centre.moved(900, 0))
        self._driver.step(self._delivery, "arrive", stop="dropoff")

    def _deliver(self) -> None:
        _, seen = self._scene.follow(self._delivery)
        self._driver.step(self._delivery, "deliver", pin=seen["pin"], position=self._driver.at.json())
        self._driver.go_home()
