import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from crowdship.deliveries.holds import Doubt, Ground, Verdict
from crowdship.deliveries.model import Delivery
from crowdship.deliveries.rating import Rating
from crowdship.deliveries.states import CompletionReason, CorrectionReason, FailureReason
from crowdship.kernel.events import DomainEvent
from crowdship.kernel.geo import Point
from crowdship.kernel.ids import new_id
from crowdship.kernel.money import Money
from crowdship.notify.webhooks.bodies import webhook_body
from crowdship.pricing.model import RateCard, price_trip
from crowdship.pricing.terms import CancelReason
from crowdship.routes.route import ChangeReason
from crowdship.settlement.causes import posting_for
from crowdship.shipment.options import Priority, Undeliverable
from crowdship.shipment.parcel import Parcel
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.stop_kind import StopKind
from crowdship.shipment.windows import Window
from tests.contracts import EVENTS, SAMPLES, event_types, sample, schema_files, validate_event

START = datetime(2026, 11, 23, 19, 0, 0, 250_000, tzinfo=UTC)
DRIVER = "drv_1"


def at(minutes):
    return START + timedelta(minutes=minutes)


def a_delivery():
    return Delivery.create(
        "mer_1",
        id=new_id("dlv"),
        merchant_id="mer_1",
        external_id="order 7",
        zone_id="san-francisco",
        pickup=Point(lat=37.77, lon=-122.42),
        dropoff=Point(lat=37.76, lon=-122.41),
        pickup_window=Window(opens_at=at(0), closes_at=at(30)),
        dropoff_window=Window(opens_at=at(15), closes_at=at(60)),
        parcel=Parcel(weight_g=2400),
        requirements=Requirements(pin=True, minimum_age=21),
        priority=Priority.NORMAL,
        goods=None,
        price=price_trip(RateCard(), 2600, 620, tip=300, urgent=True),
        contacts_token="pii_1",
        created_at=at(0),
        plan_from=at(0),
        search_until=at(45),
    )


DOOR = Point(lat=37.76, lon=-122.41)
SHOP = Point(lat=37.77, lon=-122.42)
PICKUP, DROPOFF = StopKind.PICKUP, StopKind.DROPOFF


def assigned():
    return a_delivery().offer("ofr_1", at(1)).assign(DRIVER, at(2), DRIVER, at(30))


def at_the_shop():
    return assigned().depart(PICKUP, at(3)).approach_pickup(at(7)).arrive(PICKUP, at(8))


def on_the_way():
    return at_the_shop().pick_up(at(10)).depart(DROPOFF, at(11))


def at_the_door():
    return on_the_way().approach(at(20)).arrive(DROPOFF, at(25))


