"""Malformed, unknown, oversized, late, repeated and misordered input: refused with a pointer, and nothing changes.

Longer than other files, because its tests share one merchant, driver and order, and are checked together: at the end
nothing may have changed.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.routes import ROUTES, Auth, Route
from tests.api_calls import at_once, eventually, ok, pointers, problem
from tests.api_clients import Driver, Network, Place, Shop, driver_input
from tests.deployed.bodies import Targets

OPENAPI = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
LONG = "x" * 3000
HUGE = "x" * 1_000_000
POLICIES = "POST /v1/staff/policies"
DEEP = 100_000


def schema_of(route: Route) -> dict[str, Any]:
    """Return the schema of a route's body; empty if it takes none, no JSON, or one that is read once it is verified."""
    if route.auth is Auth.HMAC:
        return {}
    operation = OPENAPI["paths"][route.path][route.method.lower()]
    reference = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return dict(OPENAPI["components"]["schemas"][reference["$ref"].rpartition("/")[2]]) if "$ref" in reference else {}


STATED_BY_PHONES = frozenset({"device_at", "note", "position", "received_by"})
"""Fields beside a driver's deed; an unusable one counts as left out (tests/integration/proof)."""

FORGETTING = frozenset({"DELETE /v1/driver/push/subscriptions/{subscription_id}"})
"""Routes that answer alike whether or not there was something of the caller's to forget."""

BATCH = "POST /v1/driver/positions"
"""Of a batch each reading is read on its own, and what nobody knows is ignored."""


def strict_fields(route: Route) -> dict[str, Any]:
    """Return the fields of a route's body that are refused if they are wrong, with their schemas."""
    lenient = STATED_BY_PHONES if route.path.startswith("/v1/driver/") else frozenset()
    return {name: value for name, value in schema_of(route)["properties"].items() if name not in lenient}


TAKING_A_BODY = [route for route in ROUTES if schema_of(route)]
each_route = pytest.mark.parametrize("route", TAKING_A_BODY, ids=lambda route: route.on)


@pytest.fixture(scope="module")
def targets(network: Network) -> Iterator[Targets]:
    targets = Targets.of(network, "bad-input")
    yield targets
    targets.clear()


@pytest.fixture(scope="module", autouse=True)
def _nothing_changed(targets: Targets) -> Iterator[None]:
    """None of all this may leave a trace."""
    before = targets.standing()
    yield
    assert targets.standing() == before, "something that was refused changed something all the same"


@pytest.fixture(scope="module", autouse=True)
def ignored(network: Network) -> Iterator[tuple[Driver, str]]:
    """A driver and an offer that they let run out, made at the beginning: it stands ten seconds at least."""
    zone = network.zone("late-answer", offers={"seconds": 10})
    shop, driver = network.shop(zone), network.driver(zone)
    driver.go_on_duty()
    delivery = shop.order()
    yield driver, driver.offer_of(delivery["id"])["offer_id"]
    shop.cancel(delivery["id"])


def send(targets: Targets, route: Route, *, status: int | tuple[int, ...] = 422, **content: Any) -> dict[str, Any]:
    """Send something to a route as who may; return the problem it is answered with."""
    caller, path = targets.caller_of(route.path), targets.path(route.path)
    answer = caller(route.method, path, headers=targets.headers(route.on), **content)
    allowed = (status,) if isinstance(status, int) else status
    shown = str(content)[:200]
    assert answer.status_code in allowed, f"{route.on} answered {shown} with {answer.status_code}: {answer.text[:500]}"
    return problem(answer, answer.status_code)


def test_every_route_that_takes_a_body_is_tried() -> None:
    bodiless = {route.on for route in ROUTES if route.method in ("POST", "PUT", "PATCH")} - {
        route.on for route in TAKING_A_BODY
    }
    assert bodiless == {
        "POST /v1/driver/offers/{offer_id}/accept",
        "POST /v1/session/refresh",
        "POST /v1/session/totp",
        "POST /v1/providers/screening/reports",  # signed
        "POST /v1/providers/stripe/events",  # signed
        "POST /v1/staff/payouts/bank-returns",  # a bank's file
        "POST /v1/staff/applications/{application_id}/check/order",
        "POST /v1/staff/applications/{application_id}/approve",
        "PUT /v1/driver/deliveries/{delivery_id}/proofs/{kind}",
        "PUT /v1/driver/documents/{kind}",
        "POST /v1/driver/documents/{document_id}/check",
        "POST /v1/driver/trainings/{module}/attempts",
        "POST /v1/driver/data-export",
        "POST /v1/track/{token}/call",
        "POST /v1/driver/deliveries/{delivery_id}/call",
        "PUT /v1/account/logo",  # a picture
        "POST /v1/deliveries/import",  # these are no JSON, or signed: see below
        "POST /v1/sources/bigcommerce/{merchant_id}/orders",
        "POST /v1/sources/shopify/{merchant_id}/orders",
        "POST /v1/sources/woocommerce/{merchant_id}/orders",
        "POST /v1/sources/webhook/{merchant_id}/orders",
        "PUT /v1/staff/merchants/{merchant_id}/webhook-source",
        "POST /v1/account/sources/{source}/messages/{message_id}/retry",
        "POST /v1/account/endpoints/{endpoint_id}/test",
        "POST /v1/account/templates/{kind}/{language}/{channel}/test",
        "POST /v1/staff/merchants/{merchant_id}/endpoints/{endpoint_id}/test",
        "POST /v1/driver/incentives/{incentive_id}/join",
        "POST /v1/driver/blocks/{block_id}/booking",
        "POST /v1/staff/incentives/{incentive_id}/stop",
        "POST /v1/staff/blocks/{block_id}/stop",
        "POST /v1/staff/ledger/adjustments/{adjustment_id}/{verdict}",
        "POST /v1/staff/ledger/months/{month}/close",
        "POST /v1/staff/price-tables/{table_id}/simulations",
    }


# -- malformed, unknown, oversized: any route


