"""A merchant's limit, whoever of its systems calls, and however many functions answer."""

import time
from threading import Barrier

from tests.api_calls import at_once, ok, problem
from tests.api_clients import Network

THREADS = 32
PER_MINUTE = 60
BURST = 20


def test_thirty_two_systems_at_once_share_one_limit(network: Network) -> None:
    shop = network.shop(network.zone("limited"))
    terms = {"rate_limit": {"per_minute": PER_MINUTE, "burst": BURST}}
    ok(network.staff("PATCH", f"/v1/staff/merchants/{shop.id}", terms))
    keys = [network.key(shop.id, "deliveries:read") for _ in range(2)]
    start = Barrier(THREADS)

    def call(number: int) -> tuple[int, int]:
        caller = network.caller(keys[number % 2])
        start.wait()
        answers = [caller("GET", "/v1/deliveries", query={"external_id": "none"}) for _ in range(3)]
        for answer in answers:
            assert all(name in answer.headers for name in ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"))
            if answer.status_code == 429:
                problem(answer, 429, "rate_limited")
                assert int(answer.headers["Retry-After"]) >= 1
            else:
                problem(answer, 404, "no_such_delivery")
        return len(answers), sum(answer.status_code == 404 for answer in answers)

    began = time.monotonic()
    counted = at_once([lambda number=number: call(number) for number in range(THREADS)], threads=THREADS)
    took = time.monotonic() - began
    inside = sum(let_in for _, let_in in counted)
    assert inside <= BURST + took * PER_MINUTE / 60 + 1
    assert inside >= BURST


def test_who_waits_as_long_as_was_said_is_let_in(network: Network) -> None:
    shop = network.shop(network.zone("patient"))
    ok(network.staff("PATCH", f"/v1/staff/merchants/{shop.id}", {"rate_limit": {"per_minute": 60, "burst": 1}}))

    def call() -> int:
        answer = shop.api("GET", "/v1/deliveries", query={"external_id": "none"})
        return int(answer.headers.get("Retry-After", 0))

    waits = [call() for _ in range(5)]
    assert waits[0] == 0
    if waits[-1]:  # unless the calls were as slow as the limit allows
        time.sleep(waits[-1])
        assert call() == 0