LIVES = {
    "delivered": lambda: at_the_door().deliver(at(26), device_at=at(25)),
    "returned": lambda: at_the_door().fail(FailureReason.CUSTOMER_ABSENT, DOOR, at(31)).return_goods(at(50)),
    "failed at the pickup": lambda: at_the_shop().fail(FailureReason.PICKUP_CLOSED, SHOP, at(9)),
    "completed by staff": lambda: on_the_way().complete_by_hand(CompletionReason.APP_FAILED, at(40), "ana"),
    "completed by staff after five wrong PINs": lambda: (
        at_the_door().lock_pin(at(26)).complete_by_hand(CompletionReason.PIN_LOCKED, at(40), "ana")
    ),
    "lost": lambda: (
        on_the_way()
        .fail_by_hand(FailureReason.GOODS_DAMAGED, at(40), "ana")
        .fail_by_hand(FailureReason.GOODS_LOST, at(90), "ana")
    ),
    "handed back by the driver": lambda: at_the_shop().unassign(at(9)),
    "cancelled before anyone had it": lambda: a_delivery().cancel("mer_1", CancelReason.CUSTOMER_CHANGED_MIND, at(1)),
    "cancelled while offered": lambda: a_delivery().offer("ofr_1", at(1)).cancel("mer_1", CancelReason.OTHER, at(2)),
    "cancelled at the pickup": lambda: at_the_shop().cancel("staff", CancelReason.DRIVER_AT_FAULT, at(9)),
    "cancelled on board": lambda: on_the_way().cancel("mer_1", CancelReason.WRONG_ADDRESS, at(12)).return_goods(at(20)),
    "disposed of": lambda: (
        at_the_door()
        .with_changes(undeliverable=Undeliverable.DISPOSE)
        .fail(FailureReason.CUSTOMER_REFUSED, DOOR, at(31))
    ),
    "left at the door": lambda: at_the_door().leave(DOOR, at(31)),
    "ready, changed and tipped": lambda: (
        assigned()
        .announce_ready(at(5), at(3), timedelta(hours=1), timedelta(minutes=45), "mer_1")
        .update({"parcel": Parcel(weight_g=1)}, {"parcel", "notes"}, at(4), "mer_1")
        .depart(PICKUP, at(5))
        .arrive(PICKUP, at(6))
        .pick_up(at(7))
        .depart(DROPOFF, at(8))
        .arrive(DROPOFF, at(9))
        .deliver(at(10))
        .tip_later("tip_1", Money(amount=500, currency="USD"), at(99), "mer_1")
    ),
    "delivered by mistake, then failed, and taken back again": lambda: (
        at_the_door()
        .deliver(at(26))
        .correct(CorrectionReason.PRESSED_BY_MISTAKE, at(27), eta=at(27))
        .fail(FailureReason.CUSTOMER_ABSENT, DOOR, at(31))
        .correct(CorrectionReason.CUSTOMER_CAME, at(33))
        .deliver(at(34))
    ),
    "failed at the pickup by mistake": lambda: (
        at_the_shop()
        .fail(FailureReason.PICKUP_CLOSED, SHOP, at(9))
        .correct(CorrectionReason.OTHER, at(10))
        .pick_up(at(11))
    ),
    "expected later": lambda: on_the_way().expect(at(40), at(12), timedelta(minutes=5)),
    "expired": lambda: a_delivery().expire(at(45)),
    "expired while offered": lambda: a_delivery().offer("ofr_1", at(44)).expire(at(45)),
    "reopened after an offer": lambda: (
        a_delivery().offer("ofr_1", at(1)).reopen(at=at(3), reason="offer_expired").offer("ofr_2", at(4))
    ),
    "held and released": lambda: (
        at_the_door()
        .fail(FailureReason.CUSTOMER_ABSENT, DOOR, at(31), doubt=Doubt.OFF_TRACK)
        .return_goods(at(50))
        .decide(Verdict.RELEASED, Ground.SHOP_CONFIRMS, at(90), "ana")
    ),
    "held and refused": lambda: (
        at_the_door()
        .deliver(at(26), doubt=Doubt.NO_RECENT_POSITION)
        .decide(Verdict.REFUSED, Ground.CUSTOMER_CONTRADICTS, at(90), "ana")
    ),
    "moved to another driver": lambda: (
        assigned().depart(PICKUP, at(3)).reassign("drv_2", at(5), "staff", "moved_by_hand", None)
    ),
    "moved between a merchant's own drivers": lambda: (
        assigned()
        .reassign("drv_2", at(5), "dispatch", "polished", at(29))
        .reassign(DRIVER, at(9), "ana", "moved_by_hand", None)
    ),
}


@pytest.mark.parametrize("path", schema_files(), ids=lambda path: path.name)
def test_every_schema_is_a_schema_and_says_what_it_is_about(path):
    schema = json.loads(path.read_text())
    Draft202012Validator.check_schema(schema)
    assert schema["$id"].endswith(f"/events/{path.name}")
    assert schema["description"]