@each_route
def test_what_is_no_json_is_malformed(targets: Targets, route: Route) -> None:
    for data in ('{"', "{'a': 1}", "\x00", b"\xff\xfe", "[" * DEEP + "]" * DEEP, '{"a": ' + "9" * 5000 + "}"):
        assert send(targets, route, data=data, status=400)["code"] == "malformed_json"


@each_route
def test_what_is_not_declared_to_be_json_is_not_read(targets: Targets, route: Route) -> None:
    caller, path, body = targets.caller_of(route.path), targets.path(route.path), json.dumps(targets.body(route.on))
    for kind in ("text/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None):
        headers = {**targets.headers(route.on), "Content-Type": kind}
        problem(caller(route.method, path, data=body.encode(), headers=headers), 415, "not_json")


@each_route
def test_what_is_no_object_is_invalid(targets: Targets, route: Route) -> None:
    for data in ("[]", '"text"', "42", "true"):
        assert send(targets, route, data=data)["code"] == "invalid_request"
    for data in ("null", " "):
        send(targets, route, data=data, status=(400, 422))


@each_route
def test_a_field_that_nobody_knows_is_pointed_at(targets: Targets, route: Route) -> None:
    if route.on == BATCH:
        return
    said = send(targets, route, body={**targets.body(route.on), "surprise": 1, "a/b~c": None})
    assert pointers(said) == {"/surprise", "/a~1b~0c"}


@each_route
def test_a_missing_field_is_pointed_at(targets: Targets, route: Route) -> None:
    for name in schema_of(route).get("required", []):
        body = {key: value for key, value in targets.body(route.on).items() if key != name}
        assert pointers(send(targets, route, body=body)) == {f"/{name}"}


@each_route
def test_a_field_of_another_kind_is_pointed_at(targets: Targets, route: Route) -> None:
    for name in strict_fields(route):
        for wrong in ({"no": "such"}, {"": {"": []}}, *([[[]]] if route.on != BATCH else [])):
            said = send(targets, route, body={**targets.body(route.on), name: wrong})
            assert said["code"] == "invalid_request"
            assert all(pointer.startswith(f"/{name}") for pointer in pointers(said)), said


@each_route
def test_a_text_that_is_empty_too_long_or_no_text_is_refused(targets: Targets, route: Route) -> None:
    """Also where any text may be an id or a sealed session: there is nothing under it."""
    for name, value in strict_fields(route).items():
        kinds = [value, *value.get("anyOf", [])]
        if not any(kind.get("type") == "string" for kind in kinds):
            continue
        # A policy is as long as a contract.
        for text in ("", HUGE) if route.on == POLICIES else ("", LONG, HUGE):
            send(targets, route, body={**targets.body(route.on), name: text}, status=(401, 404, 409, 422))
        surrogate = json.dumps({**targets.body(route.on), name: "\ud800"})
        send(targets, route, data=surrogate, status=(400, 404, 422))


def test_an_address_that_is_no_id_or_no_day_is_not_found_or_refused(targets: Targets) -> None:
    for route in ROUTES:
        if "{" not in route.path or route.auth is Auth.HMAC:
            continue
        for value in ("-", "%00", "%20", "..%2f..", "%E2%98%83", "x" * 600):
            path = route.path.replace("{period}", value)
            head, _, rest = path.partition("{")
            path = head + (value + rest.partition("}")[2] if rest else "")
            path = targets.path(path.replace("{key_id}", value))
            body, headers = targets.body(route.on), targets.headers(route.on)
            given = {"data": body} if isinstance(body, bytes) else {"body": body}
            answer = targets.caller_of(route.path)(route.method, path, headers=headers, **given)
            known = (
                (200, 404, 422) if route.path.endswith(("/board", "/plan", "/held-pay")) else (400, 401, 404, 409, 422)
            )
            if route.on in FORGETTING:
                known = (*known, 204)
            assert answer.status_code in known, f"{route.method} {path}: {answer.status_code} {answer.text[:300]}"


@pytest.mark.parametrize(
    ("path", "query", "pointer"),
    [
        ("/v1/staff/drivers", {"limit": "many"}, "/query/limit"),
        ("/v1/staff/drivers", {"limit": "0"}, "/query/limit"),
        ("/v1/staff/drivers", {"on_duty": "true"}, "/query/zone_id"),
        ("/v1/staff/driver-names", {}, "/query/driver_id"),
        ("/v1/staff/driver-names", {"driver_id": LONG}, "/query/driver_id/0"),
        ("/v1/staff/deliveries", {}, "/query/zone_id"),
        ("/v1/staff/deliveries", {"zone_id": "loop", "state": "failed"}, "/query/day"),
        ("/v1/staff/deliveries", {"zone_id": "loop", "state": "lost"}, "/query/state"),
        ("/v1/staff/deliveries", {"zone_id": "loop", "day": "yesterday"}, "/query/day"),
        ("/v1/staff/deliveries", {"zone_id": "loop", "state": "created", "after": "nonsense"}, "/query/after"),
        ("/v1/staff/law", {}, "/query/zone_id"),
        ("/v1/staff/law", {"zone_id": "loop", "on": "yesterday"}, "/query/on"),
        ("/v1/staff/merchants", {"limit": "101"}, "/query/limit"),
        ("/v1/staff/merchants", {"after": LONG}, "/query/after"),
        ("/v1/staff/ledger/trial-balance", {}, "/query/period"),
        ("/v1/staff/ledger/trial-balance", {"period": "2024-02-30"}, "/query/period"),
        ("/v1/staff/ledger/trial-balance", {"period": "2024-01-01", "to": "2024-02-02"}, "/query/to"),
        ("/v1/staff/ledger/trial-balance", {"period": "2024-01-02", "to": "2024-01-01"}, "/query/to"),
        ("/v1/staff/settlements/yesterday", {}, "/path/period"),
        ("/v1/staff/ledger/accounts/driver:drv_1:payable/statement", {"first": "2024-01-01"}, "/query/last"),
        (
            "/v1/staff/ledger/accounts/driver:drv_1:payable/statement",
            {"first": "2024-01-02", "last": "2024-01-01"},
            "/query/last",
        ),
        (
            "/v1/staff/ledger/accounts/driver:drv_1:wallet/statement",
            {"first": "2024-01-01", "last": "2024-01-01"},
            "/path/account",
        ),
        ("/v1/staff/ledger/open-items", {"cursor": "page two"}, "/query/cursor"),
        ("/v1/staff/ledger/open-items", {"limit": "0"}, "/query/limit"),
        ("/v1/driver/earnings", {"period": "today"}, "/query/period"),
        ("/v1/driver/pay-floors", {"limit": "51"}, "/query/limit"),
        ("/v1/driver/pay-floors", {"cursor": "nonsense"}, "/query/cursor"),
        ("/v1/staff/pay-floors", {"jurisdiction": "US-MN"}, "/query/jurisdiction"),
        ("/v1/staff/pay-floors", {"period": "yesterday"}, "/query/period"),
        ("/v1/staff/pay-floors", {"cursor": "nonsense"}, "/query/cursor"),
        ("/v1/driver/demand", {"hours": "169"}, "/query/hours"),
        ("/v1/deliveries", {}, "/query/external_id"),
        ("/v1/deliveries", {"external_id": LONG}, "/query/external_id"),
        ("/v1/events", {"limit": "101"}, "/query/limit"),
        ("/v1/events", {"cursor": "nonsense"}, "/query/cursor"),
        ("/v1/events", {"types": "delivery.teleported"}, "/query/types"),
        ("/v1/account/endpoints/{endpoint_id}/attempts", {"state": "lost"}, "/query/state"),
        ("/v1/account/endpoints/{endpoint_id}/attempts", {"cursor": "nonsense"}, "/query/cursor"),
    ],
)
def test_a_wrong_query_is_pointed_at(targets: Targets, path: str, query: dict[str, str], pointer: str) -> None:
    answer = targets.caller_of(path)("GET", targets.path(path), query=query)
    assert pointer in pointers(problem(answer, 422))


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"url": "ftp://shop.example/"}, "/url"),
        ({"url": "https://user:secret@shop.example/"}, "/url"),
        ({"url": "https://"}, "/url"),
        ({"events": ["delivery.teleported"]}, "/events/0"),
        ({"events": []}, "/events"),
    ],
)
def test_an_endpoint_that_the_rules_refuse_is_pointed_at(targets: Targets, wrong: dict[str, Any], pointer: str) -> None:
    body = {"url": "https://shop.example/hooks", **wrong}
    path = f"/v1/account/endpoints/{targets.endpoint_id}"
    assert pointer in pointers(problem(targets.shop.api("POST", "/v1/account/endpoints", body), 422))
    assert pointer in pointers(problem(targets.shop.api("PATCH", path, wrong), 422))


