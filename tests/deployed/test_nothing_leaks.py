"""A small day with planted people: no log, event, metric, queue or table but the vault has anything of them."""

from __future__ import annotations

import base64
import json
import re
import secrets
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from local.city.driver import picture
from local.city.messages import Messages
from local.imitations.push_service import PushService
from local.running import RunningStack
from tests.api_calls import eventually, ok, problem
from tests.api_clients import Driver, Network, Shop, Zone
from tests.deployed.tap import Tap

SETTLED_S, LOGGED_ON_S = 5, 60
"""Wall seconds without a new line after which the logs are taken to be complete."""

OWN_PLACE = {
    "vault": {"every word"},
    "drivers": {"plate"},
    "notify": {"push endpoint", "push key"},
    "merchants": {"billing address"},
    "idempotency": {"tracking link"},
}
"""By table, what has its place there: the plate of a vehicle, where a push is sent to, whom a bill is sent to. Answers
under an Idempotency-Key are kept for a day, with the link in them."""


@dataclass
class Planted:
    """Words that somebody says, by what they are."""

    words: dict[str, str]

    def found_in(self, text: str) -> set[str]:
        """Return what of it is in a text, also in JSON within it."""
        seen = text.replace("\\", "")
        return {what for what, word in self.words.items() if word in seen}


@dataclass
class Day:
    """What a small day left behind."""

    planted: Planted
    zone_id: str
    began: float
    events: list[dict[str, Any]]


@pytest.fixture(scope="module")
def day(network: Network) -> Iterator[Day]:
    """Two orders from the quote to the rating, and much that is refused on the way."""
    tap, began = Tap(network.stack), time.time()
    try:
        with PushService() as service:
            zone = network.zone("planted", offers={"policy": "broadcast", "acceptance_probability": 1})
            planted = _live(network, zone, service)
        eventually(lambda: len(_of(tap, "rating.given")) >= 1, "the rating is on the bus")
        yield Day(planted, zone.id, began, list(tap.envelopes))
    finally:
        tap.close()


def _of(tap: Tap, kind: str) -> list[dict[str, Any]]:
    return [event for event in tap.read() if event["type"] == kind]


def _live(network: Network, zone: Zone, service: PushService) -> Planted:
    mark = secrets.token_hex(4)
    words = {
        "name": f"Quillona {mark}berg",
        "address": f"{mark} Plantedstraat",
        "notes": f"beside the {mark} statue",
        "e-mail": f"quillona.{mark}@planted.example",
        "phone": f"+1312{secrets.randbelow(8_000_000) + 2_000_000:07d}",
        "driver's name": f"Drusilla {mark}stein",
        "driver's phone": f"+1415{secrets.randbelow(8_000_000) + 2_000_000:07d}",
        "driver's e-mail": f"drusilla.{mark}@planted.example",
        "plate": f"PL {mark}".upper(),
        "message": f"I live behind the {mark} hedge",
        "comment": f"the {mark} driver sang",
        "recipient": f"Neighbour {mark}son",
        "remark": f"gave it to the {mark} aunt",
        "billing address": "books@shop.example",
    }
    shop = network.shop(zone)
    person = {"name": words["driver's name"], "phone": words["driver's phone"], "email": words["driver's e-mail"]}
    vehicle = {"kind": "car", "max_weight_g": 100_000, "max_volume_l": 400, "plate": words["plate"]}
    driver = network.driver(zone, **person, vehicle=vehicle)
    browser = service.subscribe(driver.api.get("/v1/driver/push")["public_key"])
    ok(driver.api("PUT", "/v1/driver/push/subscriptions", browser.subscription))
    words |= {"API key": shop.key, "push endpoint": browser.subscription["endpoint"]}
    words["push key"] = browser.subscription["keys"]["auth"]
    driver.go_on_duty()
    contact = {name: words[what] for name, what in _CONTACT.items()}
    _refusals(network, shop, contact)
    delivery = _deliver(network.stack, shop, driver, contact, words)
    _staff_look(network, shop, driver, delivery, words)
    ok(network.staff("DELETE", f"/v1/staff/deliveries/{delivery['id']}/contacts"), 202)
    words["tracking link"] = delivery["tracking_url"].rpartition("/")[2]
    words["driver's password"] = driver.password
    words["driver's token"] = _signature(driver.api.credential)
    words["token of staff"] = _signature(network.staff.credential)
    return Planted(words)


