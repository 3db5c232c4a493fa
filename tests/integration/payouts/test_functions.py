"""The functions of the room, called as Lambda calls them."""

import json

import boto3
import pytest

from crowdship.adapters import secrets
from crowdship.drivers import service as drivers
from crowdship.payouts.runs import steps as runs
from tests.city import driver_input, put_zone, settings
from tests.integration.payouts.conftest import API_KEY, certify, settle
from tests.integration.settlement.conftest import run_cycle
from tests.integration.settlement.test_cycle import DAY, a_day
from tests.integration.settlement.test_functions import Context, ask, function, sqs
from tests.unit.settlement.test_postings import closed

PAY_RUN = "arn:aws:states:us-east-1:123456789012:stateMachine:pay-run"
PAYOUTS = "/v1/staff/payouts"

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def here(clock, fake_rail, monkeypatch, bucket):
    """A stage that pays by the rail."""
    monkeypatch.setenv("STAGE", "local")
    secrets._secrets.__globals__["_provider"] = None
    monkeypatch.setenv("PAYMENT_RAIL_SECRET_ARN", "the-payment-rail")
    monkeypatch.setenv("PAYOUTS_BUCKET", "bank-files")
    monkeypatch.setenv("PAY_RUN_ARN", PAY_RUN)
    secrets.write_secret_fields("the-payment-rail", {"url": fake_rail.url, "api_key": API_KEY})
    boto3.client("stepfunctions").create_state_machine(
        name="pay-run",
        definition='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
        roleArn="arn:aws:iam::123456789012:role/run",
    )


@pytest.fixture
def task(here, clock):
    return function("tasks/payouts", clock)


@pytest.fixture
def staff(here, clock):
    return function("console/payouts", clock)


@pytest.fixture
def app(here, clock):
    return function("driver/pay", clock)


def step(task, **given):
    return task.handler(given, Context())


def run(task, period=str(DAY)):
    """Go through the steps with what each answered, as the state machine does."""
    taken = step(task, **step(task, step="open", period=period), step="take_in")
    assert taken["cursor"] is None
    batches = step(task, **taken, step="batches")
    for batch in batches["batches"]:
        step(task, step="pay", period=period, batch=batch)
    filed = step(task, **batches, step="file")
    noted = step(task, **filed, step="note_filed")
    assert noted["start"] is None
    return step(task, **noted, step="finish")


def test_the_run_answers_what_its_state_machine_hands_on(task, clock, fake_rail):
    a_day(clock)
    run_cycle(DAY, clock)
    assert run(task) == run(task) == {"period": "2026-03-02"}
    assert fake_rail.paid == {"drv_1": 800, "drv_2": 1600}


def test_an_error_keeps_the_name_the_state_machine_knows(task, clock, fake_rail):
    a_day(clock)
    run_cycle(DAY, clock)
    fake_rail.stumbles["drv_1"] = [503]
    step(task, **step(task, step="open", period=str(DAY)), step="take_in")
    step(task, step="batches", period=str(DAY))
    with pytest.raises(Exception, match="1 payout is unanswered") as error:
        step(task, step="pay", period=str(DAY), batch=0)
    assert type(error.value).__name__ == "PaymentRailUnavailable"


@pytest.mark.parametrize("stage", ["prod", "sandbox"])
def test_money_travels_encrypted_in_aws(task, monkeypatch, stage):
    monkeypatch.setenv("STAGE", stage)
    with pytest.raises(ValueError, match="https"):
        task.provider()


def test_the_close_starts_the_run_once(task, clock):
    a_day(clock)
    run_cycle(DAY, clock)
    assert step(task, step="start", period=str(DAY))["started"]
    assert not step(task, step="start", period=str(DAY))["started"]
    [execution] = boto3.client("stepfunctions").list_executions(stateMachineArn=PAY_RUN)["executions"]
    assert execution["name"] == "pay-2026-03-02-1"


def test_the_clock_looks_after_everything_that_stands_still(task, clock):
    a_day(clock)
    run_cycle(DAY, clock)
    assert step(task, step="catch_up") == {"started": ["2026-03-02"], "paid": 0, "undecided": 0, "again": 0}
    assert step(task, step="catch_up")["started"] == []