# -- orders


def moment(targets: Targets, **ahead: float) -> str:
    now = datetime.fromtimestamp(targets.network.stack.sim_now(), UTC)
    return (now + timedelta(**ahead)).isoformat()


def test_an_order_that_the_rules_refuse_is_pointed_at_and_makes_nothing(targets: Targets) -> None:
    def dropoff(**changes: Any) -> dict[str, Any]:
        return {"dropoff": {**targets.shop.customer(), **changes}}

    def contact(**changes: Any) -> dict[str, Any]:
        return {"dropoff": targets.shop.customer(**changes)}

    def window(opens: float, closes: float) -> dict[str, str]:
        return {"opens_at": moment(targets, hours=opens), "closes_at": moment(targets, hours=closes)}

    elsewhere = Place(78.2, 15.6).json
    late = {"pickup_window": window(3, 4), "dropoff_window": window(1, 2)}
    no_zone = {"opens_at": "2099-01-01T00:00:00", "closes_at": "2099-01-01T01:00:00"}
    cases: list[tuple[dict[str, Any], str]] = [
        (dropoff(point=elsewhere), "/dropoff/point"),
        ({"pickup": {**targets.shop.customer(), "point": elsewhere}}, "/pickup/point"),
        (dropoff(point={"lat": 91, "lon": 0}), "/dropoff/point/lat"),
        (dropoff(point={"lat": 0, "lon": -181}), "/dropoff/point/lon"),
        (dropoff(point={"lat": "north", "lon": 0}), "/dropoff/point/lat"),
        (contact(phone="555-0100"), "/dropoff/contact/phone"),
        (contact(email="nobody"), "/dropoff/contact/email"),
        (contact(name=" "), "/dropoff/contact/name"),
        (contact(address=LONG), "/dropoff/contact/address"),
        (contact(notes=LONG), "/dropoff/contact/notes"),
        ({"external_id": "with\nnewline"}, "/external_id"),
        ({"parcel": {"weight_g": 0}}, "/parcel/weight_g"),
        ({"parcel": {"weight_g": 1.5}}, "/parcel/weight_g"),
        ({"parcel": {"weight_g": 10**12}}, "/parcel/weight_g"),
        ({"requirements": {"minimum_age": 15}}, "/requirements/minimum_age"),
        ({"priority": "asap"}, "/priority"),
        ({"tip": -1}, "/tip"),
        ({"tip": 100_001}, "/tip"),
        ({"dropoff_window": window(-3, -2)}, "/dropoff_window/closes_at"),
        ({"pickup_window": window(-3, -2)}, "/pickup_window/closes_at"),
        ({"dropoff_window": window(24 * 31, 24 * 31 + 1)}, "/dropoff_window/opens_at"),
        ({"dropoff_window": window(2, 1)}, "/dropoff_window"),
        ({"dropoff_window": no_zone}, "/dropoff_window/opens_at"),
        (late, "/dropoff_window"),
    ]
    asked = []
    for number, (wrong, pointer) in enumerate(cases):
        body = targets.shop.request(**wrong)
        answer = targets.shop.api("POST", "/v1/deliveries", body, headers={"Idempotency-Key": f"rule-{number}"})
        assert pointer in pointers(problem(answer, 422)), f"{wrong}: {answer.text}"
        asked.append(body["external_id"])
    for external_id in asked:
        problem(targets.shop.api("GET", "/v1/deliveries", query={"external_id": external_id}), 404)


