"""Acts of a customer by the link: rate, tip, instruct; through the functions, as API Gateway calls them."""

import json
from datetime import timedelta

import boto3
import pytest

from crowdship.adapters import secrets
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.closing import settling_events
from crowdship.deliveries.rating import Rating
from crowdship.deliveries.sandbox import Sandbox
from crowdship.deliveries.store import RatingRow
from crowdship.dispatch import cancellation
from crowdship.drivers import duty
from crowdship.drivers import service as drivers
from crowdship.drivers.erasure import erase_person
from crowdship.intake.accounts import AccountChange, change_account
from crowdship.kernel.clock import FixedClock
from crowdship.kernel.events import DomainEvent
from crowdship.merchants import service as merchants
from crowdship.settlement import booking, queries
from crowdship.shipment.stop_kind import StopKind
from crowdship.stops import by_hand
from crowdship.stops import service as stops
from crowdship.tracking.page.service import customer_view
from crowdship.tracking.page.token import link_expiry, tracking_token
from crowdship.vault import service as vault
from crowdship.vault.model import comment_token
from crowdship.vault.store import VaultRow
from tests.city import NOON, City
from tests.contracts import validate_event
from tests.integration.erasing import erase_now
from tests.integration.settlement.test_functions import Context, ask, function, sqs

pytestmark = pytest.mark.usefixtures("aws")

SECRET = "s" * 32


@pytest.fixture
def city(monkeypatch):
    secrets._provider = None
    kept = boto3.client("secretsmanager").create_secret(Name="tracking", SecretString=SECRET)
    monkeypatch.setenv("TRACKING_SECRET_ARN", kept["ARN"])
    return City.open()


def token_of(order, secret=SECRET):
    return tracking_token(secret, order.id, link_expiry(order.dropoff_window.closes_at))


def do(city, order, method, act, body, token=None):
    module = function("customer/actions", city.clock)
    module.wall = city.clock
    return ask(module, method, f"/v1/track/{token or token_of(order)}/{act}", group=None, body=body)


def rate(city, order, stars, comment=None):
    return do(city, order, "POST", "rating", {"stars": stars, **({"comment": comment} if comment else {})})


def tip(city, order, amount):
    return do(city, order, "POST", "tip", {"amount": amount})


def instruct(city, order, text):
    return do(city, order, "PUT", "instructions", {"text": text})


def takes_tips(city):
    change_account(city.merchant.id, AccountChange(customer_tips=True))
    merchants._cache.clear()


def fetched(city, driver):
    order = city.assigned(driver)
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    return stops.pick_up(order.id, driver.id, None, city.clock)


def delivered(city, driver):
    order = fetched(city, driver)
    return by_hand.complete_by_hand(order.id, "app_failed", "ana", None, city.clock)


def count(*events):
    """Let the consumer hear of ratings."""
    assert function("events/score", FixedClock(NOON)).handler(sqs(*events), Context()) == {"batchItemFailures": []}


def newest_events(order):
    """Return the events of the newest write of an order's rating."""
    row = RatingRow.find(order.id, RatingRow.SORT)
    return [DomainEvent.model_validate(event) for event in json.loads(row.events)]


def comment_of(order):
    known = vault.comment(comment_token(order.id))
    return known and known.text


# -- ratings


def test_a_rating_is_stored_counted_once_and_shown_to_staff(city):
    driver = city.driver()
    order = delivered(city, driver)
    status, told = rate(city, order, 1, "never rang")
    assert (status, told["stars"], told["may"]["rate"]) == (200, 1, True)
    (event,) = newest_events(order)
    validate_event(event.model_dump(mode="json"))
    for _ in range(3):
        count(event)
    counted = drivers.get(driver.id)
    assert (counted.measures.rated, counted.rating) == (1, 4.81)
    shown = ask(function("console/dispatch", city.clock), "GET", f"/v1/staff/deliveries/{order.id}")[1]
    assert shown["stars"] == 1
    path = f"/v1/staff/deliveries/{order.id}/rating"
    status, read = ask(function("console/proof", city.clock), "GET", path)
    assert (status, read["stars"], read["comment"]) == (200, 1, "never rang")
    assert ask(function("console/proof", city.clock), "GET", path, group="drivers")[0] == 403


