"""A driver's shift with all tools of the app: a rival, the camera, a correction, a call, help, and safer sign-ins."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import requests

from local import pages
from local.city.town import new_password
from local.e2e import sign_ins
from local.scenarios.scene import Scene

PARCELS = ("PARCEL-0001", "PARCEL-0002")
VERSION = re.compile(rb"(?<=version:.)[0-9a-f]{12}")
NEWER = "0000feedface"


class Equipped:
    """The story.

    Parameters
    ----------
    scene : Scene
        The scene, which it opens. Offers go to both drivers at once.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        sign_ins.reset(scene)
        both = {"policy": "broadcast", "broadcast_drivers": 2, "acceptance_probability": 1}
        self._driver, self._rival = scene.open(2, named=("Ada Lund", "Ben Okoro"), offers=both)
        self._offered: dict[str, Any] = {}
        self._scanned: dict[str, Any] = {}
        self.steps: dict[str, Callable[[], object]] = {
            "begin": self._begin,
            "offer": self._offer,
            "rival_takes_it": lambda: self._rival.accept(self._rival.offers()[0]),
            "call_off": self._call_off,
            "assign": self._assign,
            "pin": lambda: scene.follow(self._scanned)[1]["pin"],
            "customer_calls": self._customer_calls,
            "state": lambda: scene.delivery(self._scanned)["state"],
            "emergencies": self._emergencies,
            "handle": self._handle,
            "newer": lambda: self._put_worker(newer=True),
            "older": lambda: self._put_worker(newer=False),
        }

    def _begin(self) -> dict[str, Any]:
        """Put the rival on duty, and return how the driver signs in."""
        scene = self._scene
        account = next(one for one in scene.town.register.drivers.values() if one.driver_id == self._driver.id)
        self._driver.offers()  # signs in while the kept password holds
        former = new_password()
        sign_ins.set_password(scene, account.driver_id, former)
        self._put_worker(newer=False)
        return {
            "username": account.driver_id,
            "former": former,
            "password": account.password,
            "place": scene.centre.json(),
        }

    def _offer(self) -> None:
        """Order something, with the rival on duty, who is asked too."""
        self._rival.go_on_duty()
        self._rival.stand_at(self._scene.centre)
        self._offered = self._scene.order(600)
        self._scene.offer_to(self._rival)

    def _call_off(self) -> None:
        self._scene.shop.post(f"/v1/deliveries/{self._offered['id']}/cancel", {"reason": "other"})

    def _assign(self) -> dict[str, Any]:
        """Give the driver a delivery whose parcels are scanned and that needs a PIN."""
        needs = {"pin": True, "barcode": True}
        self._scanned = self._scene.order(500, requirements=needs, parcel_codes=list(PARCELS))
        self._scene.assign(self._scanned, self._driver)
        return {"place": self._scanned["dropoff"]}

    def _customer_calls(self) -> str:
        """Return the number that the customer's page would call."""
        link = self._scene.stack.behind_link(self._scanned["tracking_url"])
        return str(requests.post(f"{link}/call", timeout=20).json()["number"])

    def _emergencies(self) -> list[dict[str, Any]]:
        """Return the driver's emergencies that staff see."""
        seen = self._scene.staff.get("/v1/staff/emergencies")["emergencies"]
        return [one for one in seen if one["driver_id"] == self._driver.id]

    def _handle(self) -> None:
        for one in self._emergencies():
            self._scene.staff.post(f"/v1/staff/emergencies/{one['emergency_id']}/handle", {"note": "called back"})

    def _put_worker(self, *, newer: bool) -> str:
        """Upload the app's worker as the next deployment would change it, or as it was built; return its version."""
        (worker,) = (file for file in pages.files() if file.key == pages.WORKER)
        body = worker.source.read_bytes()
        if newer:
            body = VERSION.sub(NEWER.encode(), body)
        self._scene.stack.client("s3").put_object(
            Bucket=self._scene.stack.outputs["PagesBucket"],
            Key=worker.key,
            Body=body,
            ContentType=worker.content_type,
            CacheControl=worker.cache_control,
        )
        found = VERSION.search(body)
        assert found, "the worker names no version"
        return found[0].decode()