def test_what_can_not_be_served_is_refused_alike_as_a_quote_a_delivery_and_in_a_job_or_a_bulk(
    targets: Targets,
) -> None:
    """With the same code; the pointer says where in the body."""
    pole = {"weight_g": 900, "size": {"length_cm": 999, "width_cm": 5, "height_cm": 5}}
    elsewhere = {**targets.shop.customer(), "point": Place(78.2, 15.6).json}
    post = targets.shop.api
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"parcel": pole}, "too_big", "/parcel"),
        ({"goods": "alcohol"}, "restricted_goods", "/goods"),
        ({"requirements": {"skills": ["flying"]}}, "unknown_skill", "/requirements/skills"),
        ({"dropoff": elsewhere}, "outside_service_area", "/dropoff/point"),
    ]
    for number, (wrong, code, pointer) in enumerate(cases):
        headers = {"Idempotency-Key": f"served-{number}"}
        asked = {"dropoff": targets.shop.customer(), **wrong}
        asked["dropoff"] = {"point": asked["dropoff"]["point"]}
        body = targets.shop.request(**wrong)
        job = {"dropoffs": [targets.shop.request(), body]}
        for path, sent, prefix in (
            ("/v1/quotes", asked, ""),
            ("/v1/deliveries", body, ""),
            ("/v1/jobs", job, "/dropoffs/1"),
        ):
            said = problem(post("POST", path, sent, headers=headers), 422, code)
            assert pointers(said) == {prefix + pointer}
        told = ok(post("POST", "/v1/deliveries/bulk", {"deliveries": [body]}, headers=headers))
        (row,) = told["rows"]
        assert (row["status"], row["problem"]["code"]) == (422, code)
        assert pointers(row["problem"]) == {f"/deliveries/0{pointer}"}
        for external_id in (body["external_id"], job["dropoffs"][0]["external_id"]):
            problem(post("GET", "/v1/deliveries", query={"external_id": external_id}), 404)


def test_a_quote_that_is_not_there_used_or_not_what_is_ordered_is_refused(targets: Targets) -> None:
    shop = targets.shop
    other = targets.network.shop(targets.zone, "Quoted Shop")

    def take(quote_id: str, **changes: Any) -> Any:
        body = shop.request(quote_id=quote_id, **changes)
        return shop.api("POST", "/v1/deliveries", body, headers={"Idempotency-Key": body["external_id"]})

    problem(take("qot_none"), 404, "no_such_quote")
    problem(take(other.quote()["id"]), 404, "no_such_quote")
    quote = shop.quote()
    said = problem(take(quote["id"], priority="urgent", parcel={"weight_g": 2001}), 422, "quote_mismatch")
    assert pointers(said) == {"/priority", "/parcel/weight_g"}
    made = ok(take(quote["id"]), 201)
    assert (made["quote_id"], made["charge"]) == (quote["id"], quote["charge"])
    assert made["id"] in problem(take(quote["id"]), 409, "quote_used")["detail"]
    assert shop.api.get(f"/v1/quotes/{quote['id']}")["state"] == "used"
    ok(shop.cancel(made["id"]))


@pytest.mark.parametrize("count", [0, 1, 16])
def test_a_job_has_two_drop_offs_to_fifteen(targets: Targets, count: int) -> None:
    body = {"dropoffs": [targets.shop.request() for _ in range(count)]}
    answer = targets.shop.api("POST", "/v1/jobs", body, headers={"Idempotency-Key": f"job-{count}"})
    assert pointers(problem(answer, 422, "invalid_request")) == {"/dropoffs"}


@pytest.mark.parametrize("count", [0, 101])
def test_a_bulk_has_one_row_to_a_hundred(targets: Targets, count: int) -> None:
    body = {"deliveries": [{}] * count}
    answer = targets.shop.api("POST", "/v1/deliveries/bulk", body, headers={"Idempotency-Key": f"bulk-{count}"})
    assert pointers(problem(answer, 422, "invalid_request")) == {"/deliveries"}


@pytest.mark.parametrize("path", ["/v1/quotes", "/v1/deliveries", "/v1/deliveries/bulk", "/v1/jobs"])
def test_an_answer_that_was_given_before_says_so(targets: Targets, path: str) -> None:
    body, shop = targets.body(f"POST {path}"), targets.shop
    headers = {"Idempotency-Key": f"replayed-{path[4:]}"}
    first, again = (shop.api("POST", path, body, headers=headers) for _ in range(2))
    assert ok(first, first.status_code) == ok(again, first.status_code)
    assert first.status_code < 300
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    other = targets.body(f"POST {path}") if path != "/v1/quotes" else {**body, "priority": "urgent"}
    problem(shop.api("POST", path, other, headers=headers), 422, "key_reused")
    told = first.json()
    made = [*told.get("deliveries", ()), *(row["delivery"] for row in told.get("rows", ()))]
    for delivery in [*made, *([told] if path == "/v1/deliveries" else ())]:
        ok(shop.cancel(delivery["id"]))


def test_an_order_without_a_good_idempotency_key_is_refused(targets: Targets) -> None:
    body = targets.shop.request()
    for headers in ({}, {"Idempotency-Key": "with space"}, {"Idempotency-Key": "x" * 256}):
        answer = targets.shop.api("POST", "/v1/deliveries", body, headers=headers)
        assert pointers(problem(answer, 422)) == {"/header/idempotency-key"}, answer.text
    problem(targets.shop.api("GET", "/v1/deliveries", query={"external_id": body["external_id"]}), 404)


