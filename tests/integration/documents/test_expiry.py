"""A document that runs out pauses work: what is on board is finished, nothing new is taken, and a renewal resumes."""

import json
from datetime import date, timedelta

import boto3
import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import State
from crowdship.dispatch import assignment
from crowdship.dispatch.offers import answers
from crowdship.documents import expiry
from crowdship.documents import service as documents
from crowdship.documents.kinds import PaperKind
from crowdship.documents.model import DocumentState
from crowdship.documents.store import DocumentRow
from crowdship.documents.views import AnnounceInput
from crowdship.drivers import service as drivers
from crowdship.drivers.compliance import Document, DocumentKind
from crowdship.drivers.credentials import Credential
from crowdship.drivers.model import DriverChange
from crowdship.drivers.store import DriverRow
from crowdship.kernel.errors import Conflict, Forbidden, Refusal
from crowdship.proof.model import DeliverInput
from crowdship.routes import service as routing
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import service as stops
from crowdship.zones import service as zones
from local.city.papers import jpeg, licence
from tests.city import NOON, City, at, settings
from tests.contracts import validate_event

pytestmark = pytest.mark.usefixtures("aws")

TODAY = NOON.date()


def papers(until=TODAY, kind=DocumentKind.INSURANCE):
    days = {**dict.fromkeys(DocumentKind, date(2030, 1, 1)), kind: until}
    return tuple(Document(kind=one, valid_until=day) for one, day in days.items())


def told(driver):
    """Return the events of the driver row's last write."""
    row = DriverRow.get(driver.id, DriverRow.SORT)
    events = json.loads(row.events or "[]")
    for event in events:
        validate_event(event)
    return [event["type"] for event in events]


def at_pickup(city, driver, order):
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.PICKUP, city.clock.now(), city.clock)


def fetched(city, driver, order):
    at_pickup(city, driver, order)
    stops.pick_up(order.id, driver.id, city.clock.now(), city.clock)


def delivered(city, driver, order):
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.DROPOFF, city.clock.now(), city.clock)
    done = DeliverInput(device_at=city.clock.now(), position=at(2003))
    return stops.deliver(order.id, driver.id, done, None, city.clock)


def test_a_driver_is_told_once_and_work_is_paused(bucket):
    city = City.open()
    driver = city.driver(documents=papers())
    assert expiry.look(bucket, city.clock)["told"] == 0
    city.later(days=1)
    assert expiry.look(bucket, city.clock)["told"] == 1
    assert told(driver) == ["driver.documents_expired"]
    assert drivers.get(driver.id).paused
    assert expiry.look(bucket, city.clock) == {"told": 0, "withdrawn": 0, "uploads": 0}


def test_what_is_on_board_is_finished_and_what_is_not_goes_to_others(bucket):
    city = City.open()
    driver = city.driver(documents=papers())
    on_board = city.assigned(driver)
    fetched(city, driver, on_board)
    waiting = assignment.assign_by_hand(city.order("order-2").id, driver.id, "ana", city.clock)
    city.later(hours=12, seconds=1)
    assert expiry.look(bucket, city.clock)["withdrawn"] == 1
    assert deliveries.get(waiting.id).state is State.CREATED
    assert {stop.delivery_id for stop in routing.of(driver.id).stops} == {on_board.id}
    assert delivered(city, driver, on_board).state is State.DELIVERED
    assert routing.of(driver.id).stops == ()


def test_between_the_end_and_the_look_nothing_is_taken_on_board(bucket):
    city = City.open()
    driver = city.driver(documents=papers())
    order = city.assigned(driver)
    city.later(hours=11, minutes=59)
    at_pickup(city, driver, order)
    city.later(minutes=2)
    with pytest.raises(Forbidden) as refused:
        stops.pick_up(order.id, driver.id, city.clock.now(), city.clock)
    assert (refused.value.code, "insurance" in refused.value.detail) == ("documents_missing", True)


def test_goods_that_were_taken_before_the_end_are_on_board_although_the_phone_tells_it_later(bucket):
    city = City.open()
    driver = city.driver(documents=papers())
    order = city.assigned(driver)
    city.later(hours=11, minutes=58)
    at_pickup(city, driver, order)
    taken_at = city.clock.now()
    city.later(minutes=5)
    stops.pick_up(order.id, driver.id, taken_at, city.clock)
    assert deliveries.get(order.id).state is State.PICKED_UP


