"""Every route, tried by those it is not for.

Longer than other files, because all tests share the strangers that it makes once, and are checked together: at the
end nothing may have changed.
"""

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from crowdship.kernel.access import Role
from crowdship.merchants.service import AUTHENTICATION_CACHE_S
from crowdship.tracking.page.token import tracking_token
from infra.routes import ROUTES, Auth, Route
from local.running import LOCAL
from tests.api_calls import PROBLEM, at_once, ok, problem
from tests.api_clients import Driver, Network, Shop
from tests.deployed.bodies import Targets
from tests.deployed.conftest import Former

BY_JWT = [route for route in ROUTES if route.auth is Auth.JWT]
BY_KEY = [route for route in ROUTES if route.auth is Auth.KEY]
OF_THE_ACCOUNT = [route for route in BY_KEY if route.path.startswith("/v1/account")]
OF_DELIVERIES = [route for route in BY_KEY if route not in OF_THE_ACCOUNT]
FOR_STAFF = [route for route in BY_JWT if route.is_for_staff]
FOR_DRIVERS = [route for route in BY_JWT if route.path.startswith("/v1/driver/")]
OF_EVERY_DRIVER = {
    "PUT /v1/driver/documents/{kind}",
    "GET /v1/driver/trainings/{module}",
    "POST /v1/driver/trainings/{module}/attempts",
}
"""Routes of which the path names a kind of thing that each driver has."""

OF_ONE_DRIVER = [
    # A subscription is looked for among the caller's own, and one that is not there is forgotten already.
    route
    for route in FOR_DRIVERS
    if "{" in route.path and "{subscription_id}" not in route.path and route.on not in OF_EVERY_DRIVER
]
BACKDATED_S = 3 * 3600

WITH_A_DOOR = [route for route in ROUTES if route.auth not in (Auth.SESSION, Auth.OPEN)]
"""Routes that are closed to strangers; those of sessions are tried in test_sessions.py, and applicants need no door."""

each_route = pytest.mark.parametrize("route", WITH_A_DOOR, ids=lambda route: route.on)
each_jwt_route = pytest.mark.parametrize("route", BY_JWT, ids=lambda route: route.on)
each_key_route = pytest.mark.parametrize("route", BY_KEY, ids=lambda route: route.on)


@dataclass
class Strangers:
    """Those who are somebody, but not here."""

    shop: Shop
    driver: Driver
    revoked: str
    expired: str
    reader: str
    manager: str
    test: str


@pytest.fixture(scope="module")
def targets(network: Network) -> Iterator[Targets]:
    targets = Targets.of(network, "doors")
    yield targets
    targets.clear()


def expired_key(network: Network, merchant_id: str) -> str:
    """Return a key that opens nothing any more: keys expire by the clock on the wall."""
    ends = datetime.now(UTC) + timedelta(seconds=2)
    key = network.key(merchant_id, "deliveries:read", "deliveries:write", expires_at=ends.isoformat())
    time.sleep(max(0.0, (ends - datetime.now(UTC)).total_seconds()) + 0.1)
    return key


@pytest.fixture(scope="module")
def strangers(targets: Targets) -> Strangers:
    network = targets.network
    left = network.shop(targets.zone, "Left Shop")
    ok(network.staff("DELETE", f"/v1/staff/merchants/{left.id}/keys/{left.key_id}"))
    return Strangers(
        shop=network.shop(targets.zone, "Other Shop"),
        driver=network.driver(targets.zone, name="Otto Other"),
        revoked=left.key,
        expired=expired_key(network, targets.shop.id),
        reader=network.key(targets.shop.id, "deliveries:read"),
        manager=network.key(targets.shop.id, "account:manage"),
        test=network.key(targets.shop.id, "deliveries:read", "deliveries:write", mode="test"),
    )


@pytest.fixture(scope="module", autouse=True)
def _nothing_changed(targets: Targets, strangers: Strangers) -> Iterator[None]:
    """None of all this may leave a trace."""
    before = targets.standing()
    yield
    assert targets.standing() == before, "somebody changed something through a door that should be shut"