def test_an_order_of_a_merchant_without_a_store_must_say_where_to_pick_up(targets: Targets) -> None:
    body = {"name": "Web Shop", "billing_email": "books@shop.example"}
    merchant = targets.network.staff.post("/v1/staff/merchants", body, 201)
    key = targets.network.key(merchant["id"])
    shop = Shop(merchant["id"], key, targets.network.caller(key), targets.zone)
    answer = shop.api("POST", "/v1/deliveries", shop.request(), headers={"Idempotency-Key": "no-store"})
    assert pointers(problem(answer, 422, "no_pickup")) == {"/pickup"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (b"not json", "not_an_order"),
        (b"[]", "not_an_order"),
        (b"{}", "not_an_order"),
        (b'{"id": 5, "currency": "USD"}', "no_shipping_address"),
        (b'{"id": "x", "shipping_address": {"address1": "", "latitude": 1, "longitude": 1}}', "not_an_order"),
        (
            b'{"id": 1, "currency": "USD", "shipping_address": {"address1": "8 Green Lane", "phone": "+13125550123"}}',
            "no_coordinates",
        ),
        (
            b'{"id": 1, "currency": "USD", "shipping_address": {"address1": "8", "latitude": 1, "longitude": 1}}',
            "phone_not_international",
        ),
        (b'{"a": ' * 50_000 + b"1" + b"}" * 50_000, "not_an_order"),
    ],
)
def test_a_signed_order_that_can_be_no_delivery_is_ignored_and_says_why(
    targets: Targets, change: bytes, code: str
) -> None:
    headers = targets.shopify_headers(change, f"bad-{hash(change)}")
    path = f"/v1/sources/shopify/{targets.shop.id}/orders"
    told = ok(targets.network.caller()("POST", path, data=change, headers=headers))
    assert told == {"delivery_id": None, "ignored": code, "acknowledged": None}


def test_a_shops_webhook_that_comes_again_makes_no_second_delivery(targets: Targets) -> None:
    body = json.dumps(targets.shopify_order()).encode()
    path, anyone = f"/v1/sources/shopify/{targets.shop.id}/orders", targets.network.caller()
    told = [
        ok(anyone("POST", path, data=body, headers=targets.shopify_headers(body, webhook_id)))["delivery_id"]
        for webhook_id in ("wh-1", "wh-1", "wh-2")
    ]
    assert len(set(told)) == 1
    headers = targets.shopify_headers(body, "wh-3") | {"X-Shopify-Topic": "orders/updated"}
    assert ok(anyone("POST", path, data=body, headers=headers))["delivery_id"] == told[0]
    ok(targets.shop.cancel(told[0]))


def test_woocommerces_ping_is_answered_and_no_other_form(targets: Targets) -> None:
    anyone, form = targets.network.caller(), {"Content-Type": "application/x-www-form-urlencoded"}
    path = f"/v1/sources/woocommerce/{targets.shop.id}/orders"
    told = ok(anyone("POST", path, data="webhook_id=12", headers=form))
    assert told == {"delivery_id": None, "ignored": None, "acknowledged": "ping"}
    problem(anyone("POST", path, data="webhook_id=12&id=4711", headers=form), 401)
    problem(anyone("POST", path, data="<a/>", headers={"Content-Type": "text/xml"}), 415)
    for other in ("shopify", "webhook"):
        problem(anyone("POST", path.replace("woocommerce", other), data="webhook_id=12", headers=form), 415)


def test_a_woocommerce_order_is_made_once_it_is_paid_and_called_off_again(targets: Targets) -> None:
    path, anyone = f"/v1/sources/woocommerce/{targets.shop.id}/orders", targets.network.caller()

    def send(status: str, delivery_id: str) -> dict[str, Any]:
        body = json.dumps(targets.woocommerce_order(status=status)).encode()
        told: dict[str, Any] = ok(
            anyone("POST", path, data=body, headers=targets.woocommerce_headers(body, delivery_id))
        )
        return told

    assert send("on-hold", "wc-1")["ignored"] == "not_to_be_delivered"
    made = send("processing", "wc-2")["delivery_id"]
    assert send("processing", "wc-2") == send("processing", "wc-3")
    assert send("cancelled", "wc-4")["delivery_id"] == made
    assert targets.shop.delivery(made)["state"] == "cancelled"


def test_a_signed_webhook_is_an_order_once_and_says_what_is_wrong(targets: Targets) -> None:
    path, anyone = f"/v1/sources/webhook/{targets.shop.id}/orders", targets.network.caller()

    def send(order: Any, message_id: str) -> Any:
        body = json.dumps(order).encode()
        return anyone("POST", path, data=body, headers=targets.webhook_headers(body, message_id))

    wrong = targets.shop.request(tip=-1)
    assert pointers(problem(send(wrong, "po-1"), 422, "invalid_request")) == {"/tip"}
    problem(send([], "po-2"), 422, "malformed_json")
    order = targets.shop.request()
    made = [ok(send(order, message_id))["delivery_id"] for message_id in ("po-3", "po-3", "po-4")]
    assert len(set(made)) == 1
    ok(targets.shop.cancel(made[0]))


# -- files of orders


def upload(targets: Targets, data: str | bytes, key: str, **query: str) -> Any:
    headers = {"Content-Type": "text/csv; charset=utf-8", "Idempotency-Key": key}
    return targets.shop.api("POST", "/v1/deliveries/import", data=data, headers=headers, query=query)


def test_a_file_with_a_wrong_row_makes_nothing_and_says_every_row(targets: Targets) -> None:
    data = targets.csv({}, {"tip": "much"}, {"phone": "555", "dropoff_lat": "51.5"}, {"dropoff_lat": "78.2"})
    said = problem(upload(targets, data, "csv-1"), 422, "rows_invalid")
    assert pointers(said) == {"/rows/3/tip", "/rows/4/phone", "/rows/5/dropoff_lat"}
    told = ok(upload(targets, data, "csv-1", dry_run="true"))
    assert {fault["row"] for fault in told["errors"]} == {3, 4, 5}
    for external_id in [row.split(",")[0] for row in data.splitlines()[1:]]:
        problem(targets.shop.api("GET", "/v1/deliveries", query={"external_id": external_id}), 404)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"external_id;customer\n1;\xff\xfe", "wrong_encoding"),
        ("{}", "wrong_columns"),
        ('a,"b\n', "malformed_csv"),
        ("x" * 200_000, "malformed_csv"),
    ],
)
def test_a_file_that_is_no_orders_is_refused(targets: Targets, data: str | bytes, code: str) -> None:
    problem(upload(targets, data, "csv-2"), 422, code)


