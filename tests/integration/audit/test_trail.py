"""Changes by staff are noted on every route, before they are made and with their outcome."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from crowdship.adapters.audit import trail
from crowdship.adapters.audit.entries import AuditFilters
from crowdship.adapters.audit.store import AuditRow
from crowdship.contact import emergencies
from crowdship.contact.emergency import EmergencyInput
from crowdship.deliveries import service as deliveries
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.errors import Unprocessable
from infra.routes import ROUTES
from tests.city import City
from tests.integration.api.test_strange_values import Context, event, function

pytestmark = pytest.mark.usefixtures("aws")
AUDITED = [route for route in ROUTES if route.is_audited and route.method != "GET"]

TEXT = ("POST /v1/staff/payouts/bank-returns",)
"""Routes whose body is text: JSON is refused before anything is noted."""


@pytest.fixture(autouse=True)
def given(monkeypatch):
    for name in ("PROOF_BUCKET", "USER_POOL_ID", "TICKS_QUEUE_URL", "EXPORTS_BUCKET", "PAYOUTS_BUCKET"):
        monkeypatch.setenv(name, "none")
    for name in ("TAX_BUCKET", "PAYMENT_RAIL_SECRET_ARN"):
        monkeypatch.setenv(name, "none")
    monkeypatch.setenv("FINANCE_EMAIL", "finance@crowdship.example")
    monkeypatch.setenv("PROOF_LOCK_DAYS", "1")
    trail._noted.clear()


def route(on):
    return next(one for one in ROUTES if one.on == on)


def call(on, body=None, user="ana", groups="[administrator]", **path):
    asked = event(route(on), "", body=body, path=path)
    asked["requestContext"]["authorizer"]["jwt"]["claims"] = {"username": user, "cognito:groups": groups}
    return function(route(on).function).handler(asked, Context())


def entries(**filters):
    return trail.listed(AuditFilters(**filters), None, 100).entries


def today():
    return datetime.now(UTC).date()


@pytest.mark.parametrize("on", [route.on for route in AUDITED])
def test_a_call_of_staff_that_may_change_something_is_noted_with_its_outcome(on):
    City.open()
    answer = call(on, None if on.startswith("DELETE ") or on in TEXT else {})
    (noted,) = entries(day=today())
    assert (noted.action, noted.by, noted.outcome) == (on, "ana", answer["statusCode"])


def test_an_entry_is_found_by_its_things_its_person_and_its_day():
    city = City.open()
    driver, order = city.driver(), city.order()
    call("POST /v1/staff/deliveries/{delivery_id}/cancel", {"reason": "other"}, user="ben", delivery_id=order.id)
    call("POST /v1/staff/deliveries/{delivery_id}/assign", {"driver_id": driver.id}, delivery_id=order.id)
    assigned, cancelled = entries(subject=order.id)
    assert (cancelled.by, cancelled.outcome, cancelled.request) == ("ben", 200, {"reason": "other"})
    assert (assigned.by, assigned.outcome, assigned.request) == ("ana", 409, {"driver_id": driver.id})
    assert assigned.subjects == (order.id, driver.id)
    assert entries(subject=driver.id) == (assigned,)
    assert entries(by="ben", day=today()) == (cancelled,)
    assert entries(day=today()) == (assigned, cancelled)


def test_what_a_call_created_is_a_subject_too():
    City.open()
    papers = {"name": "Ana", "billing_email": "ana@example.com"}
    made = json.loads(call("POST /v1/staff/merchants", papers)["body"])
    (noted,) = entries(subject=made["id"])
    assert (noted.subjects, noted.request, noted.outcome) == ((made["id"],), {}, 201)


def test_a_call_that_cannot_be_noted_is_refused_and_changes_nothing(monkeypatch):
    city = City.open()
    order = city.order()

    def broken(*_):
        raise ConnectionError("no table")

    monkeypatch.setattr(AuditRow, "add", broken)
    answer = call("POST /v1/staff/deliveries/{delivery_id}/cancel", {"reason": "other"}, delivery_id=order.id)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (503, "audit_unavailable")
    assert answer["headers"]["Retry-After"]
    assert deliveries.get(order.id).state == "created"


def test_a_call_whose_outcome_cannot_be_noted_stands_without_one(monkeypatch):
    city = City.open()
    order = city.order()

    def broken(*_):
        raise ConnectionError("no table")

    monkeypatch.setattr(AuditRow, "end", broken)
    answer = call("POST /v1/staff/deliveries/{delivery_id}/cancel", {"reason": "other"}, delivery_id=order.id)
    assert answer["statusCode"] == 200
    (noted,) = entries(subject=order.id)
    assert noted.outcome is None


def test_a_reading_without_people_is_not_noted_and_neither_are_calls_of_others():
    City.open()
    call("GET /v1/staff/zones/{zone_id}", zone_id="testville")
    call("POST /v1/driver/duty", {}, user="drv_1", groups="[drivers]")
    assert call("PUT /v1/staff/zones/{zone_id}/pause", {}, user="drv_1", groups="[drivers]")["statusCode"] in (403, 422)
    assert entries(day=today()) == ()


def test_a_list_is_read_page_by_page_the_newest_first():
    city = City.open()
    order = city.order()
    for number in range(5):
        call(
            "POST /v1/staff/deliveries/{delivery_id}/cancel",
            {"reason": "other"},
            f"user-{number}",
            delivery_id=order.id,
        )
    pages, after = [], None
    while True:
        page = trail.listed(AuditFilters(subject=order.id), after, 2)
        pages.append([entry.by for entry in page.entries])
        after = page.next_after
        if after is None:
            break
    assert pages == [["user-4", "user-3"], ["user-2", "user-1"], ["user-0"]]


def test_an_act_on_more_things_than_one_transaction_holds_is_found_by_each():
    City.open()
    ids = [f"dlv_{number:024d}" for number in range(150)]
    call("POST /v1/staff/zones/{zone_id}/dispatch", {"delivery_ids": ids}, zone_id="testville")
    (noted,) = entries(subject=ids[0])
    assert entries(subject=ids[149]) == (noted,)
    assert set(noted.subjects) == {"testville", *ids}


@pytest.mark.parametrize(
    "wrong", [{}, {"by": "ana"}, {"subject": "x", "day": "2026-06-01"}, {"subject": "x", "by": "a"}]
)
def test_a_list_that_there_is_not_is_refused_with_the_filters_that_are_right(wrong):
    with pytest.raises(Unprocessable, match="Give subject alone"):
        entries(**wrong)
    asked = event(route("GET /v1/staff/audit"), "", query=wrong)
    assert function("console/audit").handler(asked, Context())["statusCode"] == 422


@pytest.mark.parametrize("levels", [40, 300, 900])
def test_a_body_that_is_nested_too_deep_is_refused_by_the_api_and_noted_without_it(levels):
    City.open()
    deep = []
    for _ in range(levels):
        deep = [deep]
    answer = call("POST /v1/staff/deliveries/assign", {"assignments": deep})
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (400, "malformed_json")
    (noted,) = entries(day=today())
    assert noted.outcome == 400


READS = [route for route in ROUTES if route.method == "GET" and route.is_audited]


def people():
    """Return a city with a driver, an order and its proof, and the parameters that every path may need."""
    city = City.open()
    driver, order = city.driver(), city.order()
    path = {"delivery_id": order.id, "driver_id": driver.id, "zone_id": "testville", "merchant_id": city.merchant.id}
    return city, {
        **path,
        "kind": "photo",
        "period": "2026-06-01",
        "year": "2026",
        "account": f"driver:{driver.id}:payable",
    }


ASKED = {
    "GET /v1/staff/search": {"q": "Ana Lopez"},
    "GET /v1/staff/cases": {"waits_for": "review"},
    "GET /v1/staff/payouts": {"state": "pending"},
    "GET /v1/staff/claims": {"state": "to_decide"},
    "GET /v1/staff/ledger/accounts/{account}/statement": {"first": "2026-06-01", "last": "2026-06-01"},
}
"""Query of each reading that is refused without one."""


def parameters(on, known):
    return {name: value for name, value in known.items() if f"{{{name}}}" in on}


def read(on, known, user="ana", **query):
    asked = event(route(on), "", path=parameters(on, known), query=query)
    asked["requestContext"]["authorizer"]["jwt"]["claims"] = {"username": user, "cognito:groups": "[administrator]"}
    asked["headers"] = {**asked["headers"], "reading-purpose": "complaint-17"}
    return function(route(on).function).handler(asked, Context())


@pytest.mark.parametrize("on", [one.on for one in READS])
def test_a_reading_of_personal_data_is_noted_unless_it_was_refused(on):
    city, known = people()
    call_for_help(city.driver(), city)
    named = {"driver_id": known["driver_id"]} if on.endswith("/driver-names") else {}
    answer = read(on, known, **ASKED.get(on, named))
    assert answer["statusCode"] in (200, 404)
    noted = entries(day=today(), readings=True)
    if answer["statusCode"] == 404:
        assert noted == (), "nothing was shown"
        return
    (one,) = noted
    assert (one.action, one.by, one.outcome, one.request["purpose"]) == (on, "ana", 200, "complaint-17")
    assert one.request.keys() <= {"purpose", "records"}
    for name, subject in parameters(on, known).items():
        thing = known["driver_id"] if name == "account" else subject
        assert name in ("period", "year") or entries(subject=thing, readings=True) == (one,)
    assert entries(by="ana", day=today(), readings=True) == (one,)
    assert entries(day=today()) == (), "the list of changes has no readings"
    assert "Ana" not in one.model_dump_json()


def test_whoever_looks_at_the_map_all_day_is_noted_once_in_a_quarter_of_an_hour(monkeypatch):
    _, known = people()
    on, clock = "GET /v1/staff/zones/{zone_id}/map", FixedClock(datetime(2026, 6, 1, 12, tzinfo=UTC))
    monkeypatch.setattr(trail, "clock_from", lambda: clock)
    for step in range(120):
        for user in ("ana", "ben"):
            if step % 40 == 20:
                trail._noted.clear()  # another container serves
            assert read(on, known, user)["statusCode"] == 200
        clock.advance(timedelta(seconds=15))
    noted = entries(subject="testville", readings=True)
    assert sorted((one.by, one.at.minute) for one in noted) == [("ana", 0), ("ana", 15), ("ben", 0), ("ben", 15)]
    assert all(one.request == {"records": 2, "purpose": "complaint-17"} for one in noted), "a driver and an order"


def test_every_search_is_an_entry():
    _, known = people()
    for _ in range(3):
        read("GET /v1/staff/search", known, q="Ana")
    assert len(entries(day=today(), readings=True)) == 3


def call_for_help(driver, city):
    pressed = EmergencyInput(emergency_id=str(uuid4()))
    emergencies.raise_emergency(driver.id, pressed, city.clock)


def without_a_table(monkeypatch):
    def broken(*_):
        raise ConnectionError("no table")

    monkeypatch.setattr(AuditRow, "add", broken)


@pytest.mark.parametrize("on", ["GET /v1/staff/emergencies", "GET /v1/staff/zones/{zone_id}/map"])
def test_a_live_view_is_shown_although_it_cannot_be_noted_and_is_noted_later(monkeypatch, on):
    city, known = people()
    call_for_help(city.driver(), city)
    without_a_table(monkeypatch)
    assert read(on, known)["statusCode"] == 200
    monkeypatch.undo()
    assert read(on, known)["statusCode"] == 200
    assert len(entries(day=today(), readings=True)) == 1


def test_looking_for_emergencies_is_no_reading_until_there_is_one():
    city, known = people()
    on = "GET /v1/staff/emergencies"
    read(on, known)
    assert entries(day=today(), readings=True) == ()
    call_for_help(city.driver(), city)
    read(on, known)
    (one,) = entries(day=today(), readings=True)
    assert one.request["records"] == 1


def test_a_reading_that_cannot_be_noted_shows_nothing(monkeypatch):
    on, (_, known) = "GET /v1/staff/drivers", people()
    without_a_table(monkeypatch)
    answer = read(on, known)
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (503, "audit_unavailable")
    monkeypatch.undo()
    assert read(on, known)["statusCode"] == 200
    assert len(entries(day=today(), readings=True)) == 1
