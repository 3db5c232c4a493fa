"""People who are forgotten."""

import json

import boto3
import pytest
from botocore.stub import Stubber

from crowdship.adapters import secrets
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.erasure import state_of
from crowdship.deliveries.holds import Ground, Verdict
from crowdship.deliveries.sight import area_of
from crowdship.deliveries.states import FailureReason, State
from crowdship.dispatch import cancellation
from crowdship.drivers import duty
from crowdship.drivers import service as drivers
from crowdship.drivers.erasure import erase_person
from crowdship.drivers.identity import SignIns
from crowdship.drivers.model import DriverChange
from crowdship.intake import erasure
from crowdship.intake.orders import changes
from crowdship.intake.orders.model import RedeliveryRequest
from crowdship.intake.sources.model import SourceAnswer
from crowdship.kernel.errors import Conflict, Forbidden, Gone, NotFound, Unauthorized
from crowdship.kernel.retention import HOLD_AT_MOST
from crowdship.merchants import service as merchants
from crowdship.merchants import sources
from crowdship.merchants.connections import SourceName
from crowdship.proof.images import ImageStore
from crowdship.proof.model import DeliverInput
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import corrections, holds
from crowdship.stops import service as stops
from crowdship.stops.views import CorrectInput
from crowdship.tracking.page import changes as changes_by_customers
from crowdship.tracking.page.actions import RatingInput
from crowdship.vault import service as vault
from crowdship.vault.model import comment_token, notes_token
from crowdship.vault.store import VaultRow
from tests.city import CENTRE, City, at
from tests.faults import Lost, each_call_failing
from tests.integration.erasing import Pictures
from tests.integration.intake.test_orders import SECRET, hook, order_body, receive, said

pytestmark = pytest.mark.usefixtures("aws")
__all__ = ["said"]


@pytest.fixture
def city():
    secrets._provider = None
    city = City.open()
    sources.connect(city.merchant.id, SourceName.SHOPIFY, "bakery.myshopify.com", city.clock, city.clock, SECRET)
    return city


def closed(city, external_id="order-1"):
    order = city.order(external_id)
    return cancellation.cancel(order.id, "staff", "other", city.clock)


def remembered(token):
    return token in vault.contacts_of([token])


def test_the_people_of_a_closed_delivery_are_erased_and_what_happened_stays(city):
    order = closed(city)
    first = erasure.erase_contacts(order.id, Pictures(), city.clock)
    assert (first.state, first.waits_for, first.kept) == ("done", None, None)
    with pytest.raises(Gone) as gone:
        vault.contacts(order.contacts_token)
    assert order.contacts_token not in gone.value.detail
    left = deliveries.get(order.id)
    assert left.state is State.CANCELLED
    assert left.dropoff == area_of(order.dropoff) != order.dropoff, "the door says where somebody lives"
    city.later(days=1)
    assert erasure.erase_contacts(order.id, Pictures(), city.clock) == first


def at_the_door(city, driver, **fields):
    order = city.assigned(driver, **fields)
    for stop, east_m in ((StopKind.PICKUP, 0), (StopKind.DROPOFF, 2003)):
        stops.depart(order.id, driver.id, stop, city.clock.now(), city.clock)
        city.later(minutes=9)
        city.seen(driver, east_m)
        stops.arrive(order.id, driver.id, stop, city.clock.now(), city.clock)
        if stop is StopKind.PICKUP:
            stops.pick_up(order.id, driver.id, city.clock.now(), city.clock)
    return order


def hand_over(city, driver, order, **said):
    city.later(minutes=1)
    city.seen(driver, 2003)
    handed = DeliverInput(device_at=city.clock.now(), position=at(2003), received_by="Kim's neighbour", **said)
    return stops.deliver(order.id, driver.id, handed, ImageStore("none", object()), city.clock)


def correct(city, driver, order):
    made = CorrectInput(device_at=city.clock.now(), reason="pressed_by_mistake")
    return corrections.correct(order.id, driver.id, made, city.clock)