def test_a_file_is_declared_to_be_one_and_comes_with_a_key(targets: Targets) -> None:
    key = {"Idempotency-Key": "csv-3"}
    problem(targets.shop.api("POST", "/v1/deliveries/import", targets.shop.request(), headers=key), 415)
    answer = targets.shop.api("POST", "/v1/deliveries/import", data=targets.csv(), headers={"Content-Type": "text/csv"})
    assert pointers(problem(answer, 422)) == {"/header/idempotency-key"}


# -- the same order again


def test_the_same_key_and_order_is_answered_the_same(targets: Targets) -> None:
    body, headers = targets.shop.request(), {"Idempotency-Key": "again-1"}
    first, second = (targets.shop.api("POST", "/v1/deliveries", body, headers=headers) for _ in range(2))
    assert ok(first, 201) == ok(second, 201)
    ok(targets.shop.cancel(first.json()["id"]))
    third = targets.shop.api("POST", "/v1/deliveries", body, headers=headers)
    assert ok(third, 201) == first.json(), "the key's answer is the first one, whatever happened since"


def test_the_same_key_for_another_order_is_refused_and_makes_nothing(targets: Targets) -> None:
    body, headers = targets.shop.request(), {"Idempotency-Key": "again-2"}
    first = ok(targets.shop.api("POST", "/v1/deliveries", body, headers=headers), 201)
    for other in ({**body, "tip": 1}, targets.shop.request()):
        problem(targets.shop.api("POST", "/v1/deliveries", other, headers=headers), 422, "key_reused")
    assert targets.shop.delivery(first["id"])["tip"]["amount"] == 0
    problem(targets.shop.api("GET", "/v1/deliveries", query={"external_id": other["external_id"]}), 404)
    ok(targets.shop.cancel(first["id"]))


def test_the_same_order_under_another_key_is_known(targets: Targets) -> None:
    body = targets.shop.request()
    first = ok(targets.shop.api("POST", "/v1/deliveries", body, headers={"Idempotency-Key": "again-3"}), 201)
    second = targets.shop.api("POST", "/v1/deliveries", body, headers={"Idempotency-Key": "again-4"})
    assert first["id"] in problem(second, 409)["detail"]
    ok(targets.shop.cancel(first["id"]))


def test_a_key_is_free_again_after_a_refusal(targets: Targets) -> None:
    body, headers = targets.shop.request(tip=10**9), {"Idempotency-Key": "again-5"}
    problem(targets.shop.api("POST", "/v1/deliveries", body, headers=headers), 422)
    made = ok(targets.shop.api("POST", "/v1/deliveries", {**body, "tip": 5}, headers=headers), 201)
    ok(targets.shop.cancel(made["id"]))


def test_two_merchants_may_choose_the_same_key(targets: Targets) -> None:
    other = targets.network.shop(targets.zone, "Same Key Shop")
    headers = {"Idempotency-Key": "again-6"}
    made = [
        ok(shop.api("POST", "/v1/deliveries", shop.request(), headers=headers), 201) for shop in (targets.shop, other)
    ]
    assert made[0]["id"] != made[1]["id"]
    for shop, delivery in zip((targets.shop, other), made, strict=True):
        ok(shop.cancel(delivery["id"]))


def test_eight_times_the_same_order_at_once_is_one_delivery(targets: Targets) -> None:
    body, headers = targets.shop.request(), {"Idempotency-Key": "at-once"}

    def post() -> Any:
        return targets.shop.api("POST", "/v1/deliveries", body, headers=headers)

    answers = at_once([post] * 8, threads=8)
    made = [answer for answer in answers if answer.status_code == 201]
    for waiting in (answer for answer in answers if answer.status_code != 201):
        problem(waiting, 409, "still_running")
    assert made
    assert len({answer.text for answer in made}) == 1
    found = ok(targets.shop.api("GET", "/v1/deliveries", query={"external_id": body["external_id"]}))
    assert found["id"] == made[0].json()["id"]
    ok(targets.shop.cancel(found["id"]))


# -- steps out of order, twice, and late


@pytest.fixture
def carried(targets: Targets) -> Iterator[tuple[Driver, dict[str, Any]]]:
    """A driver with one delivery that was just accepted."""
    zone = targets.network.zone("out-of-order")
    shop, driver = targets.network.shop(zone), targets.network.driver(zone)
    driver.go_on_duty()
    delivery = shop.order()
    driver.take(delivery["id"])
    yield driver, delivery
    driver.go_home()


def test_steps_out_of_order_are_refused_and_steps_made_twice_change_nothing(
    targets: Targets, carried: tuple[Driver, dict[str, Any]]
) -> None:
    driver, delivery = carried
    at_the_shop, at_the_door = {"stop": "pickup"}, {"stop": "dropoff"}
    steps: tuple[tuple[str, dict[str, str]], ...] = (
        ("depart", at_the_shop),
        ("arrive", at_the_shop),
        ("pick-up", {}),
        ("depart", at_the_door),
        ("arrive", at_the_door),
        ("deliver", {}),
    )
    states = ["assigned"]
    for number in range(len(steps) + 1):
        before = targets.network.delivery(delivery["id"])
        on_board = number >= 3
        for misfit, body in (*steps[number + 1 :], ("return", {}), *([("unassign", {})] if on_board else [])):
            problem(driver.try_step(delivery["id"], misfit, **body), 409, "wrong_state")
        for made, body in steps[:number]:
            assert driver.step(delivery["id"], made, **body) == states[-1], f"a late copy of {made} was a step"
        assert targets.network.delivery(delivery["id"]) == before, f"what was {states[-1]} was changed"
        if number < len(steps):
            states.append(driver.step(delivery["id"], steps[number][0], **steps[number][1]))
    assert states[-1] == "delivered"
    late = driver.try_step(delivery["id"], "fail", reason="customer_absent", position=driver.at.json)
    problem(late, 409, "wrong_state")