SHUT = {"POST /v1/providers/stripe/events": 404}
"""Doors that are shut to everybody, because this stage pays by another provider."""


def knock(targets: Targets, route: Route, credential: str | None, **headers: str | None) -> requests.Response:
    """Make the right request with some credential."""
    body = targets.body(route.on)
    answer = targets.network.caller(credential)(
        route.method,
        targets.path(route.path),
        None if isinstance(body, str | bytes) else body,
        data=body if isinstance(body, str | bytes) else None,
        query=targets.query(route.on),
        headers={**targets.headers(route.on), **headers},
    )
    assert answer.status_code < 500, f"{route.on} answered {answer.status_code}: {answer.text}"
    return answer


def refused(answer: requests.Response, *statuses: int) -> None:
    """Check that an answer is a refusal that tells nothing; functions refuse with problem+json."""
    assert answer.status_code in statuses, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
    if answer.headers["content-type"] == PROBLEM:
        problem(answer, answer.status_code)
    else:
        assert answer.json() == {"message": "Unauthorized"}


# -- tokens that somebody might come with


def part(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def read(token: str, number: int) -> dict[str, Any]:
    text = token.split(".")[number]
    return dict(json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4))))


def signed(head: dict[str, Any], claims: dict[str, Any], key: rsa.RSAPrivateKey) -> str:
    text = f"{part(head)}.{part(claims)}"
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


@pytest.fixture(scope="module")
def pool_key(network: Network) -> rsa.RSAPrivateKey:
    """What the user pool signs access tokens with: nobody can read that on AWS, but the emulator keeps it in a file."""
    pool = network.stack.outputs["UserPoolId"]
    path = LOCAL / "state" / "cognito-pool-keys" / f"{pool}-access.pem"
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


