"""The functions of the room, called as Lambda calls them."""

import importlib.util
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest

from crowdship.drivers import service as drivers
from crowdship.kernel.clock import FixedClock
from tests.city import driver_input, put_zone, settings
from tests.unit.settlement.test_postings import closed

ROOT = Path(__file__).parents[3]
CYCLE = "arn:aws:states:us-east-1:123456789012:stateMachine:settlement-cycle"

pytestmark = pytest.mark.usefixtures("aws")


def function(path, clock=None):
    """Load a function's file as Lambda does: by itself, not as part of a package."""
    name = "function_" + path.replace("/", "_")
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "functions" / f"{path}.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    module = sys.modules[name]
    if clock:
        module.clock = clock
    return module


def sqs(*events):
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "body": json.dumps({"source": "crowdship", "detail": event.model_dump(mode="json")}),
                "eventSource": "aws:sqs",
            }
            for number, event in enumerate(events)
        ]
    }


class Context:
    function_name = memory_limit_in_mb = invoked_function_arn = aws_request_id = "test"


def ask(module, method, path, *, group="administrator", username="someone", body=None, key=None, headers=None, **query):
    claims = {"username": username, "cognito:groups": f"[{group}]"} if group else {}
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "content-type": "application/json",
            **({"authorization": f"Bearer {key}"} if key else {}),
            **(headers or {}),
        },
        "queryStringParameters": query or None,
        "requestContext": {
            "http": {"method": method, "path": path},
            "requestId": "rid",
            "stage": "$default",
            "authorizer": {"jwt": {"claims": claims}},
        },
        "body": json.dumps(body) if body is not None else None,
        "isBase64Encoded": False,
    }
    answer = module.handler(event, Context())
    return answer["statusCode"], json.loads(answer["body"])


@pytest.fixture
def clock():
    return FixedClock(datetime(2026, 3, 3, 4, 30, tzinfo=UTC))


@pytest.fixture
def cycle(clock, monkeypatch):
    monkeypatch.setenv("STAGE", "local")
    return function("tasks/settlement", clock)


@pytest.fixture
def staff_api(clock):
    return function("console/ledger", clock)


@pytest.fixture
def state_machine(monkeypatch):
    monkeypatch.setenv("SETTLEMENT_CYCLE_ARN", CYCLE)
    boto3.client("stepfunctions").create_state_machine(
        name="settlement-cycle",
        definition='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
        roleArn="arn:aws:iam::123456789012:role/cycle",
    )


def call(cycle, step, given, **more):
    return cycle.handler({"step": step, **given, **more}, Context())


def close(cycle):
    """Go through the steps until the period is finished, as the state machine does; return the last answer."""
    shards = call(cycle, "open", {})
    period = {"period": shards["period"]}
    call(cycle, "book", period, items=shards["items"])
    call(cycle, "close", period)
    call(cycle, "sum", period, items=shards["items"])
    call(cycle, "state", period, items=call(cycle, "plan", period)["items"])
    return call(cycle, "finish", period)


def run(cycle):
    """Close the day with what was answered last, as the state machine does."""
    return close(cycle)


def test_the_consumer_books_what_it_can_and_gives_back_what_it_can_not():
    broken = closed(number=2, price={"charge": "?"})
    answer = function("events/post").handler(sqs(closed(number=1), broken, closed(number=3)), Context())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}]}
    status, balance = ask(function("console/ledger"), "GET", "/v1/staff/ledger/trial-balance", period="2026-03-02")
    assert status == 200
    assert balance["difference"] == [{"amount": 0, "currency": "USD"}]
    figures = {"debit": 0, "credit": 1600, "balance": -1600, "pending": 0}
    payable = {name: {"amount": amount, "currency": "USD"} for name, amount in figures.items()}
    assert {"account": "driver:drv_1:payable", **payable} in balance["accounts"]


def test_the_cycle_answers_what_its_state_machine_hands_on(cycle):
    function("events/post").handler(sqs(closed(number=1), closed(number=2, driver_id="drv_2")), Context())
    finished = run(cycle)
    assert finished == {"period": "2026-03-02"}
    assert run(cycle) == finished
    json.dumps(finished)


