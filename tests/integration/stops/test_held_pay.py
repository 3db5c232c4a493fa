"""What a driver says they did is paid by itself only if the positions that their phone sent before bear it out."""

import importlib.util
import json
from datetime import timedelta
from pathlib import Path

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.holds import Doubt, Ground, Verdict
from crowdship.deliveries.states import FailureReason, State
from crowdship.dispatch import cancellation
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.pricing.terms import CancelReason
from crowdship.proof.model import DeliverInput
from crowdship.settlement.causes import posting_for
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import holds
from crowdship.stops import service as stops
from crowdship.tracking import service as tracking
from crowdship.tracking.model import Fix
from crowdship.vault import service as vault
from tests.city import City, at

pytestmark = pytest.mark.usefixtures("aws")

DOOR_M = 2000
STAFF_CLAIMS = {"username": "ana", "cognito:groups": "[administrator]"}


class Nothing:
    """A bucket in which nobody left a picture."""


def under_way(seen=True, **fields):
    """Return a city, a driver and their order that is at the door, with positions all the way or none."""
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver, **fields)
    for stop, east_m in ((StopKind.PICKUP, 0), (StopKind.DROPOFF, DOOR_M)):
        stops.depart(order.id, driver.id, stop, city.clock.now(), city.clock)
        city.later(minutes=4)
        if seen:
            city.seen(driver, east_m)
        stops.arrive(order.id, driver.id, stop, city.clock.now(), city.clock)
        if stop is StopKind.PICKUP:
            stops.pick_up(order.id, driver.id, city.clock.now(), city.clock)
        city.later(minutes=1)
    return city, driver, deliveries.get(order.id)


def fails(city, driver, order, position="stated"):
    stated = order.dropoff if position == "stated" else position
    return stops.fail(order.id, driver.id, FailureReason.CUSTOMER_ABSENT, stated, city.clock.now(), city.clock)


def gives_back(city, driver, order, east_m=0):
    city.later(minutes=8)
    city.seen(driver, east_m)
    return stops.return_goods(order.id, driver.id, city.clock.now(), city.clock)


def booked(delivery):
    return [posting for event in delivery.events if (posting := posting_for(event))]


def test_who_gives_up_where_their_positions_are_is_paid_by_itself():
    city, driver, order = under_way()
    fails(city, driver, order)
    back = gives_back(city, driver, order)
    assert back.hold is None
    assert len(booked(back)) == 1
    assert holds.held("testville").held == ()


def test_who_only_states_that_they_are_at_the_door_is_not_paid_by_itself():
    city, driver, order = under_way(seen=False)
    assert fails(city, driver, order).state is State.RETURNING, "nobody is kept from bringing the goods back"
    back = gives_back(city, driver, order)
    assert back.hold.doubts == {State.FAILED: Doubt.NO_RECENT_POSITION}
    assert booked(back) == []
    assert [held.delivery_id for held in holds.held("testville").held] == [order.id]


def test_who_states_the_door_from_across_the_town_is_not_paid_by_itself():
    city, driver, order = under_way()
    city.seen(driver, DOOR_M - 4000)
    fails(city, driver, order)
    assert gives_back(city, driver, order).hold.doubts == {State.FAILED: Doubt.OFF_TRACK}


@pytest.mark.parametrize("spoofed", [1, 4])
def test_a_track_that_jumps_to_the_door_bears_nothing_out(spoofed):
    city, driver, order = under_way(seen=False)
    city.seen(driver, -50_000)
    for second in range(spoofed):
        city.later(seconds=5 + second)
        city.seen(driver, DOOR_M)
    fails(city, driver, order)
    expected = Doubt.OFF_TRACK if spoofed == 1 else Doubt.TRACK_JUMPED
    assert gives_back(city, driver, order, east_m=0 if spoofed > 1 else -50_000).hold.doubts[State.FAILED] is expected


def test_goods_given_back_where_the_shop_is_not_are_not_paid_by_themselves():
    city, driver, order = under_way()
    fails(city, driver, order)
    back = gives_back(city, driver, order, east_m=DOOR_M)
    assert back.hold.doubts == {State.RETURNED: Doubt.OFF_TRACK}


@pytest.mark.parametrize("position", [None, "stated"])
def test_a_hand_over_is_held_to_the_same_rule(position):
    city, driver, order = under_way(seen=False)
    handed = DeliverInput(device_at=city.clock.now(), position=order.dropoff if position else None)
    done = stops.deliver(order.id, driver.id, handed, Nothing(), city.clock)
    assert done.state is State.DELIVERED, "the customer has the goods"
    assert (done.hold.doubts, booked(done)) == ({State.DELIVERED: Doubt.NO_RECENT_POSITION}, [])


