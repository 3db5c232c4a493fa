"""Pushes to drivers through the running platform: encrypted for one browser, forgotten with it, and never needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.imitations.push_service import Browser, PushService
from tests.api_calls import eventually, ok, problem
from tests.api_clients import Driver, Network, Shop

PATH = "/v1/driver/push"


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService() as imitated:
        yield imitated
        assert imitated.refused == []


@pytest.fixture
def shop(network: Network) -> Shop:
    return network.shop(network.zone("pushed", offers={"policy": "broadcast", "acceptance_probability": 1}))


@pytest.fixture
def crowd(network: Network, shop: Shop) -> Iterator[list[Driver]]:
    drivers = [network.driver(shop.zone, east_m=100.0 * n) for n in range(2)]
    for driver in drivers:
        driver.go_on_duty()
    yield drivers
    for driver in drivers:
        driver.go_home()


def subscribed(driver: Driver, service: PushService) -> tuple[Browser, str]:
    browser = service.subscribe(driver.api.get(PATH)["public_key"])
    kept = ok(driver.api("PUT", f"{PATH}/subscriptions", browser.subscription))
    return browser, str(kept["subscription_id"])


def ids(driver: Driver) -> list[str]:
    return [line["subscription_id"] for line in driver.api.get(PATH)["subscriptions"]]


def pushed(service: PushService, browser: Browser, kind: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        return next((m.message for m in service.messages(browser.id) if m.message["kind"] == kind), None)

    found = eventually(look, f"the browser gets a push of kind {kind}")
    assert found
    return found


def test_an_offer_arrives_encrypted_and_who_has_no_browser_sees_it_by_looking(
    service: PushService, shop: Shop, crowd: list[Driver]
) -> None:
    reached, looking = crowd
    browser, subscription_id = subscribed(reached, service)
    assert ids(reached) == [subscription_id]
    delivery = shop.order()
    told = pushed(service, browser, "offer")
    offer = looking.offer_of(delivery["id"])
    assert told["id"] == offer["offer_id"]
    assert (told["pay_total"], told["deliveries"]) == (offer["pay_total"], 1)
    assert told.keys() == {"kind", "id", "at", "expires_at", "pay_total", "deliveries"}
    ok(looking.accept(offer["offer_id"]))
    gone = pushed(service, browser, "offer_gone")
    assert (gone["id"], gone["state"]) == (offer["offer_id"], "accepted")
    shop.cancel(delivery["id"])


def test_a_browser_that_is_gone_is_forgotten_and_its_driver_is_asked_all_the_same(
    service: PushService, shop: Shop, crowd: list[Driver]
) -> None:
    driver, _ = crowd
    browser, _ = subscribed(driver, service)
    service.end(browser.id)
    delivery = shop.order()
    assert driver.offer_of(delivery["id"])
    assert eventually(lambda: not ids(driver), "the subscription is forgotten")
    shop.cancel(delivery["id"])


def test_a_push_service_that_fails_for_a_moment_delivers_a_little_later(
    service: PushService, shop: Shop, crowd: list[Driver]
) -> None:
    driver, _ = crowd
    browser, _ = subscribed(driver, service)
    service.fail(browser.id, 503)
    delivery = shop.order()

    def came() -> bool:
        return bool(service.messages(browser.id))

    assert eventually(came, "the push comes again by its queue", 60)
    assert service.messages(browser.id)[0].message["kind"] == "offer"
    shop.cancel(delivery["id"])


def test_the_same_subscription_again_changes_nothing_and_one_that_is_left_is_forgotten(
    service: PushService, crowd: list[Driver]
) -> None:
    driver, other = crowd
    browser, first = subscribed(driver, service)
    assert ok(driver.api("PUT", f"{PATH}/subscriptions", browser.subscription))["subscription_id"] == first
    assert ids(driver) == [first]
    ok(other.api("PUT", f"{PATH}/subscriptions", browser.subscription))
    assert (ids(driver), ids(other)) == ([], [first])
    for _ in range(2):
        assert other.api("DELETE", f"{PATH}/subscriptions/{first}").status_code == 204
    assert ids(other) == []


def test_keys_that_no_browser_has_are_refused(service: PushService, crowd: list[Driver]) -> None:
    given = service.subscribe().subscription
    wrong = {**given, "keys": {**given["keys"], "p256dh": given["keys"]["p256dh"][:-4]}}
    told = problem(crowd[0].api("PUT", f"{PATH}/subscriptions", wrong), 422, "invalid_request")
    assert told["errors"][0]["pointer"] == "/keys/p256dh"
