"""Shopify and WooCommerce send signed orders by themselves: each makes one delivery, and a cancelled one none."""

import base64
import hashlib
import hmac
import json
from typing import Any

import requests

from local.scenarios.actors import refusal
from local.scenarios.scene import Scene

SHARED_SECRET = "the-secret-of-the-shops-app"
DOMAIN = "corner-shop.myshopify.com"


def play(scene: Scene) -> None:
    """Play it."""
    (ada,) = scene.open(1, named=("Ada Lund",))
    merchant = scene.town.register.merchants["shop"].merchant_id
    scene.staff.put(f"/v1/staff/merchants/{merchant}/shopify", {"shop_domain": DOMAIN, "shared_secret": SHARED_SECRET})
    number = int(scene.run, 16)
    there = scene.centre.moved(400, 0)
    body = json.dumps(
        {
            "id": number,
            "currency": "USD",
            "total_weight": 1400,
            "total_tip_received": "2.50",
            "shipping_address": {
                "name": "Robin Field",
                "phone": scene.phone(str(number)),
                "country_code": "US",
                "address1": "5 Green Lane",
                "city": "Story",
                "latitude": there.lat,
                "longitude": there.lon,
            },
        }
    ).encode()
    path = f"/v1/sources/shopify/{merchant}/orders"
    headers = {
        "X-Shopify-Hmac-SHA256": signature(SHARED_SECRET, body),
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Webhook-Id": f"story-{scene.run}",
        "X-Shopify-Shop-Domain": DOMAIN,
    }
    status, _ = post(scene, path, body + b" ", headers)
    assert status == 401, f"a changed body was answered with {status}"
    status, first = post(scene, path, body, headers)
    assert status == 200, f"the order was answered with {status} {first}"
    assert first["delivery_id"], f"the order was ignored: {first['ignored']}"
    _, again = post(scene, path, body, headers)
    assert again == first, f"the same webhook again was answered with {again}"
    delivery = scene.delivery({"id": first["delivery_id"]})
    assert delivery["tip"]["amount"] == 250, f"the tip is {delivery['tip']}"
    scene.say(f"Shopify sends order {number}, twice: one delivery; with one byte changed: refused")
    ada.go_on_duty()
    ada.accept(scene.offer_to(ada))
    ada.fetch(delivery)
    ada.bring(delivery)
    assert ada.step(delivery, "deliver") == "delivered"
    scene.webhook(delivery, "delivery.delivered")
    scene.say("Ada delivers it; the shop's own system gets a webhook for every step")

    _ignored(scene, path, number + 2)

    site = "https://corner-shop.example"
    told = scene.staff.put(f"/v1/staff/merchants/{merchant}/woocommerce", {"shop_url": site})
    status, answer = post(scene, told["delivery_path"], b"webhook_id=7", {}, "application/x-www-form-urlencoded")
    assert (status, answer["acknowledged"]) == (200, "ping"), f"the ping was answered with {status} {answer}"
    scene.say("WooCommerce's unsigned ping is answered")

    def woo(status: str, sent: int) -> dict[str, Any]:
        order = json.dumps(woo_order(scene, number + 1, status)).encode()
        told_of = {
            "X-WC-Webhook-Signature": signature(told["signing_secret"], order),
            "X-WC-Webhook-Topic": "order.updated",
            "X-WC-Webhook-Delivery-ID": f"story-{scene.run}-{sent}",
            "X-WC-Webhook-Source": site + "/",
        }
        code, answered = post(scene, told["delivery_path"], order, told_of)
        assert code == 200, f"WooCommerce was answered with {code} {answered}"
        return answered

    assert woo("pending", 1)["ignored"] == "not_to_be_delivered"
    made = woo("processing", 2)["delivery_id"]
    assert made, "a paid order made no delivery"
    scene.say(f"its order {number + 1} is a delivery once it is paid")
    assert woo("cancelled", 3)["delivery_id"] == made
    state = scene.delivery({"id": made})["state"]
    assert state == "cancelled", f"the delivery of the cancelled order is {state}"
    scene.say("the shop cancels the order, and its delivery is cancelled too")


def _ignored(scene: Scene, path: str, number: int) -> None:
    """Send an order without a phone number: the merchant is told, sees it in the list and tries it again."""
    there = scene.centre.moved(400, 0)
    address = {"name": "Robin Field", "country_code": "US", "address1": "5 Green Lane", "city": "Story"}
    order = {"id": number, "name": "#1042", "currency": "USD"}
    order["shipping_address"] = {**address, "latitude": there.lat, "longitude": there.lon}
    body = json.dumps(order).encode()
    headers = {
        "X-Shopify-Hmac-SHA256": signature(SHARED_SECRET, body),
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Webhook-Id": f"story-{scene.run}-ignored",
        "X-Shopify-Shop-Domain": DOMAIN,
    }
    status, answer = post(scene, path, body, headers)
    code = answer["ignored"]
    assert (status, bool(code)) == (200, True), f"an order without a phone was answered with {status} {answer}"

    def told() -> dict[str, Any] | None:
        with scene.receivers.endpoints.lock:
            hooks = list(scene.receivers.endpoints.hooks)
        ours = (hook.data for hook in hooks if hook.type == "source.message_ignored")
        return next((data for data in ours if data["external_id"] == str(number)), None)

    data = scene.until("the shop's own system is told of the ignored order", told)
    assert data["code"] == code, f"it hears {data}"
    listed = scene.shop.get("/v1/account/sources/shopify/messages")["messages"]
    (kept,) = (message for message in listed if message["external_id"] == str(number))
    refused = refusal(scene.shop.post, f"/v1/account/sources/shopify/messages/{kept['message_id']}/retry")
    assert refused.code == code, f"tried again, it was answered with {refused}"
    scene.say(f"order {number} has no phone: the shop is told ({code}), sees it in its list, and may try it again")


def woo_order(scene: Scene, number: int, status: str) -> dict[str, Any]:
    """Return an order in WooCommerce's format; a plugin of the shop added the coordinates."""
    there = scene.centre.moved(300, 100)
    address = {"first_name": "Robin", "last_name": "Field", "address_1": "5 Green Lane", "country": "US"}
    return {
        "id": number,
        "status": status,
        "billing": {**address, "phone": scene.phone(str(number)), "email": ""},
        "shipping": address,
        "meta_data": [
            {"id": 1, "key": "_crowdship_lat", "value": str(there.lat)},
            {"id": 2, "key": "_crowdship_lon", "value": str(there.lon)},
        ],
    }


def signature(secret: str, body: bytes) -> str:
    """Return the base64 HMAC-SHA256 of a body, which both kinds of shop use as signature."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def post(
    scene: Scene, path: str, body: bytes, headers: dict[str, str], kind: str = "application/json"
) -> tuple[int, dict[str, Any]]:
    """Send bytes as a shop does; return the status and the answer."""
    answer = requests.post(scene.stack.api_url + path, data=body, headers={**headers, "Content-Type": kind}, timeout=30)
    return answer.status_code, answer.json()
