"""Whatever stands where the API wants a text, a number or a time, it answers what is wrong and fails at nothing."""

import importlib.util
import itertools
import json
import re
import sys
from contextlib import suppress
from copy import deepcopy
from pathlib import Path

import boto3
import pytest

from crowdship.adapters import secrets
from crowdship.merchants import service as merchants
from crowdship.merchants.model import Scope
from infra.routes import ROUTES, Auth
from tests.city import City

ROOT = Path(__file__).parents[3]
DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text())
STRANGE = (
    *("", " ", "١٢٣٤", "\uff11\uff12\uff13\uff14", "a\0b", "\ud800", "x" * 20_000, "+", "-1", "1e3", "\u202e\ufeff"),
    *("2026-06-01\n", "é", "0"),
)
NO_TEXT = ("\ud800", "\udfff\0")
METHODS = frozenset({"POST", "PUT", "PATCH"})

pytestmark = pytest.mark.usefixtures("aws")


class Context:
    function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "test"

    def get_remaining_time_in_millis(self):
        return 30_000


def function(path):
    """Load a function's file as Lambda does: by itself, not as part of a package."""
    name = "function_" + path.replace("/", "_")
    if name not in sys.modules:
        folder = str(ROOT / "functions" / path.split("/")[0])
        spec = importlib.util.spec_from_file_location(name, ROOT / "functions" / f"{path}.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        with suppress(ValueError):
            sys.path.remove(folder)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture
def key(monkeypatch):
    """An API key that may do everything, and secrets that functions read."""
    secrets._provider = None
    secrets.write_secret_fields("crowdship/tracking", {"secret": "hush"})
    secrets.write_secret_fields("crowdship/push", {"secret": "hush"})
    secrets.write_secret_fields("crowdship/edge", {"secret": "hush"})
    secrets.write_secret_fields("crowdship/session", {"secret": "hush"})
    secrets.write_secret_fields("crowdship/screening", {"signing_secret": "hush"})
    rail = {"url": "https://stripe.example", "api_key": "hush", "webhook_secret": "whsec_hush"}
    secrets.write_secret_fields("crowdship/payment-rail", rail)
    cognito = boto3.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="pages")["UserPoolClient"]["ClientId"]
    for name, value in {
        "TRACKING_SECRET_ARN": "crowdship/tracking",
        "PUSH_SECRET_ARN": "crowdship/push",
        "PROOF_BUCKET": "proofs",
        "DOCUMENTS_BUCKET": "documents",
        "EXPORTS_BUCKET": "exports",
        "INVOICES_BUCKET": "invoices",
        "SCREENING_SECRET_ARN": "crowdship/screening",
        "TAX_BUCKET": "tax",
        "PAYOUTS_BUCKET": "payouts",
        "PAY_RUN_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:pay-run",
        "PAYMENT_RAIL_SECRET_ARN": "crowdship/payment-rail",
        "PAYOUT_PROVIDER": "stripe",
        "MAILINGS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/mailings",
        "FINANCE_EMAIL": "finance@crowdship.example",
        "SENDER_EMAIL": "mail@crowdship.example",
        "TAX_YEARS_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/000000000000/tax_years",
        "ONBOARDING_WORKFLOW_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:onboarding",
        "PROOF_LOCK_DAYS": "1",
        "EDGE_SECRET_ARN": "crowdship/edge",
        "SESSION_SECRET_ARN": "crowdship/session",
        "USER_POOL_CLIENT_ID": client,
        "USER_POOL_ID": pool,
    }.items():
        monkeypatch.setenv(name, value)
    city = City.open()
    return merchants.issue_key(city.merchant.id, frozenset(Scope), city.clock)


def event(route, key, body=None, path=None, query=None, headers=None, raw=None):
    on = dict.fromkeys(re.findall(r"{(\w+)}", route.path), "abc") | (path or {})
    where = route.path
    for name, value in on.items():
        where = where.replace(f"{{{name}}}", value)
    group = "drivers" if route.path.startswith("/v1/driver") else "administrator"
    claims = {"username": "drv_1", "cognito:groups": f"[{group}]"}
    text = json.dumps(body) if raw is None and body is not None else raw
    return {
        "version": "2.0",
        "routeKey": route.on,
        "rawPath": where,
        "rawQueryString": "",
        "headers": {
            "content-type": "text/csv" if route.path.endswith("/import") else "application/json",
            "idempotency-key": "k",
            **({"authorization": f"Bearer {key}"} if route.auth is Auth.KEY else {}),
            **(headers or {}),
        },
        "pathParameters": on or None,
        "queryStringParameters": query,
        "requestContext": {
            "http": {"method": route.method, "path": where},
            "requestId": "rid",
            "stage": "$default",
            "authorizer": {"jwt": {"claims": claims}},
        },
        "body": text,
        "isBase64Encoded": False,
    }