_CONTACT = {"name": "name", "phone": "phone", "email": "e-mail", "address": "address", "notes": "notes"}


def _signature(token: str | None) -> str:
    return str(token).rpartition(".")[2]


def _refusals(network: Network, shop: Shop, contact: dict[str, str]) -> None:
    """Send what is refused: texts of refusals are logged, and must not repeat what was sent."""
    order = shop.request(dropoff={**shop.customer(), "contact": contact})
    wrong = [
        {**order, "dropoff": {**order["dropoff"], "contact": {**contact, "phone": f"{contact['phone']}0000000"}}},
        {**order, "dropoff": {**order["dropoff"], "contact": {**contact, "email": contact["name"]}}},
        {**order, "dropoff": {**order["dropoff"], "contact": {**contact, contact["name"]: contact["address"]}}},
        {**order, "tip": contact["name"]},
    ]
    for body in wrong:
        problem(shop.api("POST", "/v1/deliveries", body, headers=_key()), 422)
    url = network.stack.api_url
    csv = f"external_id,dropoff_name,dropoff_phone\n1,{contact['name']},{contact['phone']}\n".encode()
    headers = {"Content-Type": "text/csv", "Authorization": f"Bearer {shop.key}", **_key()}
    answer = requests.post(f"{url}/v1/deliveries/import", csv, headers=headers, timeout=20)
    assert answer.status_code == 422, answer.text
    hook = {"id": 1, "shipping_address": contact}
    requests.post(f"{url}/v1/sources/shopify/{shop.id}/orders", json=hook, timeout=20)
    network.caller(f"not-{shop.key}")("GET", "/v1/deliveries", query={"external_id": "x"})
    requests.post(f"{url}/v1/session", json={"username": contact["email"], "password": contact["name"]}, timeout=20)
    requests.get(f"{url}/v1/driver/offers", headers={"Authorization": f"Bearer {shop.key}"}, timeout=20)


def _key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(8)}


def _deliver(
    stack: RunningStack, shop: Shop, driver: Driver, contact: dict[str, str], words: dict[str, str]
) -> dict[str, Any]:
    place = {**shop.customer(), "contact": contact}
    delivery = shop.order(dropoff=place, requirements={"photo": True, "pin": True})
    link = stack.behind_link(delivery["tracking_url"])
    driver.take(delivery["id"])
    driver.fetch(delivery)
    text = {"message_id": str(uuid.uuid4()), "text": words["message"]}
    assert requests.post(f"{link}/messages", json=text, timeout=20).status_code == 201
    assert requests.post(f"{link}/messages", json={"text": words["message"]}, timeout=20).status_code == 422
    driver.bring(delivery)
    body = picture("photo")
    asked = {"kind": "photo", "content_type": "image/png"}
    form = driver.api.post(f"/v1/driver/deliveries/{delivery['id']}/proofs", asked, 201)
    requests.post(form["url"], data=form["fields"], files={"file": body}, timeout=20).raise_for_status()
    pin = eventually(lambda: _pin(stack, contact["phone"]), "the customer gets a PIN")
    said = {"position": driver.at.json, "received_by": words["recipient"], "note": words["remark"]}
    wrong = f"{(int(pin) + 1) % 10_000:04d}"
    problem(driver.try_step(delivery["id"], "deliver", pin=wrong, **said), 422, "wrong_pin")
    assert driver.step(delivery["id"], "deliver", pin=pin, **said) == "delivered"
    words |= {"PIN": f'"pin":"{pin}"', "PIN, spaced": f'"pin": "{pin}"'}
    for stars, status in ((2, 200), (9, 422)):
        rating = {"stars": stars, "comment": words["comment"]}
        assert requests.post(f"{link}/rating", json=rating, timeout=20).status_code == status
    return delivery