def test_what_is_over_cant_be_called_off(targets: Targets, carried: tuple[Driver, dict[str, Any]]) -> None:
    driver, delivery = carried
    driver.carry(delivery)
    path = f"/v1/staff/deliveries/{delivery['id']}/cancel"
    problem(targets.network.staff("POST", path, {"reason": "other"}), 409, "wrong_state")
    assert targets.network.delivery(delivery["id"])["delivery"]["state"] == "delivered"


def test_a_change_that_the_rules_refuse_is_pointed_at_and_changes_nothing(targets: Targets) -> None:
    def window(opens: float, closes: float) -> dict[str, str]:
        return {"opens_at": moment(targets, hours=opens), "closes_at": moment(targets, hours=closes)}

    api, path = targets.shop.api, f"/v1/deliveries/{targets.offered['id']}"
    key = {"Idempotency-Key": "change-1"}
    cases: list[tuple[str, str, dict[str, Any], int, str, str]] = [
        ("PATCH", "", {"dropoff": {"point": Place(78.2, 15.6).json}}, 422, "outside_service_area", "/dropoff/point"),
        ("PATCH", "", {"dropoff_window": window(-3, -2)}, 422, "window_over", "/dropoff_window/closes_at"),
        ("PATCH", "", {"dropoff_window": window(1, 30)}, 422, "window_too_long", "/dropoff_window/closes_at"),
        ("PATCH", "", {"requirements": {"skills": ["juggling"]}}, 422, "unknown_skill", "/requirements/skills"),
        ("PATCH", "", {"dropoff": {"notes": LONG}}, 422, "invalid_request", "/dropoff/notes"),
        ("PATCH", "", {"dropoff": {"contact": {"name": "Kim"}}}, 422, "invalid_request", "/dropoff/contact/phone"),
        ("PATCH", "", {"tip": -1}, 422, "invalid_request", "/tip"),
        ("PATCH", "", {"pickup": None}, 422, "invalid_request", "/pickup"),
        ("POST", "/ready", {"ready_at": moment(targets, hours=100)}, 422, "windows_crossed", "/ready_at"),
        ("POST", "/ready", {"ready_at": "0001-01-01T00:00:00Z"}, 422, "invalid_request", "/ready_at"),
        ("POST", "/cancel", {"reason": "driver_at_fault"}, 422, "wrong_reason", "/reason"),
        ("POST", "/tip", {"amount": 0}, 422, "invalid_request", "/amount"),
    ]
    for method, deed, body, status, code, pointer in cases:
        answer = api(method, path + deed, body, headers=key)
        assert pointer in pointers(problem(answer, status, code)), f"{deed} {body}: {answer.text}"
    problem(api("POST", f"{path}/tip", {"amount": 5}, headers=key), 409, "wrong_state")
    problem(api("POST", f"{path}/redeliver", {"external_id": "again-9"}, headers=key), 409, "wrong_state")
    for deed, body in (("tip", {"amount": 5}), ("redeliver", {"external_id": "again-9"})):
        assert pointers(problem(api("POST", f"{path}/{deed}", body), 422)) == {"/header/idempotency-key"}


def test_an_order_that_may_be_left_cant_ask_for_a_person(targets: Targets) -> None:
    for needs in ({"pin": True}, {"signature": True}, {"minimum_age": 18}):
        body = targets.shop.request(undeliverable="leave_at_door", requirements=needs)
        answer = targets.shop.api("POST", "/v1/deliveries", body, headers={"Idempotency-Key": "left-1"})
        assert pointers(problem(answer, 422, "cannot_be_left")) == {"/undeliverable"}


def test_a_picture_of_a_wrong_kind_or_too_early_is_refused(
    targets: Targets, carried: tuple[Driver, dict[str, Any]]
) -> None:
    driver, delivery = carried
    path = f"/v1/driver/deliveries/{delivery['id']}/proofs"
    problem(driver.api("POST", path, {"kind": "photo", "content_type": "image/png"}), 422, "nothing_on_board")
    driver.fetch(delivery)
    for kind, content_type in (("photo", "text/html"), ("photo", "image/svg+xml"), ("signature", "image/jpeg")):
        answer = driver.api("POST", path, {"kind": kind, "content_type": content_type})
        assert pointers(problem(answer, 422, "content_type")) == {"/content_type"}
    driver.bring(delivery)
    driver.step(delivery["id"], "deliver")


def test_positions_that_are_late_double_vague_early_impossible_or_of_off_duty_are_left_out(targets: Targets) -> None:
    driver = targets.driver
    here, far = driver.at.json, driver.at.moved(200_000).json
    targets.network.stack.sleep_sim(2)
    now, ago, later = driver.now(), driver.now(days=1), driver.now(hours=-1)
    batch = [
        {"point": here, "device_at": now},
        {"point": here, "device_at": now},
        {"point": here, "device_at": ago},
        {"point": here, "device_at": later},
        {"point": here, "device_at": now, "accuracy_m": 5000},
    ]
    told = driver.api.post("/v1/driver/positions", {"fixes": batch})
    assert told["accepted"] == 1
    assert told["dropped"] == {"late_or_duplicate": 1, "off_duty": 1, "in_the_future": 1, "too_vague": 1}
    again = driver.api.post("/v1/driver/positions", {"fixes": batch[:1]})
    assert again == {"accepted": 0, "dropped": {"late_or_duplicate": 1}}
    targets.network.stack.sleep_sim(1)
    jump = driver.api.post("/v1/driver/positions", {"fixes": [{"point": far, "device_at": driver.now()}]})
    assert jump == {"accepted": 0, "dropped": {"impossible_jump": 1}}
    for fixes in ([], batch * 41):
        assert pointers(problem(driver.api("POST", "/v1/driver/positions", {"fixes": fixes}), 422)) == {"/fixes"}