@cache
def strangers_key() -> rsa.RSAPrivateKey:
    """A good key, but not the user pool's: to make one takes as long as several requests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def as_signed_by_the_pool(token: str, key: rsa.RSAPrivateKey, **claims: Any) -> str:
    """Return a token like another one, with some claims changed, that the user pool itself might have signed."""
    return signed(read(token, 0), {**read(token, 1), **claims}, key)


def right_token(targets: Targets, route: Route) -> str:
    return str(targets.caller_of(route.path).credential)


# -- nobody


@pytest.mark.parametrize("route", [r for r in WITH_A_DOOR if r.auth is not Auth.LINK], ids=lambda route: route.on)
def test_nobody_gets_in_without_a_credential(targets: Targets, route: Route) -> None:
    refused(knock(targets, route, None), SHUT.get(route.on, 401))


@each_route
def test_nobody_gets_in_with_something_made_up(targets: Targets, route: Route) -> None:
    for credential in ("x", "a.b.c", "mer_x.key_x.secret", "Ω".encode().decode("latin-1")):
        if route.auth is Auth.LINK:
            path, body = targets.path(route.path.replace("{token}", credential)), targets.body(route.on)
            refused(targets.network.caller()(route.method, path, body), 401, 404)
        else:
            refused(knock(targets, route, credential), SHUT.get(route.on, 401))


@each_jwt_route
def test_a_token_that_was_altered_or_signed_by_a_stranger_opens_nothing(targets: Targets, route: Route) -> None:
    token = right_token(targets, route)
    head, claims, signature = token.split(".")
    forged = part({**read(token, 1), "cognito:groups": ["administrator", "drivers"], "username": "root"})
    for attempt in (
        f"{head}.{forged}.{signature}",
        f"{part({'alg': 'none', 'typ': 'JWT'})}.{claims}.",
        f"{part({**read(token, 0), 'alg': 'none'})}.{claims}.{signature}",
        signed(read(token, 0), read(token, 1), strangers_key()),
    ):
        refused(knock(targets, route, attempt), 401)


@each_jwt_route
def test_an_expired_token_opens_nothing(targets: Targets, pool_key: rsa.RSAPrivateKey, route: Route) -> None:
    """The user pool makes no token that expires while a test waits, so we sign one with the pool's own key.

    Only ``iat`` and ``exp`` differ from a token that opens the door, which the next test shows.
    """
    now = int(time.time())
    token = as_signed_by_the_pool(
        right_token(targets, route), pool_key, iat=now - BACKDATED_S, exp=now - BACKDATED_S + 3600
    )
    refused(knock(targets, route, token), 401)


def test_the_same_token_opens_before_it_expires(targets: Targets, pool_key: rsa.RSAPrivateKey) -> None:
    now = int(time.time())
    for path, caller in (("/v1/staff/drivers", targets.network.staff), ("/v1/driver/me", targets.driver.api)):
        token = as_signed_by_the_pool(str(caller.credential), pool_key, iat=now - 3500, exp=now + 100)
        ok(targets.network.caller(token)("GET", path))


def test_a_token_of_another_user_pool_or_client_opens_nothing(targets: Targets, pool_key: rsa.RSAPrivateKey) -> None:
    token = str(targets.network.staff.credential)
    for claims in ({"iss": f"{read(token, 1)['iss']}x"}, {"client_id": "another"}):
        answer = targets.network.caller(as_signed_by_the_pool(token, pool_key, **claims))("GET", "/v1/staff/drivers")
        refused(answer, 401)


# -- the wrong people


@pytest.mark.parametrize("route", FOR_STAFF, ids=lambda route: route.on)
def test_staffs_doors_are_shut_to_drivers(targets: Targets, route: Route) -> None:
    problem(knock(targets, route, targets.driver.api.credential), 403, "wrong_group")


@pytest.mark.parametrize("route", FOR_STAFF, ids=lambda route: route.on)
def test_staffs_doors_are_shut_to_roles_they_are_not_for(
    targets: Targets, pool_key: rsa.RSAPrivateKey, route: Route
) -> None:
    def attempt(role: Role) -> None:
        token = as_signed_by_the_pool(right_token(targets, route), pool_key, **{"cognito:groups": [role]})
        told = problem(knock(targets, route, token), 403, "wrong_role")
        assert all(one in told["detail"] for one in route.roles)

    at_once([lambda role=role: attempt(role) for role in Role if role not in route.roles])


@pytest.mark.parametrize("role", Role)
def test_a_role_reads_whatever_its_table_says(targets: Targets, pool_key: rsa.RSAPrivateKey, role: Role) -> None:
    token = as_signed_by_the_pool(str(targets.network.staff.credential), pool_key, **{"cognito:groups": [role]})
    opened = [route for route in FOR_STAFF if route.method == "GET" and role in route.roles]
    answers = at_once([lambda route=route: knock(targets, route, token) for route in opened])
    assert [answer.url for answer in answers if answer.status_code in (401, 403)] == []


@pytest.mark.parametrize("route", FOR_DRIVERS, ids=lambda route: route.on)
def test_drivers_doors_are_shut_to_staff(targets: Targets, route: Route) -> None:
    problem(knock(targets, route, targets.network.staff.credential), 403, "wrong_group")


@each_jwt_route
def test_a_merchants_key_is_no_token(targets: Targets, route: Route) -> None:
    refused(knock(targets, route, targets.shop.key), 401)


@pytest.mark.parametrize("route", [*FOR_STAFF, *FOR_DRIVERS], ids=lambda route: route.on)
def test_who_belongs_to_no_group_gets_nowhere(targets: Targets, pool_key: rsa.RSAPrivateKey, route: Route) -> None:
    for groups in ([], ["customers"], ["staff"], ["drivers-retired"]):
        token = as_signed_by_the_pool(right_token(targets, route), pool_key, **{"cognito:groups": groups})
        problem(knock(targets, route, token), 403, "wrong_group")


def test_an_id_token_is_no_access_token(targets: Targets) -> None:
    token = targets.network.staff_tokens["IdToken"]
    for route in FOR_STAFF:
        refused(knock(targets, route, token), 401, 403)


@pytest.mark.parametrize("route", OF_ONE_DRIVER, ids=lambda route: route.on)
def test_a_driver_cant_touch_what_is_another_drivers(targets: Targets, strangers: Strangers, route: Route) -> None:
    problem(knock(targets, route, strangers.driver.api.credential), 404)


# -- merchants


@each_key_route
def test_tokens_are_no_merchants_keys(targets: Targets, route: Route) -> None:
    for caller in (targets.network.staff, targets.driver.api):
        problem(knock(targets, route, caller.credential), 401)


@each_key_route
def test_a_key_with_another_secret_id_or_merchant_opens_nothing(
    targets: Targets, strangers: Strangers, route: Route
) -> None:
    merchant, key_id, secret = targets.shop.key.split(".")
    other_merchant, other_id, other_secret = strangers.shop.key.split(".")
    for credential in (
        f"{merchant}.{key_id}.{other_secret}",
        f"{merchant}.{other_id}.{other_secret}",
        f"{other_merchant}.{key_id}.{secret}",
        f"{merchant}.{key_id}.{secret[:-1]}",
        f"{merchant}.{key_id}.",
        f"..{secret}",
        f"{'m' * 3000}.{key_id}.{secret}",
    ):
        problem(knock(targets, route, credential), 401)


@each_key_route
def test_a_revoked_key_opens_nothing(targets: Targets, strangers: Strangers, route: Route) -> None:
    problem(knock(targets, route, strangers.revoked), 401, "key_revoked")


@each_key_route
def test_an_expired_key_opens_nothing(targets: Targets, strangers: Strangers, route: Route) -> None:
    problem(knock(targets, route, strangers.expired), 401, "key_expired")


@each_key_route
def test_a_key_that_may_read_may_not_write_nor_manage(targets: Targets, strangers: Strangers, route: Route) -> None:
    answer = knock(targets, route, strangers.reader)
    if route.method == "GET" and route not in OF_THE_ACCOUNT:
        ok(answer)
    else:
        problem(answer, 403, "key_scope")


@pytest.mark.parametrize("route", OF_DELIVERIES, ids=lambda route: route.on)
def test_a_key_that_manages_the_account_can_not_touch_deliveries(
    targets: Targets, strangers: Strangers, route: Route
) -> None:
    problem(knock(targets, route, strangers.manager), 403, "key_scope")


@pytest.mark.parametrize("route", OF_THE_ACCOUNT, ids=lambda route: route.on)
def test_a_test_key_can_not_manage_the_account(targets: Targets, strangers: Strangers, route: Route) -> None:
    problem(knock(targets, route, strangers.test), 403, "key_scope")


# What names nothing is one's own.
LISTING = "GET /v1/days/{day}/deliveries"
OF_OTHERS = [
    route for route in OF_DELIVERIES if ("{" in route.path or route.on == "GET /v1/deliveries") and route.on != LISTING
]
OF_ANOTHER = OF_OTHERS + [
    # A template's path names a kind, and with it one's own template.
    route
    for route in OF_THE_ACCOUNT
    if "{" in route.path and "/templates/" not in route.path
]


@pytest.mark.parametrize("route", OF_ANOTHER, ids=lambda route: route.on)
def test_a_merchant_finds_nothing_of_anothers(targets: Targets, strangers: Strangers, route: Route) -> None:
    assert "no_such" in problem(knock(targets, route, strangers.shop.key), 404)["code"]


@pytest.mark.parametrize("route", OF_OTHERS, ids=lambda route: route.on)
def test_a_test_key_finds_nothing_that_is_meant(targets: Targets, strangers: Strangers, route: Route) -> None:
    assert "no_such" in problem(knock(targets, route, strangers.test), 404)["code"]


def test_a_day_lists_what_a_merchant_ordered_and_nothing_of_anothers_nor_of_the_sandbox(
    targets: Targets, strangers: Strangers
) -> None:
    path = targets.path("/v1/days/{day}/deliveries")

    def listed(key: str) -> set[str]:
        found, cursor = set(), {}
        while True:
            page = targets.network.caller(key).get(path, **cursor)
            found |= {one["id"] for one in page["deliveries"]}
            if page["cursor"] is None:
                return found
            cursor = {"cursor": page["cursor"]}

    assert targets.offered["id"] in listed(targets.shop.key)
    assert targets.offered["id"] not in listed(strangers.shop.key) | listed(strangers.test)


def test_a_live_key_finds_nothing_of_the_sandbox(targets: Targets, strangers: Strangers) -> None:
    body = targets.shop.request()
    test = targets.network.caller(strangers.test).post("/v1/deliveries", body, 201, Idempotency_Key="sandboxed")
    assert test["livemode"] is False
    problem(targets.shop.api("GET", f"/v1/deliveries/{test['id']}"), 404, "no_such_delivery")
    problem(targets.shop.cancel(test["id"]), 404, "no_such_delivery")
    problem(targets.shop.api("GET", "/v1/deliveries", query={"external_id": body["external_id"]}), 404)


def test_no_key_is_made_of_a_sandbox(targets: Targets, strangers: Strangers) -> None:
    _, key_id, secret = strangers.test.split(".")
    account = targets.network.caller(targets.shop.key).get("/v1/account")
    problem(targets.network.caller(f"{account['sandbox_id']}.{key_id}.{secret}")("GET", "/v1/account"), 401, "bad_key")
    path = f"/v1/staff/merchants/{account['sandbox_id']}/keys"
    problem(targets.network.staff("POST", path, {}), 404, "no_such_merchant")


def test_a_merchants_lists_have_nothing_of_anothers(targets: Targets, strangers: Strangers) -> None:
    api = targets.network.caller(strangers.shop.key)
    assert api.get("/v1/account/endpoints") == {"endpoints": []}
    assert api.get("/v1/events")["events"] == []
    problem(api("GET", "/v1/events", query={"delivery_id": targets.offered["id"]}), 404, "no_such_delivery")


# -- shops, by signature


def test_a_shops_order_needs_the_signature_of_that_shop(targets: Targets, strangers: Strangers) -> None:
    body = json.dumps(targets.shopify_order()).encode()
    right = targets.shopify_headers(body, "door-1")
    path = f"/v1/sources/shopify/{targets.shop.id}/orders"
    anyone = targets.network.caller()
    for headers in (
        {},
        {**right, "X-Shopify-Hmac-SHA256": ""},
        {**right, "X-Shopify-Hmac-SHA256": "AAAA"},
        targets.shopify_headers(body, "door-1", secret="another-secret-altogether"),
        targets.shopify_headers(body + b" ", "door-1"),
        {**right, "X-Shopify-Shop-Domain": "another.example.com"},
    ):
        problem(anyone("POST", path, data=body, headers=headers), 401)
    for merchant_id in (strangers.shop.id, "mer_nobody", "x"):
        problem(anyone("POST", f"/v1/sources/shopify/{merchant_id}/orders", data=body, headers=right), 401)


def test_a_woocommerce_order_needs_the_signature_of_that_shop(targets: Targets, strangers: Strangers) -> None:
    body = json.dumps(targets.woocommerce_order()).encode()
    right = targets.woocommerce_headers(body, "door-1")
    path, anyone = f"/v1/sources/woocommerce/{targets.shop.id}/orders", targets.network.caller()
    for headers in (
        {},
        {**right, "X-WC-Webhook-Signature": ""},
        {**right, "X-WC-Webhook-Signature": "AAAA"},
        targets.woocommerce_headers(body, "door-1", secret=targets.signing["webhook"]),
        targets.woocommerce_headers(body + b" ", "door-1"),
        {**right, "X-WC-Webhook-Source": "https://another.example.com/"},
    ):
        problem(anyone("POST", path, data=body, headers=headers), 401)
    for merchant_id in (strangers.shop.id, "mer_nobody", "x"):
        problem(anyone("POST", f"/v1/sources/woocommerce/{merchant_id}/orders", data=body, headers=right), 401)


def test_a_signed_webhook_needs_a_fresh_signature_of_that_system(targets: Targets, strangers: Strangers) -> None:
    body = json.dumps(targets.shop.request()).encode()
    right = targets.webhook_headers(body, "door-1")
    path, anyone = f"/v1/sources/webhook/{targets.shop.id}/orders", targets.network.caller()
    for headers in (
        {},
        {**right, "webhook-signature": "v1,AAAA"},
        {**right, "webhook-id": "door-2"},
        {**right, "webhook-timestamp": str(int(right["webhook-timestamp"]) + 1)},
        {**right, "webhook-timestamp": "soon"},
        targets.webhook_headers(body, "door-1", secret=targets.signing["woocommerce"]),
        targets.webhook_headers(body + b" ", "door-1"),
        targets.webhook_headers(body, "door-1", ago_s=400),
        targets.webhook_headers(body, "door-1", ago_s=-400),
    ):
        problem(anyone("POST", path, data=body, headers=headers), 401)
    for merchant_id in (strangers.shop.id, "mer_nobody", "x"):
        problem(anyone("POST", f"/v1/sources/webhook/{merchant_id}/orders", data=body, headers=right), 401)


# -- customers, by link


def link(targets: Targets) -> tuple[str, str]:
    path, _, token = targets.network.stack.behind_link(targets.offered["tracking_url"]).rpartition("/")
    return path, token


def test_the_customers_link_opens_as_it_was_sent(targets: Targets) -> None:
    told = ok(requests.get("/".join(link(targets)), timeout=30))
    assert told["state"] == "offered"
    assert not {"contacts_token", "merchant_id", "price", "driver_id"} & set(told)


def test_a_link_for_another_delivery_or_another_time_opens_nothing(targets: Targets) -> None:
    path, token = link(targets)
    other = targets.assigned["id"].removeprefix("dlv_")
    later = urlsafe_b64encode((2**32 - 1).to_bytes(4)).decode().rstrip("=")
    for attempt in (token[:28] + other, token[:22] + later + token[28:], token[:-1], token + "0", token.swapcase()):
        problem(requests.get(f"{path}/{attempt}", timeout=30), 401, "bad_link")


def test_a_link_that_has_expired_is_gone(targets: Targets) -> None:
    stack = targets.network.stack
    secret = stack.client("secretsmanager").get_secret_value(SecretId=stack.outputs["TrackingSecretArn"])
    now = datetime.fromtimestamp(stack.sim_now(), UTC)
    path, _ = link(targets)
    for ends, status in ((now - timedelta(seconds=1), 410), (now + timedelta(hours=1), 200)):
        token = tracking_token(secret["SecretString"], targets.offered["id"], ends)
        answer = requests.get(f"{path}/{token}", timeout=30)
        if status == 200:
            ok(answer)
        else:
            problem(answer, status, "link_expired")


# -- no doors


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/v1/staff"),
        ("GET", "/v1/staff/secrets"),
        ("DELETE", "/v1/deliveries"),
        ("PUT", "/v1/staff/merchants"),
        ("POST", "/v1/track/x"),
        ("GET", "/v2/deliveries"),
    ],
)
def test_where_there_is_no_door_there_is_nothing(network: Network, method: str, path: str) -> None:
    for caller in (network.caller(), network.staff):
        assert caller(method, path).status_code == 404


def test_a_key_that_was_in_use_opens_nothing_soon_after_it_was_revoked(network: Network, former: Former) -> None:
    caller = network.caller(former.key)
    time.sleep(max(0.0, former.revoked_at + AUTHENTICATION_CACHE_S + 1 - time.monotonic()))
    for _ in range(10):
        problem(caller("GET", "/v1/deliveries", query={"external_id": "none"}), 401, "key_revoked")
