"""A BigCommerce shop only names its orders: they are fetched from its API, also after it did not answer for a while."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from local.imitations.bigcommerce import TOKEN, Answer, BigCommerce
from local.scenarios.scene import Scene
from local.scenarios.shopify_order import post

AWAITING_FULFILLMENT, CANCELLED = 11, 5


def play(scene: Scene) -> None:
    """Play it."""
    (ada,) = scene.open(1, named=("Ada Lund",))
    merchant = scene.town.register.merchants["shop"].merchant_id
    number = int(scene.run, 16)
    with BigCommerce() as store:
        fields = {"api_path": store.api_path, "access_token": TOKEN}
        told = scene.staff.put(f"/v1/staff/merchants/{merchant}/bigcommerce", fields)
        secret = {"X-Crowdship-Secret": told["signing_secret"]}

        def send(scope: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
            return post(scene, told["delivery_path"], store.message(number, f"store/order/{scope}"), headers)

        store.put(_order(scene, number, AWAITING_FULFILLMENT))
        status, _ = send("created", {"X-Crowdship-Secret": "made-up"})
        assert (status, store.asked) == (401, []), f"without the secret it was answered with {status}: {store.asked}"
        store.failures.append(Answer(503))
        status, answer = send("created", secret)
        assert status == 503, f"while the shop's API failed, the message was answered with {status} {answer}"
        scene.say(f"order {number} can't be fetched from the shop, so the shop is asked to send its message again")
        status, first = send("created", secret)
        assert (status, bool(first.get("delivery_id"))) == (200, True), f"it was answered with {status} {first}"
        _, again = send("created", secret)
        assert again == first, f"the same message again was answered with {again}"
        scene.say("the message is sent again, twice: there is one delivery")
        ada.go_on_duty()
        ada.accept(scene.offer_to(ada))
        store.put(_order(scene, number, CANCELLED))
        _, gone = send("statusUpdated", secret)
        assert gone["acknowledged"] == "cancelled", f"the cancellation was answered with {gone}"
        state = scene.delivery({"id": first["delivery_id"]})["state"]
        assert state == "cancelled", f"the delivery of the cancelled order is {state}"
        scene.say("the shop cancels the order before Ada arrives, and its delivery is cancelled too")


def _order(scene: Scene, number: int, status: int) -> dict[str, Any]:
    """Return an order as the shop's API has it; a form of the checkout added the coordinates."""
    there = scene.centre.moved(300, 200)
    now = datetime.fromtimestamp(scene.stack.sim_now(), UTC)
    address = {
        "first_name": "Robin",
        "last_name": "Field",
        "street_1": "5 Green Lane",
        "city": "Story",
        "country_iso2": "US",
        "phone": scene.phone(str(number)),
        "shipping_method": "Local courier",
        "form_fields": [
            {"name": "_crowdship_lat", "value": str(there.lat)},
            {"name": "_crowdship_lon", "value": str(there.lon)},
        ],
    }
    return {
        "order": {"id": number, "status_id": status, "currency_code": "USD", "date_modified": format_datetime(now)},
        "products": [{"id": 1, "type": "physical", "quantity": 1}],
        "shipping_addresses": [address],
    }