def test_a_part_of_the_look_that_fails_keeps_no_other_from_being_done(task, clock, monkeypatch):
    def count_as_paid(*_):
        raise RuntimeError("the index can't be read")

    monkeypatch.setattr(runs, "count_as_paid", count_as_paid)
    a_day(clock)
    run_cycle(DAY, clock)
    with pytest.raises(ExceptionGroup, match="failed in part"):
        step(task, step="catch_up")
    assert boto3.client("stepfunctions").list_executions(stateMachineArn=PAY_RUN)["executions"]


def test_staff_see_how_a_settlement_was_paid(task, staff, clock):
    a_day(clock)
    run_cycle(DAY, clock)
    run(task)
    _, told = ask(function("console/ledger", clock), "GET", f"/v1/staff/settlements/{DAY}", limit="1")
    assert (told["status"], told["pay_run"]) == ("finished", "finished")
    assert told["totals"] == [{"amount": 2400, "currency": "USD"}]
    [payout] = told["payouts"]
    _, rest = ask(
        function("console/ledger", clock), "GET", f"/v1/staff/settlements/{DAY}", limit="2", cursor=told["next_cursor"]
    )
    assert {one["driver_id"] for one in [payout, *rest["payouts"]]} == {"drv_1", "drv_2"}
    assert rest["next_cursor"] is None


def test_staff_find_payouts_by_period_state_and_driver(task, staff, clock, fake_rail):
    fake_rail.refuses.add("drv_2")
    a_day(clock)
    run_cycle(DAY, clock)
    run(task)
    _, of_day = ask(staff, "GET", PAYOUTS, period=str(DAY))
    assert {(one["driver_id"], one["state"]) for one in of_day["payouts"]} == {("drv_1", "paid"), ("drv_2", "failed")}
    _, failed = ask(staff, "GET", PAYOUTS, period=str(DAY), state="failed")
    assert [one["driver_id"] for one in failed["payouts"]] == ["drv_2"]
    _, of_driver = ask(staff, "GET", PAYOUTS, driver_id="drv_2", state="failed")
    assert of_driver["payouts"] == failed["payouts"]
    _, none = ask(staff, "GET", PAYOUTS, driver_id="drv_2", state="paid")
    assert none["payouts"] == []
    assert ask(staff, "GET", PAYOUTS, state="held")[1]["payouts"] == []


def test_a_cursor_of_another_list_is_refused(task, staff, clock):
    a_day(clock)
    run_cycle(DAY, clock)
    run(task)
    _, of_day = ask(staff, "GET", PAYOUTS, period=str(DAY), limit="1")
    ledger = function("console/ledger", clock)
    settlement = f"/v1/staff/settlements/{DAY}"
    _, statements = ask(ledger, "GET", f"{settlement}/statements", limit="1")
    strange = (of_day["next_cursor"], "paid#pay_1", "~", "é")
    lists = (
        (staff, PAYOUTS, {"period": str(DAY), "state": "canceled"}),
        (staff, PAYOUTS, {"driver_id": "drv_1"}),
        (staff, PAYOUTS, {"state": "held"}),
        (ledger, settlement, {}),
        (ledger, f"{settlement}/statements", {}),
    )
    for api, path, query in lists:
        for cursor in (*strange, statements["next_cursor"] if "statements" not in path else of_day["next_cursor"]):
            status, told = ask(api, "GET", path, cursor=cursor, **query)
            assert (status, told["code"]) == (422, "bad_cursor"), (path, query, cursor)


