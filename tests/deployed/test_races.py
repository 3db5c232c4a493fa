"""Many at once: one wins, nothing is lost, nothing is done twice."""

import random
from collections import Counter
from threading import Barrier
from typing import Any

import requests

from tests.api_calls import at_once, ok, problem
from tests.api_clients import Network

DRIVERS = 60
ORDERS = 1000
REPEATED = 200
CLIENTS = 32


def test_of_sixty_drivers_who_accept_at_once_one_gets_it(network: Network) -> None:
    zone = network.zone(
        "race-accept",
        offers={"policy": "broadcast", "broadcast_drivers": DRIVERS, "acceptance_probability": 1, "seconds": 3600},
    )
    shop, drivers = network.shop(zone), network.drivers(zone, DRIVERS)
    at_once([driver.go_on_duty for driver in drivers])
    delivery = shop.order()
    offer_id = drivers[-1].offer_of(delivery["id"])["offer_id"]
    start = Barrier(DRIVERS)

    def accept(number: int) -> requests.Response:
        start.wait()
        return drivers[number].accept(offer_id)

    answers = at_once([lambda number=number: accept(number) for number in range(DRIVERS)], threads=DRIVERS)
    winners = [number for number, answer in enumerate(answers) if answer.status_code == 200]
    assert len(winners) == 1, Counter(answer.status_code for answer in answers)
    for number, answer in enumerate(answers):
        if number not in winners:
            problem(answer, 409, "offer_taken")
    winner = drivers[winners[0]]
    told = network.delivery(delivery["id"])["delivery"]
    assert (told["state"], told["driver_id"]) == ("assigned", winner.id)
    stops = at_once([lambda driver=driver: driver.api.get("/v1/driver/route")["stops"] for driver in drivers])
    assert [len(of_one) for of_one in stops] == [2 if number in winners else 0 for number in range(DRIVERS)]
    ok(shop.cancel(delivery["id"]))


def test_of_orders_sent_by_many_clients_and_some_twice_each_becomes_one_delivery(network: Network) -> None:
    # Nobody is on duty: that the zone looks for drivers every second would only take time from those who order.
    zone = network.zone("race-create", rounds={"batch_seconds": 60, "retry_seconds": 900})
    shop = network.shop(zone)
    unlimited = {"rate_limit": {"per_minute": 60_000, "burst": 60_000}}
    ok(network.staff("PATCH", f"/v1/staff/merchants/{shop.id}", unlimited))
    orders = [shop.request() for _ in range(ORDERS - REPEATED)]
    sent = [*orders, *random.sample(orders, REPEATED)]
    random.shuffle(sent)

    def post(body: dict[str, Any]) -> requests.Response:
        headers = {"Idempotency-Key": body["external_id"]}
        while True:
            answer = shop.api("POST", "/v1/deliveries", body, headers=headers)
            if answer.status_code != 409:
                return answer
            problem(answer, 409, "still_running")

    answers = at_once([lambda body=body: post(body) for body in sent], threads=CLIENTS)
    made: dict[str, set[str]] = {}
    for body, answer in zip(sent, answers, strict=True):
        made.setdefault(body["external_id"], set()).add(ok(answer, 201)["id"])
    assert all(len(ids) == 1 for ids in made.values()), "the same order became several deliveries"
    ids = {next(iter(of_one)) for of_one in made.values()}
    assert len(ids) == ORDERS - REPEATED
    waiting = network.staff.get(f"/v1/staff/zones/{zone.id}/board")["open"]
    assert Counter(line["delivery_id"] for line in waiting) == Counter(ids)
    at_once([lambda delivery_id=delivery_id: ok(shop.cancel(delivery_id)) for delivery_id in ids])
    assert not network.staff.get(f"/v1/staff/zones/{zone.id}/board")["open"]