def test_a_paused_driver_receives_nothing_new(bucket):
    city = City.open()
    driver = city.driver(documents=papers())
    offered = city.order()
    city.tick()
    (offer,) = city.offers(driver)
    city.clock.moment = NOON.replace(hour=23, minute=59, second=59)
    city.clock.advance(timedelta(seconds=1))
    with pytest.raises(Refusal):
        answers.accept(driver.id, offer.id, city.clock)
    city.seen(driver, 500)
    other = city.order("order-2")
    city.tick()
    assert city.offers(driver) == []
    with pytest.raises(Conflict, match="lacks a valid document"):
        assignment.assign_by_hand(other.id, driver.id, "ana", city.clock)
    assert deliveries.get(offered.id).driver_id is None


def test_a_renewal_by_staff_or_by_an_approved_document_resumes_work(bucket):
    city = City.open()
    driver = city.driver(documents=papers())
    city.later(days=1)
    expiry.look(bucket, city.clock)
    drivers.change(driver.id, DriverChange(documents=papers(date(2027, 1, 1))), city.clock)
    assert told(driver) == ["driver.work_resumed"]
    assert drivers.get(driver.id).may_drive(city.clock.now())


def test_reminders_come_on_their_days(bucket):
    city = City.open()
    driver = city.driver(documents=papers(TODAY + timedelta(days=31)))
    days = []
    for day in range(34):
        if expiry.look(bucket, city.clock)["told"]:
            days.append((day, told(driver)))
        city.later(days=1)
    expiring, expired = ["driver.documents_expiring"], ["driver.documents_expired"]
    assert days == [(1, expiring), (24, expiring), (30, expiring), (32, expired)]


def test_an_upload_that_its_app_left_alone_is_checked_and_one_that_never_came_is_forgotten(bucket):
    city = City.open()
    driver = city.driver()
    request = AnnounceInput(kind=PaperKind.INSURANCE, content_type="image/jpeg")
    left, _ = documents.announce(driver.id, request, bucket, city.clock)
    never, _ = documents.announce(driver.id, request, bucket, city.clock)
    boto3.client("s3").put_object(Bucket="documents", Key=f"{driver.id}/{left.id}/original", Body=jpeg(licence()))
    assert expiry.look(bucket, city.clock)["uploads"] == 0
    city.later(minutes=20)
    assert expiry.look(bucket, city.clock)["uploads"] == 1
    assert DocumentRow.load(driver.id, left.id).state is DocumentState.CHECKED
    city.later(days=1)
    expiry.look(bucket, city.clock)
    assert DocumentRow.load(driver.id, never.id) is None


def test_a_driver_whose_look_fails_keeps_nobody_else_from_being_told(bucket, monkeypatch):
    city = City.open()
    first = city.driver(documents=papers())
    second = city.driver(documents=papers(), email="ben@example.com", phone="+13125550198")
    city.later(days=1)
    real = drivers.tell_of_expiry

    def failing(driver_id, clock):
        if driver_id == first.id:
            raise RuntimeError("the table is busy")
        return real(driver_id, clock)

    monkeypatch.setattr(expiry.drivers, "tell_of_expiry", failing)
    with pytest.raises(ExceptionGroup):
        expiry.look(bucket, city.clock)
    assert drivers.get(second.id).paused
    monkeypatch.undo()
    expiry.look(bucket, city.clock)
    assert drivers.get(first.id).paused


def test_goods_whose_law_asks_for_a_credential_that_ran_out_go_to_others_and_the_rest_stays(bucket):
    city = City.open()
    wanted = settings().model_copy(update={"goods": frozenset({"alcohol"}), "jurisdictions": ("US-TX",)})
    zones.put("testville", wanted)
    zones._cache.clear()
    held = Credential(name="age_21"), Credential(name="alcohol_certificate", valid_until=TODAY)
    driver = city.driver(credentials=held)
    wine, bread = city.order("order-1", goods="alcohol"), city.order("order-2")
    for order in (wine, bread):
        assignment.assign_by_hand(order.id, driver.id, "ana", city.clock)
    city.later(hours=12, seconds=1)
    assert expiry.look(bucket, city.clock)["withdrawn"] == 1
    assert (deliveries.get(wine.id).driver_id, deliveries.get(bread.id).driver_id) == (None, driver.id)
    assert not drivers.get(driver.id).paused
    assert expiry.look(bucket, city.clock)["withdrawn"] == 0