def ask(route, key, **given):
    answer = function(route.function).handler(event(route, key, **given), Context())
    body = json.loads(answer["body"]) if answer.get("body") else {}
    shown = {name: str(value)[:80] for name, value in given.items()}
    if answer["statusCode"] >= 500:
        # What a function asks of services that are not there in this test is no fault of the value.
        assert answer["statusCode"] == 503, f"{route.on} answers {answer['statusCode']} to {shown}"
    return answer["statusCode"], body


def resolved(schema):
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def sample(schema, depth=0):
    """Return something that a schema might describe, with every property."""
    schema = resolved(schema)
    for name in ("anyOf", "oneOf"):
        if name in schema:
            return sample(next(one for one in schema[name] if one.get("type") != "null"), depth)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("examples"):
        return schema["examples"][0]
    match schema.get("type"):
        case "object":
            return {name: sample(part, depth + 1) for name, part in schema.get("properties", {}).items()}
        case "array":
            return [sample(schema.get("items", {}), depth + 1) for _ in range(max(1, schema.get("minItems", 0)))]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case _:
            return {"date-time": "2026-06-01T15:00:00Z", "date": "2026-06-01"}.get(schema.get("format"), "abc")


def leaves(value, path=()):
    """Yield the paths of all that is no object and no list."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from leaves(part, (*path, number))
    else:
        yield path


def replaced(value, path, new):
    changed = deepcopy(value)
    part = changed
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = new
    return changed


def body_schema(route):
    operation = DOCUMENT["paths"][route.path][route.method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("schema")


BY_FUNCTION = sorted({route.function for route in ROUTES if route.auth is not Auth.HMAC})
OTHERS = (2**63, -(2**70), 1.5, True, None, [], {}, [[["x"]]])
HEADERS = (
    *(
        "authorization",
        "idempotency-key",
        "x-crowdship-secret",
        "x-shopify-hmac-sha256",
        "x-shopify-webhook-id",
        "x-wc-webhook-signature",
    ),
    *("webhook-id", "webhook-timestamp", "webhook-signature"),
)


def routes_of(function):
    return [route for route in ROUTES if route.function == function]


@pytest.mark.parametrize("function", BY_FUNCTION)
def test_no_value_of_a_body_makes_a_function_fail(function, key):
    """Every value stands in every place once, in turns, and each place has one strange value alone."""
    values = (*STRANGE, *OTHERS)
    for route in routes_of(function):
        if route.method not in METHODS or not body_schema(route):
            continue
        whole = sample(body_schema(route))
        places = list(leaves(whole))
        for turn in range(len(values)):
            body = whole
            for number, path in enumerate(places):
                body = replaced(body, path, values[(number + turn) % len(values)])
            ask(route, key, body=body)
        for number, path in enumerate(places):
            ask(route, key, body=replaced(whole, path, values[number % len(values)]))


@pytest.mark.parametrize("function", sorted({route.function for route in ROUTES}))
def test_no_text_in_a_path_a_query_or_a_header_makes_a_function_fail(function, key):
    for route, text in itertools.product(routes_of(function), STRANGE):
        given = DOCUMENT["paths"][route.path][route.method.lower()].get("parameters", [])
        query = {one["name"]: text for one in given if one["in"] == "query"}
        names = re.findall(r"{(\w+)}", route.path)
        body = {} if route.method in METHODS else None
        if names and "/" not in text and text.strip():
            ask(route, key, path=dict.fromkeys(names, text), body=body)
        if query:
            ask(route, key, query=query, body=body)
        ask(route, key, headers={**dict.fromkeys(HEADERS, text), "authorization": f"Bearer {text}"}, body=body)


@pytest.mark.parametrize("text", NO_TEXT)
def test_half_of_a_surrogate_pair_is_told_to_be_no_text_wherever_it_stands(text, key):
    route = next(route for route in ROUTES if route.on == "POST /v1/quotes")
    body = json.dumps({"dropoff": {"point": {"lat": 1, "lon": 1}}, "goods": text})
    assert ask(route, key, raw=body)[1]["code"] == "malformed_json"
    assert ask(route, key, raw=json.dumps({"goods": text}, ensure_ascii=False))[1]["code"] == "malformed_json"
    assert ask(route, key, headers={"idempotency-key": text}, body={})[1]["code"] == "not_text"
    one = next(route for route in ROUTES if route.on == "GET /v1/deliveries/{delivery_id}")
    assert ask(one, key, path={"delivery_id": text})[1]["code"] == "not_text"
    found = next(route for route in ROUTES if route.on == "GET /v1/deliveries")
    assert ask(found, key, query={"external_id": text})[1]["code"] == "not_text"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ('{"tip": 1, "tip": 2}', "tip is there twice"),
        ('{"tip": NaN}', "NaN is no JSON number"),
        ('{"tip": -Infinity}', "-Infinity is no JSON number"),
        ("[" * 40 + "]" * 40, "nested more than 32 levels"),
        ("[" * 100_000 + "]" * 100_000, "nested more than 32 levels"),
        ('{"tip": ' + "9" * 5000 + "}", "The body is not JSON that can be read"),
        ("{'tip': 1}", "The body is not JSON that can be read"),
        ('{"tip": 1}{}', "The body is not JSON that can be read"),
    ],
)
def test_json_with_more_than_one_reading_is_refused_with_what_is_wrong(raw, told, key):
    route = next(route for route in ROUTES if route.on == "PATCH /v1/deliveries/{delivery_id}")
    status, problem = ask(route, key, raw=raw)
    assert (status, problem["code"]) == (400, "malformed_json")
    assert told in problem["detail"]


def test_a_byte_order_mark_before_json_is_nothing(key):
    route = next(route for route in ROUTES if route.on == "POST /v1/quotes")
    plain, marked = (ask(route, key, raw=mark + '{"dropoff": {}}') for mark in ("", "\ufeff"))
    assert plain == marked
    assert plain[0] == 422


@pytest.mark.parametrize("times", [1_780_326_000, "1780326000", "2026-06-01", "2026-06-01T15:00:00", 1.5, True])
def test_a_window_in_anything_but_rfc_3339_is_refused_with_what_would_be_right(times, key):
    route = next(route for route in ROUTES if route.on == "POST /v1/quotes")
    window = {"opens_at": "2026-06-01T15:00:00Z", "closes_at": times}
    status, problem = ask(route, key, body={"dropoff": {"point": {"lat": 41, "lon": -87}}, "dropoff_window": window})
    assert (status, problem["code"]) == (422, "invalid_request")
    assert problem["detail"].startswith("1 field is wrong; /dropoff_window/closes_at: ")
    assert "for example 2026-06-01T15:00:00Z" in problem["errors"][0]["detail"]


@pytest.mark.parametrize("day", ["1780272000", "2026-06-01T00:00:00", "01.06.2026", "2026-02-30", "٢٠٢٦-٠٦-٠١"])
def test_a_day_in_anything_but_rfc_3339_is_refused(day, key):
    route = next(route for route in ROUTES if route.on == "GET /v1/staff/ledger/trial-balance")
    status, problem = ask(route, key, query={"period": day})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/query/period")
    assert "for example 2026-06-01" in problem["errors"][0]["detail"]


def test_every_pattern_of_the_api_takes_ascii_digits_alone():
    def patterns(part):
        if isinstance(part, dict):
            if isinstance(part.get("pattern"), str) and part.get("format") != "date-time":
                yield part["pattern"]
            part = list(part.values())
        for one in part if isinstance(part, list) else ():
            yield from patterns(one)

    found = set(patterns(DOCUMENT["components"])) | set(patterns(DOCUMENT["paths"]))
    assert found
    for pattern in found:
        assert not re.search(r"\\[dw]", pattern), f"{pattern} takes the digits or letters of every script"
        assert pattern.startswith("^"), f"{pattern} is found anywhere"
        assert pattern.endswith("$"), f"{pattern} lets anything follow"


def test_nothing_but_the_one_helper_compares_secrets():
    for path in (ROOT / "layers" / "crowdship").rglob("*.py"):
        if path.name != "signatures.py":
            assert "compare_digest" not in path.read_text(), f"{path} fails at text that is not ASCII"
