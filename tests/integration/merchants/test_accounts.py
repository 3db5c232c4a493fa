"""What a merchant sets of its account, and how its orders follow it."""

from datetime import UTC, datetime, time, timedelta

import pytest

from crowdship.intake import accounts
from crowdship.intake.accounts import AccountChange, AccountView
from crowdship.intake.orders.model import Place
from crowdship.kernel.errors import NotFound, Unprocessable
from crowdship.kernel.hours import Opening, OpeningHours, Weekday
from crowdship.merchants import service as merchants
from crowdship.merchants.messaging import Branding
from crowdship.merchants.model import Store
from crowdship.merchants.views import TermsInput
from crowdship.shipment.requirements.registry import Requirements
from crowdship.shipment.windows import Window
from tests.city import BAKER, City, at

pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def city():
    return City.open()


def change(city, **asked):
    told = accounts.change_account(city.merchant.id, AccountChange(**asked))
    city.merchant = merchants.get(city.merchant.id)
    return told


def test_what_is_left_out_stays_and_null_takes_away(city):
    change(city, branding=Branding(sender_name="Crusty"), contact_email="hello@bakery.example")
    told = change(city, name="Crusty Bread Ltd")
    assert (told.name, told.branding.sender_name, told.contact_email) == (
        "Crusty Bread Ltd",
        "Crusty",
        "hello@bakery.example",
    )
    told = change(city, branding=None, contact_email=None, store=None)
    assert (told.branding, told.contact_email, told.store) == (Branding(), None, None)
    assert told == AccountView.of(merchants.get(city.merchant.id))


@pytest.mark.parametrize("name", ["name", "billing_email"])
def test_what_is_needed_can_not_be_taken_away(name):
    with pytest.raises(ValueError, match="can't be removed"):
        AccountChange.model_validate({name: None})


@pytest.mark.parametrize(
    "wrong",
    [
        {"logo_url": "http://cdn.example/logo.png"},
        {"logo_url": "https://user:secret@cdn.example/logo.png"},
        {"logo_url": "javascript:alert(1)"},
        {"logo_url": "https://cdn.example/logo.png"},
        {"logo_url": "/logos/../t/index.html"},
        {"colour": "red"},
        {"sender_name": ""},
        {"sender_name": "x" * 41},
        {"support_phone": "0123"},
    ],
)
def test_branding_is_what_can_be_shown_safely(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Branding(**wrong)


def test_a_store_outside_of_every_zone_is_refused(city):
    with pytest.raises(Unprocessable, match="outside_service_area") as refusal:
        change(city, store=Store(contact=BAKER, point=at(50_000)))
    assert refusal.value.pointer == "/store/point"


def test_default_requirements_apply_field_by_field_to_orders_that_do_not_say_otherwise(city):
    change(city, default_requirements=Requirements(photo=True, minimum_age=21))
    assert city.order("plain").requirements == Requirements(photo=True, minimum_age=21)
    other = city.order("other", requirements=Requirements(pin=True, minimum_age=18))
    assert other.requirements == Requirements(photo=True, pin=True, minimum_age=18)
    never = city.order("never", requirements=Requirements(photo=False, minimum_age=None))
    assert never.requirements == Requirements()
    change(city, default_requirements=None)
    assert city.order("none").requirements == Requirements()


def test_a_default_that_the_zone_does_not_know_is_refused_with_the_order(city):
    change(city, default_requirements=Requirements(skills=("coldbox",)))
    with pytest.raises(Unprocessable, match="unknown_skill"):
        city.order()


def opening(opens, closes, zone="America/Chicago"):
    week = tuple(Opening(day=day, opens=time(opens), closes=time(closes)) for day in Weekday)
    return OpeningHours(time_zone=zone, week=week)


NOON_IN_CHICAGO_H = 7  # 12:00 UTC on 1 June


def test_an_order_before_the_store_opens_is_picked_up_when_it_does(city):
    city.clock.moment = datetime(2026, 6, 1, 12, 30, tzinfo=UTC)
    change(city, hours=opening(8, 18))
    order = city.order()
    eight = datetime(2026, 6, 1, 13, tzinfo=UTC)
    assert order.pickup_window.opens_at == eight
    assert order.dropoff_window == Window(opens_at=eight, closes_at=eight + timedelta(hours=1))
    assert order.created_at == city.clock.moment


def test_an_order_while_the_store_is_open_changes_nothing(city):
    before = city.order("before")
    change(city, hours=opening(NOON_IN_CHICAGO_H, 18))
    after = city.order("after")
    assert (after.pickup_window, after.dropoff_window) == (before.pickup_window, before.dropoff_window)


def test_an_order_is_refused_if_the_store_does_not_open_within_the_promise(city):
    change(city, hours=opening(9, 18))
    with pytest.raises(Unprocessable, match="store_closed") as refusal:
        city.order()
    assert refusal.value.pointer == "/pickup_window"
    assert "2026-06-01T14:00:00Z" in refusal.value.detail


def test_a_scheduled_order_follows_the_hours_too(city):
    change(city, hours=opening(9, 18))
    evening = datetime(2026, 6, 1, 22, tzinfo=UTC)
    kept = city.order("kept", pickup_window=Window(opens_at=evening, closes_at=evening + timedelta(hours=3)))
    assert kept.pickup_window == Window(opens_at=evening, closes_at=evening + timedelta(hours=1))
    late = Window(opens_at=evening + timedelta(hours=2), closes_at=evening + timedelta(hours=3))
    with pytest.raises(Unprocessable, match="store_closed"):
        city.order("late", pickup_window=late)


def test_a_pickup_elsewhere_does_not_go_by_the_stores_hours(city):
    change(city, hours=opening(9, 18))
    assert city.order(pickup=Place(contact=BAKER, point=at(100)))


def test_the_end_of_time_is_too_far_ahead_for_hours_as_well(city):
    change(city, hours=opening(9, 18))
    last = datetime.max.replace(tzinfo=UTC)
    with pytest.raises(Unprocessable, match="window_too_far"):
        city.order(pickup_window=Window(opens_at=last - timedelta(hours=1), closes_at=last))


def test_a_merchant_sends_from_the_zones_it_may_use(city):
    accounts.change_terms(city.merchant.id, TermsInput(zone_ids=("testville",)))
    city.merchant = merchants.get(city.merchant.id)
    assert city.order("allowed")
    city.merchant = city.merchant.with_changes(zone_ids=("elsewhere",))
    with pytest.raises(Unprocessable, match="zone_not_yours") as refusal:
        city.order("refused")
    assert refusal.value.pointer == "/pickup/point"
    with pytest.raises(NotFound, match="no_such_zone"):
        accounts.change_terms(city.merchant.id, TermsInput(zone_ids=("nowhere",)))


def test_terms_that_are_left_out_stay(city):
    accounts.change_terms(city.merchant.id, TermsInput(zone_ids=("testville",)))
    told = accounts.change_terms(city.merchant.id, TermsInput(active=False))
    assert (told.active, told.zone_ids, told.rate_limit.per_minute) == (False, ("testville",), 600)
