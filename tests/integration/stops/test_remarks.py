"""Remarks of drivers on the goods, and the deliveries that ended as drivers see them."""

import hashlib
from datetime import timedelta

import boto3
import pytest
from pydantic import ValidationError

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.holds import Ground, Verdict
from crowdship.deliveries.states import CompletionReason, FailureReason, State
from crowdship.drivers import duty
from crowdship.proof import service as proofs
from crowdship.proof.model import DeliverInput
from crowdship.proof.remarks import Condition, Remarkable
from crowdship.proof.store import ProofRow
from crowdship.shipment.requirements.picture import ImageKind
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import by_hand, holds
from crowdship.stops import service as stops
from crowdship.stops.views import FailInput, PickUpInput
from crowdship.vault import service as vault
from crowdship.vault.model import notes_token
from local.city.driver import picture
from tests.city import City, at
from tests.integration.erasing import erase_now

pytestmark = pytest.mark.usefixtures("aws")

WET = Condition(state="wet", note="the box of Kim Lee is soaked")


def take(city, driver, order, images, kind):
    body = picture("photo")
    digest = hashlib.sha256(body).hexdigest()
    proofs.take_picture(order.id, driver.id, kind, "image/png", digest, body, images, city.clock)


def go(city, driver, order, stop):
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, stop, city.clock.now(), city.clock)
        city.later(minutes=1)


def at_the_door(city, driver, **fields):
    order = city.assigned(driver, **fields)
    go(city, driver, order, StopKind.PICKUP)
    stops.pick_up(order.id, driver.id, city.clock.now(), city.clock)
    go(city, driver, order, StopKind.DROPOFF)
    return order


def test_condition_note_and_photo_of_the_pickup_are_kept_with_the_proof_and_texts_in_the_vault_alone(images):
    city = City.open()
    driver = city.driver()
    order = city.assigned(driver)
    go(city, driver, order, StopKind.PICKUP)
    take(city, driver, order, images, ImageKind.PICKUP_PHOTO)
    said = Remarkable(condition=WET, note="shop says it is fine")
    stops.pick_up(order.id, driver.id, city.clock.now(), city.clock, said=said)
    go(city, driver, order, StopKind.DROPOFF)
    handed = DeliverInput(device_at=city.clock.now(), position=at(2003), condition={"state": "intact"})
    stops.deliver(order.id, driver.id, handed, images, city.clock)
    seen = proofs.view(order.id, images)
    assert [(r.step, r.condition, r.condition_note, r.note) for r in seen.remarks] == [
        ("pick_up", "wet", "the box of Kim Lee is soaked", "shop says it is fine"),
        ("deliver", "intact", None, None),
    ]
    assert [image.kind for image in seen.images] == ["pickup_photo"]
    rows = boto3.client("dynamodb").scan(TableName="crowdship-proof")["Items"]
    assert "Kim Lee" not in str(rows)
    assert "fine" not in str(rows)
    assert erase_now(order.id, city.clock).kept, "no position confirms the hand-over, so its pay is held"
    held = proofs.view(order.id, images)
    assert held.remarks == seen.remarks
    assert [image.kind for image in held.images] == ["pickup_photo"]
    holds.decide(order.id, Verdict.RELEASED, Ground.CUSTOMER_CONFIRMS, "ana", city.clock)
    erase_now(order.id, city.clock)
    left = proofs.view(order.id, images)
    assert [(r.condition, r.note) for r in left.remarks] == [("wet", None), ("intact", None)]
    assert left.images == (), "the pictures are gone"


def test_a_failure_keeps_its_photo_and_what_the_driver_says_although_nothing_was_handed_over(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    take(city, driver, order, images, ImageKind.FAILURE_PHOTO)
    made = FailureReason.GOODS_DAMAGED, at(2003), city.clock.now(), city.clock, images
    said = Remarkable(condition=Condition(state="damaged"), note="dropped it")
    assert stops.fail(order.id, driver.id, *made, said=said).state is State.RETURNING
    record = ProofRow.load(order.id)
    assert (record.captured_at, [image.kind for image in record.images]) == (None, ["failure_photo"])
    (remark,) = proofs.view(order.id, images).remarks
    assert (remark.step, remark.condition, remark.note) == ("fail", "damaged", "dropped it")


def test_a_step_that_says_nothing_leaves_no_remark_and_no_text(images):
    city = City.open()
    driver = city.driver()
    order = at_the_door(city, driver)
    stops.fail(order.id, driver.id, FailureReason.NO_ACCESS, at(2003), city.clock.now(), city.clock, images)
    assert ProofRow.load(order.id).remarks == ()
    assert vault.driver_notes(notes_token(order.id)) is None


@pytest.mark.parametrize("kind", [PickUpInput, DeliverInput, lambda **said: FailInput(reason="no_access", **said)])
def test_what_a_driver_may_say_of_the_goods_is_checked_at_the_edge(kind):
    assert kind(condition=None, note=" ").note is None
    assert kind(condition={"state": "opened", "note": "  tape cut "}).condition.note == "tape cut"
    for wrong in ({"condition": {"state": "lovely"}}, {"condition": "wet"}, {"note": "x" * 501}, {"note": 5}):
        with pytest.raises(ValidationError):
            kind(**wrong)


def test_a_driver_sees_the_last_ten_deliveries_that_ended_in_their_duty_and_until_when_each_can_be_corrected(images):
    city = City.open()
    driver = city.driver()
    ids = []
    for number in range(3):
        order = at_the_door(city, driver, external_id=f"order-{number}")
        handed = DeliverInput(device_at=city.clock.now(), position=at(2003))
        if number == 1:
            by_hand.complete_by_hand(order.id, CompletionReason.APP_FAILED, "ana", images, city.clock)
        elif number == 2:
            stops.fail(order.id, driver.id, FailureReason.NO_ACCESS, at(2003), city.clock.now(), city.clock, images)
        else:
            stops.deliver(order.id, driver.id, handed, images, city.clock)
        ids.append(order.id)
    ended = stops.route_view(driver.id, city.clock).ended
    assert [(one.delivery_id, one.state) for one in ended] == [
        (ids[2], "returning"),
        (ids[1], "delivered"),
        (ids[0], "delivered"),
    ]
    failed, completed, delivered = ended
    assert completed.correctable_until is None, "staff ended it"
    assert failed.correctable_until == failed.ended_at + timedelta(minutes=15)
    assert delivered.order_number == "order-0"
    go(city, driver, deliveries.get(ids[2]), StopKind.RETURN)
    stops.return_goods(ids[2], driver.id, None, city.clock)
    assert stops.route_view(driver.id, city.clock).ended[0].correctable_until is None, "the goods are back"
    duty.end(driver.id, city.clock)
    assert stops.route_view(driver.id, city.clock).ended == ()
    city.later(minutes=1)
    duty.begin(driver.id, None, at(2003), city.clock)
    assert stops.route_view(driver.id, city.clock).ended == ()
