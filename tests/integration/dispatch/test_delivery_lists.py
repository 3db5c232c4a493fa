"""Dispatchers list deliveries, and drivers on duty."""

import json
from datetime import timedelta
from itertools import product

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.filters import Filters
from crowdship.deliveries.states import FailureReason, State
from crowdship.deliveries.views import DeliveryLines
from crowdship.dispatch import assignment, cancellation
from crowdship.drivers import duty
from crowdship.drivers import service as drivers
from crowdship.intake.orders import service as intake
from crowdship.kernel.errors import Unprocessable
from crowdship.merchants import service as merchants
from crowdship.merchants.model import sandbox_id
from crowdship.pricing.terms import CancelReason
from infra.routes import ROUTES
from tests.city import NOON, City, request
from tests.integration.api.test_strange_values import Context, event, function

pytestmark = pytest.mark.usefixtures("aws")

DAY = NOON.date()
ROUTE = next(route for route in ROUTES if route.on == "GET /v1/staff/deliveries")
DRIVERS = next(route for route in ROUTES if route.on == "GET /v1/staff/drivers")


@pytest.fixture
def city():
    return City.open()


def names(limit=100, **filters):
    """Return the external ids on all pages of a list."""
    found, after = [], None
    while True:
        page, after = deliveries.listed(Filters(**filters), after, limit)
        found += [one.external_id for one in page]
        if after is None:
            return found


def full(city):
    """Return the driver who got two of a day's five deliveries: some wait, one is assigned, two have ended."""
    driver = city.driver()
    made = {}
    for name in ("waiting", "given", "lost", "called-off", "newest"):
        city.later(minutes=1)
        made[name] = city.order(name)
        if name in ("given", "lost"):
            assignment.assign_by_hand(made[name].id, driver.id, "ana", city.clock)
    cancellation.cancel(made["called-off"].id, city.merchant.id, CancelReason.CUSTOMER_CHANGED_MIND, city.clock)
    now = city.clock.now()
    for step in (
        lambda d: d.depart("pickup", now),
        lambda d: d.arrive("pickup", now),
        lambda d: d.fail(FailureReason.PICKUP_CLOSED, d.pickup, now),
    ):
        deliveries.change(made["lost"].id, step)
    return driver


def test_a_zones_deliveries_are_listed_by_state_and_by_day_the_first_created_first(city):
    full(city)
    assert names(zone_id="testville", state=State.CREATED) == ["waiting", "newest"]
    assert names(zone_id="testville", state=State.ASSIGNED) == ["given"]
    assert names(zone_id="testville", state=State.FAILED, day=DAY) == ["lost"]
    assert names(zone_id="testville", state=State.CANCELLED, day=DAY) == ["called-off"]
    assert names(zone_id="testville", state=State.DELIVERED, day=DAY) == []
    assert names(zone_id="testville", day=DAY) == ["waiting", "given", "lost", "called-off", "newest"]
    assert names(zone_id="elsewhere", day=DAY) == []


def test_a_day_is_that_of_the_creation_also_of_what_has_not_ended(city):
    full(city)
    city.later(hours=15)
    city.order("tomorrow")
    tomorrow = DAY + timedelta(days=1)
    assert names(zone_id="testville", day=tomorrow) == ["tomorrow"]
    assert names(zone_id="testville", day=tomorrow, state=State.CREATED) == ["tomorrow"]
    assert names(zone_id="testville", state=State.CREATED) == ["waiting", "newest", "tomorrow"]
    assert "tomorrow" not in names(zone_id="testville", day=DAY)


def test_a_drivers_deliveries_are_listed_with_those_that_ended(city):
    driver = full(city)
    assert names(driver_id=driver.id, day=DAY) == ["given", "lost"]
    assert names(driver_id=driver.id, day=DAY, state=State.FAILED) == ["lost"]
    assert names(driver_id=driver.id, day=DAY, merchant_id="mer_other") == []


def test_a_delivery_that_is_moved_is_listed_with_its_new_driver_alone(city):
    first, second = full(city), city.driver(east_m=1000)
    (given,), _ = deliveries.listed(Filters(zone_id="testville", state=State.ASSIGNED), None, 10)
    assignment.assign_by_hand(given.id, second.id, "ana", city.clock)
    assert names(driver_id=first.id, day=DAY) == ["lost"]
    assert names(driver_id=second.id, day=DAY) == ["given"]


def test_a_merchants_deliveries_are_listed_and_narrowed(city):
    driver = full(city)
    assert len(names(merchant_id=city.merchant.id, day=DAY)) == 5
    assert names(merchant_id=city.merchant.id, day=DAY, state=State.CANCELLED) == ["called-off"]
    assert names(merchant_id=city.merchant.id, zone_id="testville", state=State.ASSIGNED) == ["given"]
    assert names(merchant_id=city.merchant.id, zone_id="elsewhere", day=DAY) == []
    assert names(merchant_id=city.merchant.id, driver_id=driver.id, day=DAY) == ["given", "lost"]


