"""How the API answers what it can't do."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Annotated

import pytest
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from crowdship.adapters.http import STAFF, Api, bearer, serve
from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import (
    Conflict,
    Forbidden,
    Gone,
    NotFound,
    StaleWrite,
    TooManyRequests,
    Unauthorized,
    Unprocessable,
)
from crowdship.kernel.events import Value


class Sent(Value):
    when: Moment
    count: int


class Echo(Value):
    when: Moment


@pytest.fixture
def api(monkeypatch):
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Crowdship")
    api = Api()

    @api.post("/v1/things")
    def make(body: Annotated[Sent, Body()]) -> Echo:
        return Echo(when=body.when)

    @api.get("/v1/things")
    def some(limit: Annotated[int, Query(ge=1)] = 5) -> Echo:
        return Echo(when=datetime(2026, 1, limit, tzinfo=UTC))

    @api.get("/v1/fails/<how>")
    def fails(how: str) -> Echo:
        raise {
            "conflict": Conflict("taken", "It is taken."),
            "missing": NotFound("nothing", "No."),
            "gone": Gone("closed", "Over."),
            "refused": Unprocessable("no", "Not so.", "/count"),
            "unknown": Unauthorized("who", "Who?"),
            "forbidden": Forbidden("not_you", "No."),
            "stale": StaleWrite("x"),
            "often": TooManyRequests("rate_limited", "Wait.", {"Retry-After": "7"}),
            "crash": ZeroDivisionError("secret detail"),
        }[how]

    @api.get("/v1/told")
    def told() -> Echo:
        caller = api.admit(lambda key, scope: (f"{key} may {scope}", {"RateLimit-Remaining": "3"}), "read")
        assert caller == "abc.def may read"
        return Echo(when=datetime(2026, 1, 1, tzinfo=UTC))

    @api.get("/v1/staff/zones/<zone_id>/held-pay")
    def held(zone_id: str) -> dict:
        return {"name": api.caller(STAFF), "zone": zone_id}

    @api.get("/v1/staff/forgotten")
    def forgotten() -> dict:
        return {"name": api.caller(STAFF)}

    return api


def call(api, method, path, body=None, query=None, claims=None, kind="application/json", parameters=None):
    answer = answered(api, method, path, body, query, claims, kind, parameters)
    return answer["statusCode"], answer["headers"]["Content-Type"], json.loads(answer["body"])


def answered(api, method, path, body=None, query=None, claims=None, kind="application/json", parameters=None, key=None):
    event = {
        "version": "2.0",
        "rawPath": path,
        "headers": {**({"content-type": kind} if kind else {}), **({"authorization": f"Bearer {key}"} if key else {})},
        "queryStringParameters": query,
        "pathParameters": parameters,
        "requestContext": {
            "http": {"method": method, "path": path},
            "requestId": "req-1",
            "stage": "$default",
            **({"authorizer": {"jwt": {"claims": claims}}} if claims else {}),
        },
        "body": b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": isinstance(body, bytes),
    }
    return serve(api, event, None)


def test_who_came_too_often_is_told_when_to_come_again(api):
    answer = answered(api, "GET", "/v1/fails/often")
    assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (429, "7")
    assert json.loads(answer["body"])["code"] == "rate_limited"


def test_what_is_left_of_a_callers_limit_goes_with_the_answer_it_is_for_and_no_other(api):
    assert answered(api, "GET", "/v1/told", key="abc.def")["headers"]["RateLimit-Remaining"] == "3"
    assert "RateLimit-Remaining" not in answered(api, "GET", "/v1/things")["headers"]


def test_a_caller_without_a_key_is_asked_for_one(api):
    answer = answered(api, "GET", "/v1/told")
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (401, "no_credential")


def test_every_wrong_field_is_named_by_a_pointer(api):
    status, kind, problem = call(api, "POST", "/v1/things", '{"when": "2026-01-01T00:00:00", "count": "x", "more": 1}')
    assert (status, kind) == (422, "application/problem+json")
    assert {error["pointer"] for error in problem["errors"]} == {"/when", "/count", "/more"}
    assert problem["code"] == "invalid_request"
    assert problem["request_id"] == "req-1"


@pytest.mark.parametrize("body", ["{", "", "\x00", "{'a': 1}"])
def test_a_body_that_is_no_json_is_malformed(api, body):
    status, kind, _ = call(api, "POST", "/v1/things", body)
    assert status in (400, 422)
    assert kind == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("[" * 100_000 + "]" * 100_000, id="deep list"),
        pytest.param('{"when": ' * 50_000 + "1" + "}" * 50_000, id="deep object"),
        pytest.param('{"count": ' + "9" * 5000 + "}", id="number of 5000 digits"),
        pytest.param('{"when": "\\ud800"}', id="half a character"),
        pytest.param(b'{"when": "\xff\xfe"}', id="no UTF-8"),
    ],
)
def test_json_that_python_will_not_read_is_malformed_and_no_fault_of_ours(api, body):
    status, kind, problem = call(api, "POST", "/v1/things", body)
    assert (status, kind, problem["code"]) == (400, "application/problem+json", "malformed_json")


def test_what_is_too_long_to_be_a_key_is_refused_before_it_is_looked_up(api):
    long = "x" * 3000
    status, _, problem = call(api, "GET", f"/v1/fails/{long}", parameters={"how": long})
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (422, "too_long", "/path/how")
    status, _, problem = call(api, "GET", "/v1/things", query={"after": long})
    assert (status, problem["code"], problem["errors"][0]["pointer"]) == (422, "too_long", "/query/after")


@pytest.mark.parametrize("kind", [None, "application/x-www-form-urlencoded", "text/plain; charset=utf-8"])
def test_a_body_that_is_not_declared_to_be_json_is_refused_and_not_repeated(api, kind):
    status, answered, problem = call(api, "POST", "/v1/things", '{"name": "Kim"}', kind=kind)
    assert (status, answered, problem["code"]) == (415, "application/problem+json", "not_json")
    assert "Kim" not in json.dumps(problem)


@pytest.mark.parametrize("kind", [None, "application/json", "text/plain"])
def test_a_body_that_is_missing_is_asked_for(api, kind):
    status, answered, problem = call(api, "POST", "/v1/things", None, kind=kind)
    assert (status, answered, problem["code"]) == (422, "application/problem+json", "invalid_request")
    assert "missing" in problem["detail"] or "required" in problem["detail"]


def test_json_may_name_its_charset(api):
    body = '{"when": "2026-01-01T00:00:00Z", "count": 1}'
    assert call(api, "POST", "/v1/things", body, kind="Application/JSON; charset=utf-8")[0] == 200


def test_times_are_answered_in_utc(api):
    _, _, answer = call(api, "POST", "/v1/things", '{"when": "2026-01-01T01:00:00+01:00", "count": 1}')
    assert answer == {"when": "2026-01-01T00:00:00Z"}


def test_a_wrong_query_is_named_too(api):
    status, _, problem = call(api, "GET", "/v1/things", query={"limit": "0"})
    assert (status, problem["errors"][0]["pointer"]) == (422, "/query/limit")


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("conflict", 409, "taken"),
        ("missing", 404, "nothing"),
        ("gone", 410, "closed"),
        ("refused", 422, "no"),
        ("unknown", 401, "who"),
        ("forbidden", 403, "not_you"),
        ("stale", 409, "changed_meanwhile"),
        ("crash", 500, "internal_error"),
    ],
)
def test_a_refusal_has_its_status_and_a_stable_code(api, how, status, code):
    answered, kind, problem = call(api, "GET", f"/v1/fails/{how}")
    assert (answered, kind, problem["code"], problem["status"]) == (
        status,
        "application/problem+json",
        code,
        status,
    )
    assert "secret" not in json.dumps(problem)


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("DELETE", "/v1/things")])
def test_an_unknown_route_is_a_problem_as_well(api, method, path):
    status, kind, problem = call(api, method, path)
    assert (status, kind, problem["code"]) == (404, "application/problem+json", "no_such_route")


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        (None, 401),
        ({"username": "sam", "cognito:groups": "[drivers]"}, 403),
        ({"username": "sam"}, 403),
        ({"username": "sam", "cognito:groups": "[staff financiers]"}, 403),
        ({"username": "sam", "cognito:groups": "[drivers finance]"}, 200),
        ({"username": "sam", "cognito:groups": "[support finance]"}, 200),
        ({"username": "sam", "cognito:groups": "[administrator]"}, 200),
    ],
)
def test_only_staff_with_a_role_of_the_route_are_let_in(api, claims, status):
    assert call(api, "GET", "/v1/staff/zones/oz/held-pay", claims=claims)[0] == status


def test_a_refusal_names_the_roles_that_a_route_is_for(api):
    claims = {"username": "sam", "cognito:groups": "[dispatcher]"}
    status, _, problem = call(api, "GET", "/v1/staff/zones/oz/held-pay", claims=claims)
    assert (status, problem["code"]) == (403, "wrong_role")
    assert "finance or administrator" in problem["detail"]
    assert "dispatcher" in problem["detail"]


def test_a_route_of_staff_without_a_line_in_the_table_lets_nobody_in(api):
    claims = {"username": "sam", "cognito:groups": "[administrator]"}
    status, _, problem = call(api, "GET", "/v1/staff/forgotten", claims=claims)
    assert (status, problem["code"]) == (403, "wrong_role")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc"])
def test_a_missing_credential_is_asked_for(header):
    with pytest.raises(Unauthorized):
        bearer(header)


def test_a_bearer_credential_is_read_whatever_the_case_of_its_scheme():
    assert bearer("bearer abc.def") == "abc.def"
