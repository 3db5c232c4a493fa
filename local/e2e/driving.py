"""A driver's day in the app: the first sign-in, pushed offers, orders of all kinds, and what became of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from local.city.push import PATH
from local.e2e import sign_ins
from local.imitations.push_service import Browser
from local.scenarios.scene import Scene
from local.staff import new_password

PARCELS = ("PARCEL-0001", "PARCEL-0002")
MANY = 10


class Driving:
    """The story.

    Parameters
    ----------
    scene : Scene
        The scene, which it opens.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        sign_ins.reset(scene)
        (self._driver,) = scene.open(1, named=("Ada Lund",))
        self._browser: Browser | None = None
        self._deliveries: list[dict[str, Any]] = []
        self.steps: dict[str, Callable[[], object]] = {
            "hire": self._hire,
            "subscribe": self._subscribe,
            "order_all": lambda: self._order(
                500,
                requirements={"photo": True, "signature": True, "pin": True, "barcode": True},
                parcel_codes=list(PARCELS),
            ),
            "order_plain": lambda: self._order(900),
            "order_many": self._order_many,
            "pushed_offer": self._pushed_offer,
            "pin": lambda: {"pin": scene.follow(self._deliveries[0])[1]["pin"]},
            "become": lambda: {"deliveries": [self._seen(one) for one in self._deliveries]},
        }

    def _hire(self) -> dict[str, Any]:
        """Give the driver a temporary password, as the invitation does; the page replaces it by the kept one."""
        scene = self._scene
        account = next(one for one in scene.town.register.drivers.values() if one.driver_id == self._driver.id)
        self._driver.offers()  # signs in while the kept password holds
        temporary = new_password()
        sign_ins.set_password(scene, account.driver_id, temporary, permanent=False)
        return {
            "username": account.driver_id,
            "temporary": temporary,
            "password": account.password,
            "place": scene.centre.json(),
        }

    def _subscribe(self) -> dict[str, Any]:
        """Return the subscription that the page's browser would have got from its push service."""
        known = self._driver.app.get(PATH)
        for old in known["subscriptions"]:
            self._driver.app.delete(f"{PATH}/subscriptions/{old['subscription_id']}")
        self._browser = self._scene.receivers.pushes.subscribe(known["public_key"])
        return self._browser.subscription

    def _pushed_offer(self) -> dict[str, Any]:
        """Return the message of an offer once it was pushed to the browser."""
        browser, pushes = self._browser, self._scene.receivers.pushes
        assert browser, "subscribe first"

        def look() -> dict[str, Any] | None:
            heard = pushes.messages(browser.id, take=True)
            return next((one.message for one in heard if one.message["kind"] == "offer"), None)

        return self._scene.until("the offer is pushed", look)

    def _order(self, east_m: float, **changes: Any) -> dict[str, Any]:
        delivery = self._scene.order(east_m, **changes)
        self._deliveries.append(delivery)
        return {"id": delivery["id"], "place": delivery["dropoff"]}

    def _order_many(self) -> dict[str, Any]:
        """Order parcels for one customer at one door, and give them all to the driver."""
        contact = {"name": "Kim Lee", "phone": self._scene.phone("many"), "address": "9 Lake View"}
        point = self._scene.centre.moved(700, 100).json()
        placed = []
        for _ in range(MANY):
            body = self._scene.order_body()
            body |= {"dropoff": {"contact": contact, "point": point}, "parcel": {"weight_g": 200, "volume_l": 1}}
            placed.append(self._scene.shop.post("/v1/deliveries", body, Idempotency_Key=body["external_id"]))
        for delivery in placed:
            self._scene.assign(delivery, self._driver)
        self._deliveries += placed
        return {"place": point}

    def _seen(self, delivery: dict[str, Any]) -> dict[str, Any]:
        seen = self._scene.delivery(delivery)
        told: dict[str, Any] = {"id": seen["id"], "state": seen["state"]}
        if seen["state"] == "delivered":
            proof = self._scene.staff.get(f"/v1/staff/deliveries/{delivery['id']}/proof")
            told["pictures"] = sorted(one["kind"] for one in proof["images"])
        return told