def _pin(stack: RunningStack, phone: str) -> str | None:
    for text in Messages(stack).sms_to(phone):
        if found := re.search(r"\b(\d{4})\b", text):
            return found[1]
    return None


def _staff_look(network: Network, shop: Shop, driver: Driver, delivery: dict[str, Any], words: dict[str, str]) -> None:
    """Look at all of it as staff do; a name that is searched for must not be logged either."""
    for path in (
        f"deliveries/{delivery['id']}",
        f"deliveries/{delivery['id']}/proof",
        f"deliveries/{delivery['id']}/rating",
        f"drivers/{driver.id}/messages",
        f"zones/{shop.zone.id}/map",
    ):
        ok(network.staff("GET", f"/v1/staff/{path}"))
    found = network.staff.get("/v1/staff/search", q=words["driver's name"])
    assert [one["driver_id"] for one in found["drivers"]] == [driver.id], "the name is not found, so it tests nothing"
    said = {"message_id": str(uuid.uuid4()), "text": words["message"]}
    ok(network.staff("POST", f"/v1/staff/drivers/{driver.id}/messages", said), 201)


def test_no_line_of_a_log_has_anything_of_them(network: Network, day: Day) -> None:
    lines = _settled_lines(network.stack, day.began)
    assert any(day.zone_id in line for _, line in lines), "the logs of the day are not there"
    assert any('"refused"' in line for _, line in lines), "no refusal was logged, so nothing is tested"
    told = [(group, what, line[:300]) for group, line in lines for what in day.planted.found_in(line)]
    assert told == []


def _settled_lines(stack: RunningStack, since: float) -> list[tuple[str, str]]:
    """Return all lines of all log groups since a moment, once no more come or stories have logged on for a minute."""
    lines, ends = list(_lines(stack, since)), time.monotonic() + LOGGED_ON_S
    while time.monotonic() < ends:
        time.sleep(SETTLED_S)
        count, lines = len(lines), list(_lines(stack, since))
        if len(lines) == count:
            break
    return lines


def _lines(stack: RunningStack, since: float) -> Iterator[tuple[str, str]]:
    logs = stack.client("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            name = group["logGroupName"]
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=name, startTime=int(since * 1000))
            for events in pages:
                yield from ((name, event["message"]) for event in events["events"])


def test_no_event_has_anything_of_them(day: Day) -> None:
    assert len(day.events) > 10
    told = [(event["detail"]["type"], what) for event in day.events for what in day.planted.found_in(json.dumps(event))]
    assert told == []


def test_no_metric_and_no_dead_letter_has_anything_of_them(network: Network, day: Day) -> None:
    metrics = network.stack.client("cloudwatch").get_paginator("list_metrics").paginate()
    names = json.dumps([metric for page in metrics for metric in page["Metrics"]])
    assert len(names) > 1000
    assert day.planted.found_in(names) == set()
    sqs = network.stack.client("sqs")
    for url in sqs.list_queues().get("QueueUrls", ()):
        if "dead" not in url.lower():
            continue
        held = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", ())
        assert day.planted.found_in(json.dumps([message["Body"] for message in held])) == set(), url


def test_no_table_but_the_vault_has_anything_of_them(network: Network, day: Day) -> None:
    dynamodb = network.stack.client("dynamodb")
    strange: set[tuple[str, str]] = set()
    in_vault: set[str] = set()
    for table in dynamodb.list_tables()["TableNames"]:
        rows = [row for page in dynamodb.get_paginator("scan").paginate(TableName=table) for row in page["Items"]]
        found = day.planted.found_in(_text_of(rows))
        if "Vault" in table or table.endswith("vault"):
            in_vault = found
            continue
        allowed = next((words for name, words in OWN_PLACE.items() if name.lower() in table.lower()), set())
        strange |= {(table, what) for what in found - allowed}
    assert strange == set()
    assert {"name", "phone", "address", "e-mail", "message", "comment"} <= in_vault, (
        "they are nowhere: nothing is tested"
    )


def _text_of(rows: list[dict[str, Any]]) -> str:
    """Return all that rows say, packed values as well as they can be read."""
    return json.dumps(rows, ensure_ascii=False, default=lambda raw: base64.b64encode(bytes(raw)).decode())