def test_pages_of_payouts_leave_none_out(task, staff, clock):
    a_day(clock)
    run_cycle(DAY, clock)
    run(task)
    for query in ({"period": str(DAY)}, {"period": str(DAY), "state": "paid"}):
        _, first = ask(staff, "GET", PAYOUTS, limit="1", **query)
        _, second = ask(staff, "GET", PAYOUTS, limit="1", cursor=first["next_cursor"], **query)
        assert {one["driver_id"] for one in first["payouts"] + second["payouts"]} == {"drv_1", "drv_2"}
        _, end = ask(staff, "GET", PAYOUTS, limit="1", cursor=second["next_cursor"], **query)
        assert (end["payouts"], end["next_cursor"]) == ([], None)


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        (PAYOUTS, {}, 422, "filter_needed"),
        (PAYOUTS, {"state": "paid"}, 422, "filter_needed"),
        (PAYOUTS, {"state": "lost"}, 422, "invalid_request"),
        (f"{PAYOUTS}/pay_nothing", {}, 404, "no_such_payout"),
        ("/v1/staff/pay-runs", {"period": "2026-03-02"}, 404, "no_such_run"),
        ("/v1/staff/pay-runs", {"period": "yesterday"}, 422, "invalid_request"),
    ],
)
def test_what_staff_ask_wrongly_is_refused_with_a_reason(path, query, status, code, staff):
    answered, problem = ask(staff, "GET", path, **query)
    assert (answered, problem["code"]) == (status, code)


def test_a_payout_is_shown_with_what_it_settles_and_its_history(task, staff, clock):
    a_day(clock)
    run_cycle(DAY, clock)
    run(task)
    _, of_driver = ask(staff, "GET", PAYOUTS, driver_id="drv_1")
    _, told = ask(staff, "GET", f"{PAYOUTS}/{of_driver['payouts'][0]['payout_id']}")
    [part] = told["settles"]
    assert (part["period"], part["amount"]["amount"]) == ("2026-03-02", 800)
    assert [change["state"] for change in told["history"]] == ["pending", "instructed", "in_transit", "paid"]
    assert told["net"] == told["amount"]


def test_staff_start_a_run_by_hand_and_see_the_list(task, staff, clock):
    status, problem = ask(staff, "POST", "/v1/staff/pay-runs", body={"period": str(DAY)})
    assert (status, problem["code"]) == (409, "period_not_settled")
    a_day(clock)
    run_cycle(DAY, clock)
    status, started = ask(staff, "POST", "/v1/staff/pay-runs", body={"period": str(DAY)})
    assert status == 202
    assert ask(staff, "POST", "/v1/staff/pay-runs", body={"period": str(DAY)}) == (200, started)
    run(task)
    _, told = ask(staff, "GET", "/v1/staff/pay-runs")
    [listed] = told["runs"]
    assert (listed["run_id"], listed["status"], listed["file"]) == (started["run_id"], "finished", None)
    assert ask(staff, "GET", "/v1/staff/pay-runs", period=str(DAY))[1]["runs"] == [listed]


def test_a_bank_file_is_linked_to_where_one_run_is_asked_for(staff, clock, bank, bucket):
    a_day(clock)
    settle(DAY, bank, clock, bucket)
    assert ask(staff, "GET", "/v1/staff/pay-runs")[1]["runs"][0]["file"]["url"] is None
    [told] = ask(staff, "GET", "/v1/staff/pay-runs", period=str(DAY))[1]["runs"]
    assert told["file"]["count"] == 2
    assert "bank-files" in told["file"]["url"]


def test_drivers_and_dispatchers_see_no_payouts_of_others(staff):
    assert ask(staff, "GET", PAYOUTS, group="drivers")[0] == 403
    assert ask(staff, "GET", PAYOUTS, group="dispatcher")[0] == 403
    assert ask(staff, "GET", PAYOUTS, group=None)[0] == 401


def test_a_driver_sees_own_earnings_and_payouts_only(task, clock):
    function("events/post").handler(sqs(closed(number=1), closed(number=2, driver_id="drv_2")), Context())
    run_cycle(DAY, clock)
    run(task)
    api = function("driver/earnings", clock)
    status, earnings = ask(api, "GET", "/v1/driver/earnings", group="drivers", username="drv_1", period=str(DAY))
    assert status == 200
    [line] = earnings["lines"]
    assert (line["delivery_id"], line["tip"]["amount"], line["total"]["amount"]) == ("dlv_1", 300, 800)
    assert "1300" not in json.dumps(earnings)
    [payout] = earnings["payouts"]
    assert (payout["driver_id"], payout["state"], payout["amount"]["amount"]) == ("drv_1", "paid", 800)