def test_staff_see_how_a_settlement_went(cycle, staff_api):
    function("events/post").handler(sqs(closed(number=1)), Context())
    run(cycle)
    status, settlement = ask(staff_api, "GET", "/v1/staff/settlements/2026-03-02")
    assert status == 200
    assert settlement["status"] == "finished"
    assert (settlement["statements"], settlement["pay_run"], settlement["payouts"]) == (2, None, [])


def test_staff_page_through_statements(cycle, staff_api):
    function("events/post").handler(sqs(closed(number=1), closed(number=2, driver_id="drv_2")), Context())
    run(cycle)
    path = "/v1/staff/settlements/2026-03-02/statements"
    _, first = ask(staff_api, "GET", path, limit="2")
    _, rest = ask(staff_api, "GET", path, limit="2", cursor=first["next_cursor"])
    assert [s["owner"] for s in first["statements"] + rest["statements"]] == [
        "driver:drv_1",
        "driver:drv_2",
        "merchant:mer_1",
    ]
    assert rest["next_cursor"] is None
    _, of_one = ask(staff_api, "GET", path, owner="driver:drv_1")
    [statement] = of_one["statements"]
    assert statement["sums"]["tips"] == {"amount": 300, "currency": "USD"}
    assert [line["delivery_id"] for line in statement["lines"]] == ["dlv_1"]


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/v1/staff/settlements/2026-03-02", {}, 404, "not_settled"),
        ("/v1/staff/settlements/yesterday", {}, 422, "invalid_request"),
        ("/v1/staff/settlements/2026-03-02/statements", {"owner": "driver:drv_9"}, 404, "no_such_statement"),
        ("/v1/staff/ledger/trial-balance", {}, 422, "invalid_request"),
        ("/v1/staff/ledger/trial-balance", {"period": "2026-03-02", "to": "2026-03-01"}, 422, "period_range"),
        ("/v1/staff/ledger/trial-balance", {"period": "2026-03-02", "to": "2026-05-01"}, 422, "period_range"),
    ],
)
def test_what_staff_ask_wrongly_is_refused_with_a_reason(path, query, status, code, staff_api):
    answered, problem = ask(staff_api, "GET", path, **query)
    assert (answered, problem["code"]) == (status, code)


def test_drivers_may_not_read_the_ledger(staff_api):
    query = {"period": "2026-03-02"}
    assert ask(staff_api, "GET", "/v1/staff/ledger/trial-balance", group="drivers", **query)[0] == 403
    assert ask(staff_api, "GET", "/v1/staff/ledger/trial-balance", group=None, **query)[0] == 401


def test_a_settlement_starts_once(staff_api, state_machine):
    status, started = ask(staff_api, "POST", "/v1/staff/settlements", body={"period": "2026-03-02"})
    assert status == 202
    assert started["execution_arn"].endswith(":execution:settlement-cycle:settle-2026-03-02-1")
    _, again = ask(staff_api, "POST", "/v1/staff/settlements", body={"period": "2026-03-02"})
    assert again == started
    assert len(boto3.client("stepfunctions").list_executions(stateMachineArn=CYCLE)["executions"]) == 1


def test_a_settlement_that_failed_starts_again(staff_api, state_machine):
    _, started = ask(staff_api, "POST", "/v1/staff/settlements", body={"period": "2026-03-02"})
    boto3.client("stepfunctions").stop_execution(executionArn=started["execution_arn"])
    status, again = ask(staff_api, "POST", "/v1/staff/settlements", body={"period": "2026-03-02"})
    assert status == 202
    assert again["execution_arn"].endswith("settle-2026-03-02-2")


def test_a_finished_settlement_does_not_start_again(cycle, staff_api, state_machine, clock):
    run(cycle)
    status, answer = ask(staff_api, "POST", "/v1/staff/settlements", body={"period": "2026-03-02"})
    assert (status, answer["execution_arn"]) == (200, None)


def test_a_day_to_come_is_refused(staff_api, state_machine):
    status, problem = ask(staff_api, "POST", "/v1/staff/settlements", body={"period": "2026-03-04"})
    assert (status, problem["code"]) == (422, "period_to_come")


