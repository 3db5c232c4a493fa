"""Dispatchers look and act at the console, through the running platform."""

import secrets

import requests

from tests.api_calls import at_once, eventually, ok, problem
from tests.api_clients import Network


def test_the_map_is_compressed_for_those_who_take_it_and_has_names_and_urgency(network: Network) -> None:
    zone = network.zone("console-map", rounds={"batch_seconds": 60, "retry_seconds": 900})
    shop, driver = network.shop(zone), network.driver(zone, name="Dana Dispatch")
    driver.go_on_duty()
    order = shop.order(priority="urgent")

    def seen() -> dict[str, object]:
        answer = network.staff("GET", f"/v1/staff/zones/{zone.id}/map", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        told: dict[str, object] = ok(answer)
        return told if told["deliveries"] and told["drivers"] else {}

    told = eventually(seen, "the map has the order and the driver")
    (there,), (line,) = told["drivers"], told["deliveries"]  # type: ignore[misc]
    assert (there["driver_id"], there["name"], there["stops"]) == (driver.id, "Dana Dispatch", 0)  # type: ignore[index]
    assert (line["delivery_id"], line["reasons"]) == (order["id"], ["urgent_priority"])  # type: ignore[index]
    plain = network.staff("GET", f"/v1/staff/zones/{zone.id}/map", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    ok(shop.cancel(order["id"]))


def test_rounds_by_hand_and_ticks_at_once_make_one_offer_of_each_delivery(network: Network) -> None:
    zone = network.zone("console-rounds", offers={"seconds": 3600}, limits={"bundle_size": 1})
    shop, drivers = network.shop(zone), network.drivers(zone, 4)
    at_once([driver.go_on_duty for driver in drivers])
    orders = [shop.order() for _ in range(4)]
    path = f"/v1/staff/zones/{zone.id}/dispatch"
    answers = at_once([lambda: network.staff("POST", path, {"delivery_ids": None}) for _ in range(4)])
    assert all(answer.status_code in (200, 409) for answer in answers), [answer.text for answer in answers]

    def all_offered() -> bool:
        return all(network.delivery(order["id"])["delivery"]["state"] == "offered" for order in orders)

    eventually(all_offered, "each delivery is offered")
    for order in orders:
        assert len(network.staff.get(f"/v1/staff/deliveries/{order['id']}/offers")["offers"]) == 1
        ok(shop.cancel(order["id"]))


def test_what_staff_do_is_in_the_trail_and_what_they_write_is_not(network: Network) -> None:
    zone = network.zone("console-trail")
    written = f"Kim Lee called {secrets.token_hex(4)}"
    pause = {"orders": True, "offers": False, "until": None, "reason": written}
    ok(network.staff("PUT", f"/v1/staff/zones/{zone.id}/pause", pause))
    shop = network.shop(zone)

    def quote() -> requests.Response:
        asked = {"dropoff": {"point": zone.centre.moved(300).json}}
        return shop.api("POST", "/v1/quotes", asked, headers={"Idempotency-Key": secrets.token_hex(8)})

    eventually(lambda: quote().status_code == 422, "quotes are refused")
    problem(quote(), 422, "zone_paused")
    ok(network.staff("DELETE", f"/v1/staff/zones/{zone.id}/pause"))
    entries = network.staff.get("/v1/staff/audit", subject=zone.id)["entries"]
    assert [(entry["action"].split()[0], entry["outcome"]) for entry in entries] == [
        ("DELETE", 200),
        ("PUT", 200),
        ("PUT", 200),
    ]
    assert entries[1]["request"] == {"orders": True, "offers": False, "until": None}
    assert written not in str(entries)
    assert network.staff.get("/v1/staff/audit", day=str(network.today()), by=entries[0]["by"])["entries"][:1]
    problem(network.staff("GET", "/v1/staff/audit"), 422, "no_such_list")


def test_a_driver_is_found_by_the_beginning_of_the_name_and_an_order_by_its_number(network: Network) -> None:
    zone = network.zone("console-search")
    word = "q" + "".join(secrets.choice("abcdefghijkmnop") for _ in range(9))
    driver = network.driver(zone, name=f"Dana {word.title()}")
    found = network.staff.get("/v1/staff/search", q=f"dana {word[:6]}")["drivers"]
    assert [(one["driver_id"], one["on_duty"]) for one in found] == [(driver.id, False)]
    other = network.driver(zone, name="Kim Lee")
    told = network.staff.get("/v1/staff/driver-names", driver_id=[driver.id, other.id, "drv_nobody"])["drivers"]
    assert {one["driver_id"]: one["name"] for one in told} == {driver.id: f"Dana {word.title()}", other.id: "Kim Lee"}
    shop, number = network.shop(zone), f"#{secrets.token_hex(6)}"
    order = shop.order(order_number=number)
    lines = eventually(
        lambda: network.staff.get("/v1/staff/search", q=number.upper())["deliveries"], "the order is found"
    )
    assert [line["id"] for line in lines] == [order["id"]]
    problem(network.staff("GET", "/v1/staff/search", query={"q": "ab"}), 422)
    ok(shop.cancel(order["id"]))