def test_an_erasure_under_way_waits_for_the_end_is_told_and_then_done_by_itself(city):
    driver, pictures = city.driver(), Pictures()
    order = at_the_door(city, driver)
    asked = [erasure.erase_contacts(order.id, pictures, city.clock) for _ in range(2)]
    assert asked[0] == asked[1]
    assert (asked[0].state, asked[0].kept) == ("pending", None)
    assert "arrived_at_dropoff" in asked[0].waits_for
    assert erasure.carry_out_waiting(pictures, city.clock) == {"pending": 1, "partly": 0, "done": 0}
    assert stops.route_view(driver.id, city.clock).stops[0].contact.name == "Kim Lee", "the driver goes on"
    hand_over(city, driver, order, note="behind the house of Kim")
    assert "take the ending back" in erasure.carry_out(order.id, pictures, city.clock).waits_for
    assert erasure.carry_out_waiting(pictures, city.clock)["pending"] == 1
    assert remembered(order.contacts_token)
    city.later(minutes=15, seconds=1)
    assert erasure.carry_out_waiting(pictures, city.clock) == {"pending": 0, "partly": 0, "done": 1}
    assert pictures.erased == [order.id]
    assert not remembered(order.contacts_token)
    assert vault.driver_notes(notes_token(order.id)) is None
    assert erasure.carry_out_waiting(pictures, city.clock) == {"pending": 0, "partly": 0, "done": 0}
    assert deliveries.get(order.id).erasure.asked_at == asked[0].asked_at


def test_an_ending_can_be_taken_back_while_an_erasure_waits_and_not_once_it_has_begun(city):
    driver = city.driver()
    order = at_the_door(city, driver)
    hand_over(city, driver, order)
    assert erasure.erase_contacts(order.id, Pictures(), city.clock).state == "pending"
    correct(city, driver, order)
    city.later(minutes=16)
    assert erasure.carry_out_waiting(Pictures(), city.clock)["pending"] == 1, "it is under way again"
    hand_over(city, driver, order)
    said_at = city.clock.now()
    city.later(minutes=15, seconds=1)
    assert erasure.carry_out_waiting(Pictures(), city.clock)["done"] == 1
    late = CorrectInput(device_at=said_at, reason="pressed_by_mistake")
    with pytest.raises(Conflict, match=r"not_correctable.*erased"):
        corrections.correct(order.id, driver.id, late, city.clock)


def racing(monkeypatch, room, name, meanwhile):
    """Let something happen once, after a use case has read and decided and before it writes."""
    write, raced = getattr(room, name), []

    def late(*arguments, **named):
        if not raced:
            raced.append(True)
            meanwhile()
        return write(*arguments, **named)

    monkeypatch.setattr(room, name, late)


def test_a_correction_that_an_erasure_overtakes_is_refused_and_leaves_everything(city, monkeypatch):
    driver = city.driver()
    order = at_the_door(city, driver)
    hand_over(city, driver, order)
    said_at = city.clock.now()

    def erased():
        city.later(minutes=16)
        assert erasure.erase_contacts(order.id, Pictures(), city.clock).state == "done"

    racing(monkeypatch, corrections.proofs, "begin_anew", erased)
    late = CorrectInput(device_at=said_at, reason="pressed_by_mistake")
    with pytest.raises(Conflict, match=r"not_correctable.*erased"):
        corrections.correct(order.id, driver.id, late, city.clock)
    assert deliveries.get(order.id).state is State.DELIVERED
    assert stops.route_view(driver.id, city.clock).stops == ()