def test_a_hand_over_without_a_stated_position_is_borne_out_by_the_track():
    city, driver, order = under_way()
    done = stops.deliver(order.id, driver.id, DeliverInput(), Nothing(), city.clock)
    assert (done.hold, len(booked(done))) == (None, 1)


def test_a_pin_that_matches_is_the_customers_own_word():
    city, driver, order = under_way(seen=False, requirements=Requirements(pin=True))
    pin = vault.contacts(order.contacts_token).pin
    done = stops.deliver(order.id, driver.id, DeliverInput(pin=pin), Nothing(), city.clock)
    assert (done.hold, len(booked(done))) == (None, 1)


@pytest.mark.parametrize("seen", [True, False])
def test_waiting_at_a_shop_is_paid_by_itself_only_where_positions_say_that_the_driver_came(seen):
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    stops.depart(order.id, driver.id, StopKind.PICKUP, city.clock.now(), city.clock)
    city.later(minutes=2)
    city.seen(driver, 0 if seen else 5000)
    stops.arrive(order.id, driver.id, StopKind.PICKUP, city.clock.now(), city.clock)
    off = cancellation.cancel(order.id, "mer_1", CancelReason.SHOP_CLOSED, city.clock)
    assert len(booked(off)) == (1 if seen else 0)
    assert (off.hold is None) is seen


def test_a_step_that_was_made_offline_is_held_against_the_positions_of_then():
    city, driver, order = under_way()
    made = city.clock.now()
    kept = [Fix(point=at(DOOR_M), device_at=made - timedelta(seconds=s), accuracy_m=5) for s in (40, 20, 0)]
    city.later(minutes=20)
    gone = [Fix(point=at(DOOR_M - 4000), device_at=city.clock.now(), accuracy_m=5)]
    tracking.record(driver.id, [*kept, *gone], city.clock)
    reason = FailureReason.CUSTOMER_ABSENT
    stops.fail(order.id, driver.id, reason, order.dropoff, made, city.clock)
    assert deliveries.get(order.id).doubts == {}


def test_what_a_person_releases_is_booked_once_as_its_outcome_says():
    city, driver, order = under_way(seen=False)
    fails(city, driver, order)
    gives_back(city, driver, order)
    for _ in range(2):
        told = holds.decide(order.id, Verdict.RELEASED, Ground.CUSTOMER_CONFIRMS, "ana", city.clock)
    assert (told.decision.verdict, told.decision.actor) == (Verdict.RELEASED, "ana")
    assert holds.held("testville").held == ()
    released = deliveries.get(order.id)
    event = decided_event(released, Verdict.RELEASED)
    assert (event.type, posting_for(event).outcome) == ("delivery.pay_released", "returned")
    with pytest.raises(Conflict, match="The pay was released"):
        holds.decide(order.id, Verdict.REFUSED, Ground.WAS_ELSEWHERE, "ana", city.clock)


def decided_event(delivery, verdict):
    ground = Ground.OTHER
    undecided = delivery.with_changes(hold=delivery.hold.model_copy(update={"decision": None}))
    return undecided.decide(verdict, ground, delivery.hold.since, "ana").events[-1]


def test_what_a_person_refuses_is_never_booked():
    city, driver, order = under_way(seen=False)
    fails(city, driver, order)
    gives_back(city, driver, order)
    with pytest.raises(Unprocessable, match="no ground on which pay is refused"):
        holds.decide(order.id, Verdict.REFUSED, Ground.SHOP_CONFIRMS, "ana", city.clock)
    holds.decide(order.id, Verdict.REFUSED, Ground.WAS_ELSEWHERE, "ana", city.clock)
    assert holds.held("testville").held == ()
    assert posting_for(decided_event(deliveries.get(order.id), Verdict.REFUSED)) is None


def test_nothing_can_be_decided_where_nothing_is_held():
    city, _, order = under_way()
    with pytest.raises(Conflict, match="No pay is held"):
        holds.decide(order.id, Verdict.RELEASED, Ground.OTHER, "ana", city.clock)


def api(function):
    path = Path(__file__).resolve().parents[3] / "functions" / f"{function}.py"
    spec = importlib.util.spec_from_file_location(f"function_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def called(module, method, path, claims, body=None):
    event = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body) if body is not None else None,
        "isBase64Encoded": False,
        "requestContext": {
            "requestId": "r",
            "stage": "$default",
            "http": {"method": method, "path": path},
            "authorizer": {"jwt": {"claims": claims}},
        },
    }

    class Context:
        function_name, memory_limit_in_mb, aws_request_id = "f", 1, "r"
        invoked_function_arn = "arn:aws:lambda:us-east-1:1:function:f"

    answer = module.handler(event, Context())
    return answer["statusCode"], json.loads(answer["body"])