def test_another_rating_replaces_the_first_also_if_its_event_comes_first(city):
    driver = city.driver()
    order = delivered(city, driver)
    rate(city, order, 1, "never rang")
    (first,) = newest_events(order)
    assert rate(city, order, 5)[1]["stars"] == 5
    assert comment_of(order) is None
    (second,) = newest_events(order)
    count(second, first)
    assert (drivers.get(driver.id).measures.rated, drivers.get(driver.id).measures.stars) == (1, 5)


def test_the_same_rating_again_writes_and_tells_nothing(city):
    order = delivered(city, city.driver())
    rate(city, order, 4, "kind")
    before = deliveries.rating_of(order.id), vault.comment(comment_token(order.id))
    assert rate(city, order, 4, "kind")[0] == 200
    assert (deliveries.rating_of(order.id), vault.comment(comment_token(order.id))) == before
    rate(city, order, 4, "very kind")
    assert (deliveries.rating_of(order.id), comment_of(order)) == (before[0], "very kind")


def test_a_comment_is_in_the_vault_and_in_no_event_and_no_log(city, capsys):
    order = delivered(city, city.driver())
    rate(city, order, 2, "he smelled of onions")
    assert comment_of(order) == "he smelled of onions"
    assert "onions" not in "".join(event.model_dump_json() for event in newest_events(order))
    assert "onions" not in deliveries.rating_of(order.id).model_dump_json()
    assert do(city, order, "POST", "rating", {"stars": 9, "comment": "onions " * 100})[0] == 422
    assert "onions" not in capsys.readouterr().out
    row = VaultRow.find(comment_token(order.id), "RECORD")
    assert row.expires_at == (city.clock.now() + timedelta(days=90)).timestamp()


@pytest.mark.parametrize("erased", ["customer", "driver"])
def test_a_comment_is_erased_with_its_customer_and_with_its_driver(city, erased):
    driver = city.driver()
    order = delivered(city, driver)
    rate(city, order, 2, "late")
    count(*newest_events(order))
    if erased == "customer":
        erase_now(order.id, city.clock)
    else:
        duty.end(driver.id, city.clock)
        erase_person(driver.id, *[lambda driver_id: None] * 3)
    assert comment_of(order) is None
    assert deliveries.rating_of(order.id).stars == 2


def test_a_customer_who_was_erased_may_rate_without_a_comment(city):
    order = delivered(city, city.driver())
    erase_now(order.id, city.clock)
    status, said = rate(city, order, 3, "hello")
    assert (status, said["code"]) == (410, "erased")
    assert deliveries.rating_of(order.id) is None
    assert rate(city, order, 3)[0] == 200


def test_a_test_delivery_counts_for_no_driver(city):
    order = delivered(city, city.driver())
    assert Rating.given(None, order.with_changes(sandbox=Sandbox()), 1, city.clock.now()).events[0].livemode is False


def test_a_rating_comes_too_early_and_too_late(city):
    order = fetched(city, city.driver())
    assert rate(city, order, 5)[1]["code"] == "wrong_state"
    by_hand.complete_by_hand(order.id, "app_failed", "ana", None, city.clock)
    city.later(days=7)
    assert rate(city, order, 5)[0] == 200
    city.later(minutes=1)
    status, said = rate(city, order, 4)
    assert (status, said["code"]) == (409, "too_late_to_rate")
    assert deliveries.rating_of(order.id).stars == 5


# -- tips