def test_an_erasure_that_a_correction_overtakes_waits_again_and_erases_nothing(city, monkeypatch):
    driver, pictures = city.driver(), Pictures()
    order = at_the_door(city, driver)
    hand_over(city, driver, order)
    said_at = city.clock.now()
    erasure.ask(order.id, city.clock)
    city.later(minutes=16)

    def corrected():
        late = CorrectInput(device_at=said_at, reason="pressed_by_mistake")
        corrections.correct(order.id, driver.id, late, city.clock)

    racing(monkeypatch, erasure.erasure, "begun", corrected)
    assert erasure.carry_out(order.id, pictures, city.clock).state == "pending"
    assert deliveries.get(order.id).state is State.ARRIVED_AT_DROPOFF
    assert remembered(order.contacts_token)
    assert pictures.erased == []


def test_a_rating_that_a_correction_overtakes_is_refused(city, monkeypatch):
    driver = city.driver()
    order = at_the_door(city, driver)
    hand_over(city, driver, order)
    racing(monkeypatch, changes_by_customers.deliveries, "rating_of", lambda: correct(city, driver, order))
    with pytest.raises(Conflict, match="wrong_state"):
        changes_by_customers.rate(order.id, RatingInput(stars=1, comment="never came"), city.clock, city.clock)
    assert deliveries.rating_of(order.id) is None
    assert vault.comment(comment_token(order.id)) is None


def test_a_comment_that_an_erasure_overtakes_is_not_stored(city, monkeypatch):
    order = closed_by_hand_over(city)
    racing(
        monkeypatch,
        changes_by_customers.vault,
        "keep",
        lambda: erasure.erase_contacts(order.id, Pictures(), city.clock),
    )
    with pytest.raises(Gone):
        changes_by_customers.rate(order.id, RatingInput(stars=1, comment="I am Kim"), city.clock, city.clock)
    assert vault.comment(comment_token(order.id)) is None


def closed_by_hand_over(city):
    driver = city.driver()
    order = at_the_door(city, driver)
    hand_over(city, driver, order)
    city.later(minutes=16)
    return order


def test_held_pay_keeps_pictures_and_notes_until_it_is_decided_and_the_answer_says_so(city):
    driver, pictures = city.driver(), Pictures()
    order = held(city, driver)
    since = deliveries.get(order.id).hold.since
    city.later(minutes=16)
    view = erasure.erase_contacts(order.id, pictures, city.clock)
    assert view.state == "partly"
    assert (view.kept.parts, view.kept.because) == (("pictures", "driver_notes"), "held_pay")
    assert view.kept.until == since + HOLD_AT_MOST
    assert not remembered(order.contacts_token)
    assert vault.driver_notes(notes_token(order.id))
    assert pictures.erased == []
    assert erasure.carry_out_waiting(pictures, city.clock)["partly"] == 1
    holds.decide(order.id, Verdict.REFUSED, Ground.WAS_ELSEWHERE, "ana", city.clock)
    assert erasure.carry_out_waiting(pictures, city.clock)["done"] == 1
    assert vault.driver_notes(notes_token(order.id)) is None
    assert pictures.erased == [order.id]


def test_a_hold_that_nobody_decides_keeps_nothing_for_more_than_a_year(city):
    order = held(city, city.driver())
    city.later(days=HOLD_AT_MOST.days + 1)
    assert erasure.erase_contacts(order.id, Pictures(), city.clock).state == "done"


def held(city, driver):
    """Return a delivery whose driver says to be at the door without any position there."""
    order = at_the_door(city, driver)
    city.later(minutes=30)
    handed = DeliverInput(device_at=city.clock.now(), position=at(2003), note="left with Kim")
    stops.deliver(order.id, driver.id, handed, ImageStore("none", object()), city.clock)
    assert deliveries.get(order.id).hold.is_open
    return order


def test_erasures_go_on_after_one_that_fails_and_the_failure_is_heard_of(city):
    orders = [closed(city, f"order-{n}") for n in range(3)]
    for order in orders:
        erasure.ask(order.id, city.clock)

    class Broken(Pictures):
        def erase(self, delivery_id):
            if delivery_id == sorted(one.id for one in orders)[0]:
                raise OSError("no bucket")
            return super().erase(delivery_id)

    with pytest.raises(ExceptionGroup, match="erasures failed"):
        erasure.carry_out_waiting(Broken(), city.clock)
    states = sorted(state_of(deliveries.get(one.id)) for one in orders)
    assert states == ["done", "done", "partly"]
    assert erasure.carry_out_waiting(Pictures(), city.clock)["done"] == 1