def test_test_deliveries_are_listed_under_their_sandbox_alone(city):
    full(city)
    sandbox = merchants.get(sandbox_id(city.merchant.id))
    intake.create(sandbox, request("try"), sandbox.id, city.clock)
    assert "try" not in names(zone_id="testville", day=DAY)
    assert "try" not in names(zone_id="testville", state=State.CREATED)
    assert "try" not in names(merchant_id=city.merchant.id, day=DAY)
    page = DeliveryLines.of(deliveries.listed(Filters(merchant_id=sandbox.id, day=DAY), None, 10))
    assert [(line.external_id, line.livemode) for line in page.deliveries] == [("try", False)]


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
def test_pages_of_every_size_have_the_same_deliveries_once(city, limit):
    driver = full(city)
    whose = ({"zone_id": "testville"}, {"driver_id": driver.id}, {"merchant_id": city.merchant.id})
    for owner, state in product(whose, (None, State.CREATED, State.FAILED)):
        assert names(limit, day=DAY, state=state, **owner) == names(100, day=DAY, state=state, **owner)


def test_a_cursor_leads_on_with_its_own_filters_alone(city):
    full(city)
    asked = Filters(zone_id="testville", day=DAY)
    _, after = deliveries.listed(asked, None, 1)
    assert len(deliveries.listed(asked, after, 10)[0]) == 4
    for other in (Filters(zone_id="elsewhere", day=DAY), Filters(zone_id="testville", day=DAY, state=State.CREATED)):
        with pytest.raises(Unprocessable, match="no cursor of ours") as refusal:
            deliveries.listed(other, after, 10, parameter="after")
        assert refusal.value.pointer == "/query/after"


def call(route, query, **claims):
    asked = event(route, None, query=query)
    asked["requestContext"]["authorizer"]["jwt"]["claims"] = claims
    answer = function(route.function).handler(asked, Context())
    return answer["statusCode"], json.loads(answer["body"])


STAFF = {"username": "ana", "cognito:groups": "[administrator]"}


def test_staff_see_lines_without_anybodys_name_phone_or_address(city):
    driver = full(city)
    status, page = call(ROUTE, {"driver_id": driver.id, "day": str(DAY), "limit": "1"}, **STAFF)
    assert status == 200
    (line,) = page["deliveries"]
    assert line.keys() == {
        *("id", "external_id", "order_number", "livemode", "merchant_id", "zone_id", "state", "driver_id", "priority"),
        *("pickup_window", "dropoff_window", "due_at", "eta", "created_at", "state_since"),
    }
    assert (line["external_id"], line["state"], line["driver_id"]) == ("given", "assigned", driver.id)
    _, rest = call(ROUTE, {"driver_id": driver.id, "day": str(DAY), "after": page["next_after"]}, **STAFF)
    assert ([one["external_id"] for one in rest["deliveries"]], rest["next_after"]) == (["lost"], None)


def test_filters_that_no_index_answers_are_refused_with_what_would_be_right(city):
    status, problem = call(ROUTE, {"state": "failed", "zone_id": "testville"}, **STAFF)
    assert (status, problem["code"]) == (422, "no_such_list")
    assert problem["errors"][0]["pointer"] == "/query/day"
    assert "Give day with driver_id, merchant_id or zone_id" in problem["detail"]


@pytest.mark.parametrize("route", [ROUTE, DRIVERS], ids=lambda route: route.on)
def test_lists_are_for_staff_alone(city, route):
    query = {"zone_id": "testville", "day": str(DAY)}
    assert call(route, query)[0] == 401
    assert call(route, query, username="drv_1", **{"cognito:groups": "[drivers]"})[0] == 403


def test_drivers_on_duty_in_a_zone_are_listed_page_by_page(city):
    crew = sorted(city.driver(east_m=number).id for number in range(3))
    left = city.driver()
    duty.relieve(left.id, "ana", city.clock)
    query = {"zone_id": "testville", "on_duty": "true", "limit": "2"}
    _, page = call(DRIVERS, query, **STAFF)
    _, rest = call(DRIVERS, {**query, "after": page["next_after"]}, **STAFF)
    assert [one["id"] for part in (page, rest) for one in part["drivers"]] == crew
    assert rest["next_after"] is None
    assert {one["id"] for one in call(DRIVERS, {}, **STAFF)[1]["drivers"]} == {*crew, left.id}


def test_a_driver_whom_the_index_still_has_on_duty_is_left_out_and_the_page_leads_on(city, monkeypatch):
    crew = sorted(city.driver(east_m=number).id for number in range(3))
    duty.relieve(crew[0], "ana", city.clock)
    monkeypatch.setattr(drivers.DriverRow, "on_duty_page", lambda zone_id, after, limit: crew[:limit])
    found, following = drivers.page(None, 2, "testville", on_duty=True)
    assert ([one.id for one in found], following) == ([crew[1]], crew[1])


@pytest.mark.parametrize(
    ("query", "pointer"), [({"zone_id": "testville"}, "/query/on_duty"), ({"on_duty": "true"}, "/query/zone_id")]
)
def test_drivers_are_not_listed_by_half_of_a_filter(city, query, pointer):
    status, problem = call(DRIVERS, query, **STAFF)
    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)
