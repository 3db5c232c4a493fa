"""Steps of a phone through the running platform: pictures in the body, digests, and many parcels at one door."""

from __future__ import annotations

import hashlib
import time
from typing import Any

import pytest

from local.city.driver import picture
from tests.api_calls import ok, problem
from tests.api_clients import Driver, Network, Shop

PARCELS = 10


@pytest.fixture(scope="module")
def at_work(network: Network) -> tuple[Shop, Driver]:
    zone = network.zone("phone-steps", offers={"seconds": 3600})
    shop, driver = network.shop(zone), network.driver(zone)
    driver.go_on_duty()
    return shop, driver


def act(
    driver: Driver, method: str, path: str, body: bytes, kind: str, digest_of: str | None = None, **query: str
) -> Any:
    """Send an action with its digest, or with that of another path."""
    digest = hashlib.sha256(f"{method} {digest_of or path}\n".encode() + body).hexdigest()
    headers = {"Content-Type": kind, "Action-Digest": digest, "Action-Id": "0b8d3f0e-3f0c-4e8d-9f63-0f5e7c1d2a3b"}
    return driver.api(method, path, data=body, headers=headers, query=query)


def test_ten_parcels_at_one_door_are_proven_by_the_same_photo_and_delivered_in_seconds(
    network: Network, at_work: tuple[Shop, Driver]
) -> None:
    shop, driver = at_work
    orders = [shop.order(requirements={"photo": True}) for _ in range(PARCELS)]
    for order in orders:
        ok(network.staff("POST", f"/v1/staff/deliveries/{order['id']}/assign", {"driver_id": driver.id}))
    for order in orders:
        path = f"/v1/driver/deliveries/{order['id']}"
        for step in ("depart", "arrive"):
            driver.api.post(f"{path}/{step}", {"stop": "pickup", "device_at": driver.now()})
        driver.api.post(f"{path}/pick-up", {"device_at": driver.now()})
        for step in ("depart", "arrive"):
            driver.api.post(f"{path}/{step}", {"stop": "dropoff", "device_at": driver.now()})
    photo = picture("photo")
    digest = hashlib.sha256(photo).hexdigest()
    began = time.monotonic()
    for order in orders:
        path = f"/v1/driver/deliveries/{order['id']}"
        kept = ok(act(driver, "PUT", f"{path}/proofs/photo", photo, "image/png", sha256=digest), 201)
        assert kept == {"kind": "photo", "sha256": digest, "bytes": len(photo)}
        assert driver.api.post(f"{path}/deliver", {"device_at": driver.now()})["state"] == "delivered"
    print(f"{PARCELS} parcels at one door: {time.monotonic() - began:.1f} s")
    for order in orders:
        proof = network.staff.get(f"/v1/staff/deliveries/{order['id']}/proof")
        assert [image["sha256"] for image in proof["images"]] == [digest]


def test_an_action_under_another_path_or_with_other_bytes_does_nothing(
    at_work: tuple[Shop, Driver], network: Network
) -> None:
    shop, driver = at_work
    order = shop.order()
    ok(network.staff("POST", f"/v1/staff/deliveries/{order['id']}/assign", {"driver_id": driver.id}))
    path = f"/v1/driver/deliveries/{order['id']}/unassign"
    body = b"{}"
    refused = act(driver, "POST", path, body, "application/json", path.replace(order["id"], "dlv_other"))
    problem(refused, 400, "action_digest_mismatch")
    assert shop.delivery(order["id"])["state"] == "assigned"
    photo = picture("photo")
    wrong = act(
        driver, "PUT", f"/v1/driver/deliveries/{order['id']}/proofs/photo", photo[:-9], "image/png", sha256="0" * 64
    )
    problem(wrong, 422, "wrong_hash")
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    drawn = act(
        driver, "PUT", f"/v1/driver/deliveries/{order['id']}/proofs/signature", svg, "image/svg+xml", sha256="0" * 64
    )
    problem(drawn, 415)
    assert ok(act(driver, "POST", path, body, "application/json"))["state"] == "created"
    shop.cancel(order["id"])