@pytest.mark.parametrize("lost", list(Lost))
def test_an_erasure_of_a_customer_that_dies_on_the_way_is_finished_by_the_task(city, lost):
    driver = city.driver()
    order = at_the_door(city, driver)
    hand_over(city, driver, order, note="behind the house of Kim")
    city.later(minutes=16)
    for faulty in each_call_failing(lost, dies=True):
        with faulty:
            erasure.erase_contacts(order.id, Pictures(), city.clock)
    erasure.ask(order.id, city.clock)
    erasure.carry_out_waiting(Pictures(), city.clock)
    assert deliveries.get(order.id).erasure.done_at
    assert not any("Kim" in row.body for row in VaultRow.scan())


def test_a_customer_who_asked_to_be_erased_is_not_copied_to_another_try(city):
    driver = city.driver()
    first = city.assigned(driver, external_id="101")
    for step in (stops.depart, stops.arrive):
        step(first.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.fail(first.id, driver.id, FailureReason.PICKUP_CLOSED, CENTRE, None, city.clock)
    erasure.ask(first.id, city.clock)
    asked = RedeliveryRequest(external_id="101-again")
    with pytest.raises(Gone, match="erased"):
        changes.redeliver_once(first.id, city.merchant, asked, "k", lambda made: {"id": made.id}, city.clock)


def test_a_delivery_that_is_not_there_has_nobody_to_erase(city):
    with pytest.raises(NotFound):
        erasure.erase_contacts("dlv_none", Pictures(), city.clock)


def test_a_driver_who_is_erased_has_no_name_no_sign_in_and_no_work(city):
    driver, removed, browsers, positions = city.driver(), [], [], []
    drivers.change(driver.id, DriverChange(vehicle=driver.vehicle.model_copy(update={"plate": "ABC 1234"})))
    duty.end(driver.id, city.clock)
    erased = erase_person(driver.id, removed.append, browsers.append, positions.append)
    assert erased.vehicle.plate is None
    assert drivers.get(driver.id).vehicle.plate is None
    assert vault.found("ABC1234", 10) == []
    with pytest.raises(Gone, match="erased"):
        vault.person(driver.person_token)
    assert removed == browsers == positions == [driver.id]
    with pytest.raises(Forbidden, match="account_closed"):
        duty.begin(driver.id, None, at(), city.clock)


def test_a_sign_in_goes_with_its_mail_address_and_may_be_gone_already():
    cognito = boto3.client("cognito-idp")
    named = {"UserPoolId": "us-east-1_people", "Username": "drv_1"}
    with Stubber(cognito) as answers:
        answers.add_response("admin_delete_user", {}, named)
        answers.add_client_error("admin_delete_user", "UserNotFoundException", expected_params=named)
        for _ in range(2):
            SignIns("us-east-1_people", cognito).remove("drv_1")
        answers.assert_no_pending_responses()


def test_a_driver_on_duty_is_not_erased(city):
    driver, removed = city.driver(), []
    with pytest.raises(Conflict, match="on_duty"):
        erase_person(driver.id, *[removed.append] * 3)
    assert vault.person(driver.person_token)
    assert not removed
    assert not drivers.get(driver.id).closed


@pytest.mark.parametrize("lost", list(Lost))
def test_an_erasure_that_dies_on_the_way_is_finished_by_the_next(city, lost):
    driver = city.driver()
    duty.end(driver.id, city.clock)
    for faulty in each_call_failing(lost, dies=True):
        with faulty:
            erase_person(driver.id, *[lambda _: None] * 3)
    erase_person(driver.id, *[lambda _: None] * 3)
    with pytest.raises(Gone):
        vault.person(driver.person_token)


def told(city, topic, **payload):
    body = json.dumps(payload).encode()
    return receive(city, hook(body, topic=topic), body)


def test_shopify_has_a_customers_orders_erased(city):
    first, second, others = closed(city, "101"), closed(city, "102"), closed(city, "103")
    answer = told(city, "customers/redact", customer={"email": "kim@example.com"}, orders_to_redact=[101, 102, 999])
    assert answer == SourceAnswer(acknowledged="erasure")
    erasure.carry_out_waiting(Pictures(), city.clock)
    assert [remembered(order.contacts_token) for order in (first, second, others)] == [False, False, True]


def test_what_shopify_wants_erased_too_early_is_erased_at_the_end(city):
    under_way, order = city.order("101"), closed(city, "102")
    assert told(city, "customers/redact", orders_to_redact=[101, 102]).acknowledged
    erasure.carry_out_waiting(Pictures(), city.clock)
    assert [remembered(one.contacts_token) for one in (under_way, order)] == [True, False]
    cancellation.cancel(under_way.id, "staff", "other", city.clock)
    erasure.carry_out_waiting(Pictures(), city.clock)
    assert not remembered(under_way.contacts_token)


def test_what_tries_an_order_again_is_erased_with_it_though_the_shop_does_not_know_its_id(city):
    driver = city.driver()
    first = city.assigned(driver, external_id="101")
    for step in (stops.depart, stops.arrive):
        step(first.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.fail(first.id, driver.id, FailureReason.PICKUP_CLOSED, CENTRE, None, city.clock)
    asked = RedeliveryRequest(external_id="101-again")
    answer = changes.redeliver_once(first.id, city.merchant, asked, "k", lambda made: {"id": made.id}, city.clock)
    second = deliveries.get(answer.body["id"])
    told(city, "customers/redact", orders_to_redact=[101])
    erasure.carry_out_waiting(Pictures(), city.clock)
    assert [remembered(order.contacts_token) for order in (first, second)] == [False, True]
    cancellation.cancel(second.id, "staff", "other", city.clock)
    erasure.carry_out_waiting(Pictures(), city.clock)
    assert not remembered(second.contacts_token)


def test_a_redaction_of_another_merchants_order_erases_nothing(city):
    order = closed(city, "101")
    other = merchants.sign_up(merchants.MerchantInput(name="Other", billing_email="b@example.com"), city.clock)
    sources.connect(other.id, SourceName.SHOPIFY, "bakery.myshopify.com", city.clock, city.clock, SECRET)
    city.merchant = other
    assert told(city, "customers/redact", orders_to_redact=[101]).acknowledged
    assert remembered(order.contacts_token)


def test_a_shop_that_left_is_disconnected_and_may_say_so_again(city):
    for _ in range(2):
        assert told(city, "shop/redact", shop_domain="bakery.myshopify.com").acknowledged == "farewell"
    assert merchants.get(city.merchant.id).sources == ()
    body = order_body()
    answer = receive(city, hook(body), body)
    assert answer == SourceAnswer(ignored="not_connected")


def test_one_shop_can_not_have_another_erased(city):
    order = closed(city, "101")
    body = json.dumps({"orders_to_redact": [101]}).encode()
    for topic in ("customers/redact", "shop/redact"):
        headers = hook(body, topic=topic, shop="evil.myshopify.com")
        with pytest.raises(Unauthorized):
            receive(city, headers, body)
    assert remembered(order.contacts_token)
    assert merchants.get(city.merchant.id).sources


def test_a_customers_wish_to_know_is_passed_on_without_what_it_says(city, said):
    answer = told(city, "customers/data_request", customer={"email": "kim@example.com"}, orders_requested=[101])
    assert answer == SourceAnswer(acknowledged="inquiry")
    assert city.merchant.id in said[0]
    assert "kim" not in said[0]