# -- offers


def test_answers_to_an_offer_that_is_over_are_refused(targets: Targets) -> None:
    network = targets.network
    zone = network.zone("late-answers", offers={"policy": "broadcast", "acceptance_probability": 1})
    shop = network.shop(zone)
    quick, slow = network.driver(zone, 100), network.driver(zone, 150)
    for driver in (quick, slow):
        driver.go_on_duty()
    taken = shop.order()
    offer = quick.offer_of(taken["id"])["offer_id"]
    slow.offer_of(taken["id"])
    assert ok(quick.accept(offer)) == ok(quick.accept(offer)) == {"offer_id": offer, "state": "accepted"}
    problem(slow.accept(offer), 409, "offer_taken")
    problem(slow.decline(offer), 409, "offer_taken")
    problem(quick.decline(offer), 409)
    ok(shop.cancel(taken["id"]))

    called_off = shop.order()
    offer = slow.offer_of(called_off["id"])["offer_id"]
    ok(slow.decline(offer))
    ok(slow.decline(offer))
    problem(slow.accept(offer), 409, "offer_declined")
    ok(shop.cancel(called_off["id"]))
    problem(quick.accept(offer), 409, "offer_withdrawn")
    problem(quick.accept("ofr_none"), 404, "no_such_offer")


# -- staff


def test_what_staff_cant_want_is_pointed_at(targets: Targets) -> None:
    staff, zone = targets.network.staff, targets.zone
    area, settings = zone.settings["area"], zone.settings
    point = zone.centre.json
    stranger = f"{zone.id[:30]}-b"
    monday = {"day": "monday", "opens": "08:30", "closes": "18:00"}
    for zone_id, wrong, status, pointer in (
        (stranger, {"area": area}, 409, "/area"),  # somebody else's
        (stranger, {"area": [point, point, point]}, 422, "/area"),
        (stranger, {"area": area[:2]}, 422, "/area"),
        (stranger, {"area": [Place(lat, lon).json for lat, lon in ((-30, -60), (30, -60), (30, 60))]}, 422, "/area"),
        ("UPPER", {}, 422, "/path/zone_id"),
        (zone.id, {"dispatch": {"offers": {"policy": "auction"}}}, 422, "/dispatch/offers/policy"),
        (zone.id, {"dispatch": {"offers": {"seconds": 1}}}, 422, "/dispatch/offers/seconds"),
        (
            zone.id,
            {"jurisdictions": ["US-CO"], "dispatch": {"offers": {"seconds": 59}}},
            422,
            "/dispatch/offers/seconds",
        ),
        (zone.id, {"jurisdictions": ["US", "US-XX"]}, 422, "/jurisdictions/1"),
        (zone.id, {"jurisdictions": ["Colorado"]}, 422, "/jurisdictions/0"),
        (zone.id, {"travel": {"speed_mps": 0}}, 422, "/travel/speed_mps"),
        (zone.id, {"rates": {"currency": "dollars"}}, 422, "/rates/currency"),
        (zone.id, {"rates": {"charge_base": -1}}, 422, "/rates/charge_base"),
        (zone.id, {"rates": {"charge_base": 10**12}}, 422, "/rates/charge_base"),
        (zone.id, {"hours": {"time_zone": "Mars/Olympus", "week": [monday]}}, 422, "/hours/time_zone"),
        (zone.id, {"hours": {"time_zone": "UTC", "week": []}}, 422, "/hours/week"),
        (
            zone.id,
            {"hours": {"time_zone": "UTC", "week": [{**monday, "opens": "08:30:15"}]}},
            422,
            "/hours/week/0/opens",
        ),
    ):
        answer = staff("PUT", f"/v1/staff/zones/{zone_id}", {**settings, **wrong})
        assert pointer in pointers(problem(answer, status)), f"{wrong}: {answer.text}"
    infinite = json.dumps({**settings, "dispatch": {"weights": {"lateness": 0}}}).replace(": 0}", ": 1e999}")
    answer = staff("PUT", f"/v1/staff/zones/{zone.id}", data=infinite)
    assert pointers(problem(answer, 422)) == {"/dispatch/weights/lateness"}
    tomorrow = targets.network.today() + timedelta(days=1)
    answer = staff("POST", "/v1/staff/settlements", {"period": str(tomorrow)})
    assert pointers(problem(answer, 422, "period_to_come")) == {"/period"}
    problem(staff("GET", f"/v1/staff/settlements/{tomorrow}"), 404)
    answer = staff("POST", f"/v1/staff/merchants/{targets.shop.id}/endpoints", {"url": "ftp://shop.example"})
    assert pointers(problem(answer, 422)) == {"/url"}
    path = f"/v1/staff/deliveries/{targets.offered['id']}/assign"
    problem(staff("POST", path, {"driver_id": "drv_nobody"}), 404)
    for wrong, code in (
        ({"merchant_id": targets.shop.id}, "no_exclusivity"),
        ({"kind": "dedicated", "merchant_id": "mer_nobody"}, "no_such_merchant"),
        ({"home_zone_id": "nowhere"}, "no_such_zone"),
    ):
        answer = staff("POST", "/v1/staff/drivers", driver_input(zone, **wrong))
        assert problem(answer, answer.status_code)["code"] == code


# -- last, because it takes its time


def test_an_offer_that_ran_out_cant_be_taken_any_more(targets: Targets, ignored: tuple[Driver, str]) -> None:
    driver, offer_id = ignored

    def look() -> str | None:
        if any(offer["offer_id"] == offer_id for offer in driver.offers()):
            return None
        return str(problem(driver.accept(offer_id), 409)["code"])

    assert eventually(look, "the offer runs out") == "offer_expired"
    again = eventually(driver.offers, "the driver is asked again")
    assert again[0]["offer_id"] != offer_id