@pytest.mark.parametrize("event_type", event_types())
def test_every_event_has_a_sample_that_keeps_its_contract(event_type):
    event = sample(event_type)
    assert event["type"] == event_type
    validate_event(event)
    DomainEvent.model_validate(event)


def test_no_sample_is_without_a_contract():
    assert {path.stem for path in SAMPLES.glob("*.json")} == set(event_types())


@pytest.mark.parametrize("life", LIVES)
def test_what_a_delivery_emits_keeps_the_contracts(life):
    for event in LIVES[life]().events:
        validate_event(event.model_dump(mode="json"))


def test_what_a_rating_emits_keeps_its_contract():
    first = Rating.given(None, LIVES["delivered"](), 2, at(60))
    for event in Rating.given(first, LIVES["delivered"](), 5, at(70)).events:
        validate_event(event.model_dump(mode="json"))


def test_the_lives_above_leave_no_delivery_event_out():
    emitted = {event.type for life in LIVES.values() for event in life().events}
    assert emitted == {name for name in event_types() if name.startswith("delivery.")}


@pytest.mark.parametrize("shared", ["delivery", "price"])
def test_what_a_delivery_event_may_carry_it_always_carries(shared):
    part = json.loads((EVENTS / "common.schema.json").read_text())["$defs"][shared]
    assert sorted(part["required"]) == sorted(part["properties"]), "consumers read all of it"


def test_the_contract_of_a_changed_route_knows_every_reason_and_no_other():
    schema = json.loads((EVENTS / "route.changed.schema.json").read_text())
    assert schema["properties"]["data"]["properties"]["reason"]["enum"] == list(ChangeReason)


def test_what_a_sample_is_worth_can_be_booked():
    deliveries = [name for name in event_types() if name.startswith("delivery.")]
    worth = {name for name in deliveries if posting_for(DomainEvent.model_validate(sample(name)))}
    assert worth >= {"delivery.delivered", "delivery.returned", "delivery.tipped"}


def test_the_sample_of_a_webhook_message_carries_the_body_that_its_event_gets():
    (record,) = sample("lambda/webhooks.sqs")["Records"]
    message = json.loads(record["body"])["message"]
    event = DomainEvent.model_validate(sample("delivery.picked_up"))
    assert message["body"].encode() == webhook_body(event)
    assert message["id"] == event.id


@pytest.mark.parametrize("record", sample("lambda/notices.sqs")["Records"], ids=lambda record: record["messageId"])
def test_the_events_in_the_sample_of_notices_keep_their_contracts(record):
    validate_event(json.loads(record["body"])["detail"])


@pytest.mark.parametrize("record", sample("lambda/deliveries.stream")["Records"], ids=lambda record: record["eventID"])
def test_the_events_in_the_sample_of_a_stream_keep_their_contracts(record):
    for event in json.loads(record["dynamodb"].get("NewImage", {}).get("events", {"S": "[]"})["S"]):
        validate_event(event)


@given(st.sampled_from(event_types()), st.sampled_from(["id", "type", "time", "subject", "sequence", "data"]))
def test_an_event_without_one_of_its_parts_is_found_out(event_type, part):
    event = sample(event_type)
    if part == "type":
        event["type"] = "delivery.teleported"
    else:
        del event[part]
    with pytest.raises(AssertionError):
        validate_event(event)


@pytest.mark.parametrize("event_type", event_types())
def test_data_that_nobody_declared_is_found_out(event_type):
    event = sample(event_type)
    event["data"]["customer_name"] = "Ana"
    with pytest.raises(AssertionError, match="customer_name"):
        validate_event(event)


def test_the_wrong_state_is_found_out():
    event = sample("delivery.delivered")
    event["data"]["state"] = "returned"
    with pytest.raises(AssertionError, match=r"data\.state"):
        validate_event(event)


def test_the_readme_names_every_event():
    readme = (EVENTS / "README.md").read_text()
    assert [name for name in event_types() if f"`{name}`" not in readme] == []