def test_a_tip_is_charged_to_a_merchant_who_takes_them_and_reaches_the_driver_whole_and_once(city):
    driver = city.driver()
    order = delivered(city, driver)
    assert customer_view(order.id, city.clock).may.tip is False
    assert tip(city, order, 400)[1]["code"] == "tips_not_taken"
    takes_tips(city)
    assert customer_view(order.id, city.clock).may.tip is True
    for _ in range(2):
        status, told = tip(city, order, 400)
        assert (status, told["tipped"]["amount"], told["may"]["tip"]) == (200, 400, False)
    assert tip(city, order, 500)[1]["code"] == "tipped_already"
    tipped = deliveries.get(order.id)
    assert (len(tipped.late_tips), tipped.price) == (1, order.price)
    event = settling_events(tipped)[-1]
    assert (event.type, event.data["actor"]) == ("delivery.tipped", "customer")
    assert booking.post(event) == booking.post(event)
    (line,) = (line for line in queries.earned(driver.id, city.clock.now().date()) if line.tip.amount == 400)
    assert line.total.amount == 400


@pytest.mark.parametrize("amount", [0, -1, 10_001, 1.5, "5", None])
def test_a_tip_that_is_no_amount_is_refused_with_the_bound(city, amount):
    takes_tips(city)
    status, said = tip(city, delivered(city, city.driver()), amount)
    assert (status, said["errors"][0]["pointer"]) == (422, "/amount")


# -- instructions


def notes_seen(driver, city):
    return stops.route_view(driver.id, city.clock).stops[-1].contact.notes


def test_instructions_replace_the_notes_until_the_pickup_at_which_the_driver_sees_them(city):
    driver = city.driver()
    order = city.assigned(driver)
    assert customer_view(order.id, city.clock).may.instruct is True
    for _ in range(2):
        assert instruct(city, order, "blue door")[0] == 200
    changed = deliveries.get(order.id)
    assert changed.sequence == order.sequence + 1
    assert vault.contacts(order.contacts_token).dropoff.notes == "blue door"
    assert notes_seen(driver, city) == "", "the goods are not on board"
    for step in (stops.depart, stops.arrive):
        step(order.id, driver.id, StopKind.PICKUP, None, city.clock)
    stops.pick_up(order.id, driver.id, None, city.clock)
    assert notes_seen(driver, city) == "blue door"
    assert customer_view(order.id, city.clock).may.instruct is False
    status, said = instruct(city, order, "red door")
    assert (status, said["code"], said["errors"][0]["pointer"]) == (409, "too_late_to_change", "/text")
    assert vault.contacts(order.contacts_token).dropoff.notes == "blue door"


@pytest.mark.parametrize("text", ["", "  ", "x" * 501, None, 5])
def test_instructions_that_are_no_text_of_five_hundred_characters_are_refused(city, text):
    status, said = instruct(city, city.order(), text)
    assert (status, said["errors"][0]["pointer"]) == (422, "/text")


# -- doors

ACTS = [
    ("POST", "rating", {"stars": 5}),
    ("POST", "tip", {"amount": 100}),
    ("PUT", "instructions", {"text": "blue door"}),
]


@pytest.mark.parametrize(("method", "act", "body"), ACTS, ids=[act for _, act, _ in ACTS])
def test_a_wrong_token_and_one_of_another_delivery_or_after_its_end_change_nothing(city, method, act, body):
    takes_tips(city)
    order = city.order() if act == "instructions" else delivered(city, city.driver())
    order, other = deliveries.get(order.id), city.order("order-2")
    token = token_of(order)
    for wrong in ("x", token[:28] + other.id.removeprefix("dlv_"), token[:-1], token_of(order, "another secret")):
        assert do(city, order, method, act, body, token=wrong)[1]["code"] == "bad_link"
    city.later(days=9)
    status, said = do(city, order, method, act, body)
    assert (status, said["code"]) == (410, "link_expired")
    assert deliveries.get(order.id) == order
    assert deliveries.rating_of(order.id) is None
    assert vault.contacts(order.contacts_token).dropoff.notes == "2nd bell"
    assert deliveries.get(other.id).sequence == other.sequence


def test_nothing_may_be_done_on_a_delivery_that_was_cancelled(city):
    takes_tips(city)
    order = city.order()
    cancellation.cancel(order.id, city.merchant.id, "other", city.clock)
    for method, act, body in ACTS:
        assert do(city, order, method, act, body)[0] == 409
    assert not any(customer_view(order.id, city.clock).may.model_dump().values())