def test_staff_see_what_is_held_and_decide(monkeypatch):
    city, driver, order = under_way(seen=False)
    stops.deliver(order.id, driver.id, DeliverInput(), Nothing(), city.clock)
    staff = api("console/proof")
    monkeypatch.setattr(staff, "clock", city.clock)
    status, told = called(staff, "GET", "/v1/staff/zones/testville/held-pay", STAFF_CLAIMS)
    assert status == 200
    assert told["held"][0]["doubts"] == {"delivered": "no_recent_position"}
    path = f"/v1/staff/deliveries/{order.id}/release-pay"
    assert (
        called(staff, "POST", path, {"username": driver.id, "cognito:groups": "[drivers]"}, {"ground": "other"})[0]
        == 403
    )
    status, told = called(staff, "POST", path, STAFF_CLAIMS, {"ground": "was_elsewhere"})
    assert (status, told["errors"][0]["pointer"]) == (422, "/ground")
    status, told = called(staff, "POST", path, STAFF_CLAIMS, {"ground": "customer_confirms"})
    assert (status, told["decision"]["verdict"]) == (200, "released")


UNUSABLE = [None, "x", {}, [], {"lat": 91, "lon": 0}, {"lat": 0, "lon": 0}, {"lat": None, "lon": 3}, -1]


@pytest.mark.parametrize("position", UNUSABLE)
def test_a_position_that_can_not_be_keeps_nobody_from_a_step_or_a_duty(monkeypatch, position):
    city, driver, order = under_way()
    monkeypatch.setenv("PROOF_BUCKET", "proofs")
    monkeypatch.setenv("PROOF_LOCK_DAYS", "1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    claims = {"username": driver.id, "cognito:groups": "[drivers]"}
    stops, duties = api("driver/stops"), api("driver/duty")
    for module in (stops, duties):
        monkeypatch.setattr(module, "clock", city.clock)
    assert called(duties, "POST", "/v1/driver/duty", claims, {"position": position})[0] == 200
    body = {"reason": "customer_absent", "position": position, "device_at": "yesterday"}
    status, told = called(stops, "POST", f"/v1/driver/deliveries/{order.id}/fail", claims, body)
    assert (status, told["state"]) == (200, "returning")
    assert deliveries.get(order.id).doubts == {}, "the track bears it out"


def test_who_never_sent_a_position_and_states_none_goes_on_duty_and_is_where_they_are_seen_first(monkeypatch):
    city = City.open()
    driver = city.driver()
    duties = api("driver/duty")
    monkeypatch.setattr(duties, "clock", city.clock)
    from crowdship.drivers import service as drivers
    from tests.city import driver_input

    new = drivers.register(driver_input(), city.clock, lambda driver_id, person: None)
    claims = {"username": new.id, "cognito:groups": "[drivers]"}
    assert called(duties, "POST", "/v1/driver/duty", claims, {"position": {"lat": 0, "lon": 0}})[0] == 200
    city.later(minutes=1)
    city.seen(new, 300)
    assert tracking.newest([new.id])[new.id].fix.point == at(300)
    assert tracking.newest([driver.id])[driver.id].fix.point == at(500)


def test_batches_of_the_field_are_taken_reading_by_reading(monkeypatch):
    city = City.open()
    driver = city.driver(east_m=0)
    positions = api("driver/positions")
    monkeypatch.setattr(positions, "clock", city.clock)
    claims = {"username": driver.id, "cognito:groups": "[drivers]"}
    city.later(minutes=1)

    def sends(*fixes, **more):
        return called(positions, "POST", "/v1/driver/positions", claims, {"fixes": list(fixes), **more})

    def reading(seconds, east_m=0, **fields):
        moment = (city.clock.now() + timedelta(seconds=seconds)).isoformat()
        return {"point": at(east_m).model_dump(), "device_at": moment, **fields}

    status, told = sends(
        {"point": {"lat": 0.0, "lon": 0.0}, "device_at": reading(-30)["device_at"], "accuracy_m": 10},
        reading(-25, accuracy_m=-1, speed_mps=-1),
        reading(-20, speed_mps=-1, heading=-1, accuracy_m=None),
        reading(-15, speed_mps=1e9),
        reading(-10, accuracy_m=1e9),
        reading(-8, point={"lat": 91, "lon": 0}),
        reading(-7, device_at="soon"),
        None,
        reading(-5, 20, speed_mps=6.2),
        app="2.1",
    )
    assert (status, told["accepted"]) == (200, 3)
    assert told["dropped"] == {"no_place": 2, "too_vague": 2, "no_time": 1, "invalid": 1}
    city.later(minutes=1)
    assert sends(reading(160), reading(170), reading(180)) == (200, {"accepted": 3, "dropped": {}})
    assert tracking.newest([driver.id])[driver.id].fix.device_at == city.clock.now()
    for no_batch in ({}, {"fixes": None}, {"fixes": "x"}, {"fixes": []}, []):
        assert called(positions, "POST", "/v1/driver/positions", claims, no_batch)[0] == 422