def order(app, driver, amount, key="11111111-1111-4111-8111-111111111111", **more):
    return ask(
        app,
        "POST",
        "/v1/driver/instant-pay",
        group="drivers",
        username=driver,
        body={"amount": {"amount": amount, "currency": "USD"}, **more},
        headers={"idempotency-key": key},
    )


def test_a_driver_chooses_to_be_paid_weekly(app, clock):
    put_zone(settings())
    driver = certify(drivers.register(driver_input(), clock, lambda *_: None).id)
    _, quote = ask(app, "GET", "/v1/driver/instant-pay", group="drivers", username=driver)
    assert quote["schedule"] == {"cadence": "daily", "next_payday": "2026-03-03"}
    chosen = {"cadence": "weekly", "next_payday": "2026-03-08"}
    path, body = "/v1/driver/pay-schedule", {"cadence": "weekly"}
    assert ask(app, "PUT", path, group="drivers", username=driver, body=body) == (200, chosen)
    assert ask(app, "PUT", path, group="drivers", username=driver, body=body) == (200, chosen)
    assert ask(app, "PUT", path, group="drivers", username=driver, body={"cadence": "hourly"})[0] == 422


def test_a_driver_is_paid_at_once_and_by_the_same_key_once(app, clock, fake_rail):
    put_zone(settings())
    driver = certify(drivers.register(driver_input(), clock, lambda *_: None).id)
    event = closed(number=1, driver_id=driver).model_copy(update={"time": clock.now()})
    function("events/post").handler(sqs(event), Context())
    _, quote = ask(app, "GET", "/v1/driver/instant-pay", group="drivers", username=driver)
    assert (quote["available"]["amount"], quote["fee"]["amount"], quote["obstacle"]) == (800, 50, None)
    status, paid = order(app, driver, 800)
    assert (status, paid["state"], paid["speed"], paid["net"]["amount"]) == (201, "paid", "instant", 750)
    assert order(app, driver, 800) == (201, paid)
    assert order(app, driver, 700)[1]["code"] == "key_reused"
    assert fake_rail.paid[driver] == 750
    _, quote = ask(app, "GET", "/v1/driver/instant-pay", group="drivers", username=driver)
    assert (quote["available"]["amount"], quote["obstacle"]) == (0, "too_little")
    earnings_api = function("driver/earnings", clock)
    _, earnings = ask(earnings_api, "GET", "/v1/driver/earnings", group="drivers", username=driver)
    assert earnings["totals"][0]["total"]["amount"] == 0
    assert earnings["payouts"] == [paid]


@pytest.mark.parametrize(
    ("amount", "status", "code"),
    [(0, 422, "invalid_request"), (99, 422, "too_little"), (801, 409, "more_than_available")],
)
def test_an_order_that_can_not_be_is_refused_with_a_reason(app, clock, amount, status, code):
    put_zone(settings())
    driver = certify(drivers.register(driver_input(), clock, lambda *_: None).id)
    event = closed(number=1, driver_id=driver).model_copy(update={"time": clock.now()})
    function("events/post").handler(sqs(event), Context())
    answered, problem = order(app, driver, amount)
    assert (answered, problem["code"]) == (status, code)


def test_an_order_that_nobody_answers_is_kept_and_sent_again(app, task, clock, fake_rail):
    put_zone(settings())
    driver = certify(drivers.register(driver_input(), clock, lambda *_: None).id)
    event = closed(number=1, driver_id=driver).model_copy(update={"time": clock.now()})
    function("events/post").handler(sqs(event), Context())
    fake_rail.stumbles[driver] = [503]
    status, kept = order(app, driver, 500)
    assert (status, kept["state"]) == (202, "instructed")
    assert step(task, step="catch_up")["again"] == 0
    clock.advance(task.UNDECIDED_FOR)
    assert step(task, step="catch_up")["again"] == 1
    assert fake_rail.paid[driver] == 450
    assert order(app, driver, 500)[1]["state"] == "paid"


def test_a_stage_that_pays_by_another_provider_takes_no_events_of_stripe(here, clock):
    api = function("provider/payouts", clock)
    status, problem = ask(api, "POST", "/v1/providers/stripe/events", group=None, body={})
    assert (status, problem["code"]) == (404, "no_such_provider")