CORRECTION = {
    "reference": "ticket-7",
    "driver_id": "drv_1",
    "amount": {"amount": -50, "currency": "USD"},
    "note": "lost goods",
}


def correct(staff_api, **changes):
    return ask(staff_api, "POST", "/v1/staff/ledger/adjustments", body={**CORRECTION, **changes}, username="ana")


def test_staff_correct_what_a_driver_is_due(staff_api, clock):
    put_zone(settings())
    driver = drivers.register(driver_input(), clock, lambda *_: None).id
    status, booked = correct(staff_api, driver_id=driver)
    assert status == 201
    assert booked == {
        "adjustment_id": booked["adjustment_id"],
        "posting_id": booked["posting_id"],
        **CORRECTION,
        "driver_id": driver,
        "state": "booked",
        "asked_by": "ana",
        "asked_at": "2026-03-03T04:30:00Z",
        "expires_at": None,
        "decided_by": None,
        "decided_at": None,
        "reverses": None,
        "period": "2026-03-03",
        "time": "2026-03-03T04:30:00Z",
    }
    assert correct(staff_api, driver_id=driver) == (201, booked)
    earnings_api = function("driver/earnings", clock)
    _, earnings = ask(earnings_api, "GET", "/v1/driver/earnings", group="drivers", username=driver)
    [line] = earnings["lines"]
    assert (line["kind"], line["total"]["amount"], line["note"]) == ("adjustment", -50, "lost goods")
    assert "ana" not in json.dumps(earnings)


def test_what_is_above_the_limit_is_answered_202_listed_and_booked_by_a_second_person(staff_api, clock):
    put_zone(settings())
    driver = drivers.register(driver_input(), clock, lambda *_: None).id
    path = "/v1/staff/ledger/adjustments"
    status, asked = correct(staff_api, driver_id=driver, amount={"amount": 5001, "currency": "USD"})
    assert (status, asked["state"]) == (202, "pending")
    assert ask(staff_api, "GET", path) == (200, {"adjustments": [asked]})
    approve = f"{path}/{asked['adjustment_id']}/approve"
    status, problem = ask(staff_api, "POST", approve, username="ana")
    assert (status, problem["code"]) == (409, "second_person_needed")
    for group in ("dispatcher", "support"):
        assert ask(staff_api, "POST", approve, group=group, username="ben")[0] == 403
    status, booked = ask(staff_api, "POST", approve, group="finance", username="ben")
    assert (status, booked["state"], booked["decided_by"]) == (200, "booked", "ben")
    status, problem = ask(staff_api, "POST", f"{path}/{asked['adjustment_id']}/refuse", username="ben")
    assert (status, problem["code"]) == (409, "adjustment_decided")
    status, problem = ask(staff_api, "POST", f"{path}/adj_nothing/approve", username="ben")
    assert (status, problem["code"]) == (404, "no_such_adjustment")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amount": {"amount": 0, "currency": "USD"}}, 422, "invalid_request"),
        ({"amount": {"amount": 10**12, "currency": "USD"}}, 422, "invalid_request"),
        ({"reference": ""}, 422, "invalid_request"),
        ({"note": ""}, 422, "invalid_request"),
        ({}, 404, "no_such_driver"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(changes, status, code, staff_api):
    answered, problem = correct(staff_api, **changes)
    assert (answered, problem["code"]) == (status, code)


def test_a_day_that_is_not_over_is_refused(staff_api, state_machine, monkeypatch):
    monkeypatch.setenv("STAGE", "prod")
    status, problem = ask(staff_api, "POST", "/v1/staff/settlements", body={"period": "2026-03-03"})
    assert (status, problem["code"]) == (422, "period_not_over")


def test_earnings_are_todays_unless_asked_otherwise(clock):
    api = function("driver/earnings", clock)
    _, earnings = ask(api, "GET", "/v1/driver/earnings", group="drivers", username="drv_1")
    assert earnings == {
        "period": "2026-03-03",
        "driver_id": "drv_1",
        "lines": [],
        "totals": [],
        "payouts": [],
    }
    assert ask(api, "GET", "/v1/driver/earnings", group="administrator")[0] == 403
