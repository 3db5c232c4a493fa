"""A quote is a promise: what was quoted is made as quoted, once, whatever becomes of the zone."""

from datetime import time, timedelta

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.drivers.model import DriverKind
from crowdship.intake.orders import service as intake
from crowdship.intake.orders.model import QuoteRequest, Spot
from crowdship.intake.orders.views import QuoteState, QuoteView
from crowdship.intake.quotes import service as quoting
from crowdship.kernel.errors import Conflict, NotFound, Unprocessable
from crowdship.kernel.hours import Opening, OpeningHours, Weekday
from crowdship.merchants import service as merchants
from crowdship.merchants.model import MerchantInput, Store, account_id, sandbox_id
from crowdship.pricing.model import RateCard
from crowdship.shipment.goods import categories
from crowdship.shipment.requirements.registry import Requirements
from crowdship.zones import service as zones
from tests.city import BAKER, CENTRE, City, at, request, settings
from tests.faults import Lost, each_call_failing

THURSDAY_MORNING = Opening(day=Weekday.THURSDAY, opens=time(8), closes=time(10))  # cities open on a Monday

pytestmark = pytest.mark.usefixtures("aws")


def quoted(city, east_m=2000, **fields):
    return quoting.quote(city.merchant, QuoteRequest(dropoff=Spot(point=at(east_m)), **fields), city.clock)


def taken(city, quote, external_id="order-1", **fields):
    asked = request(external_id, **{"quote_id": quote.id, **fields})
    return intake.create(city.merchant, asked, city.merchant.id, city.clock)


def alone(city, external_id, **fields):
    """Return the price of a delivery without a quote, or None if it is refused."""
    try:
        return city.order(external_id, **fields).price
    except Unprocessable:
        return None


def change_zone(**changes):
    zones.put("testville", settings().model_copy(update=changes))
    zones._cache.clear()


def test_a_quote_and_a_delivery_without_one_are_promised_the_same():
    city = City.open()
    agreement = quoted(city).agreement
    order = city.order()
    for name in type(agreement).model_fields:
        assert getattr(order, name) == getattr(agreement, name)


def test_a_quote_tells_price_promise_and_when_a_driver_could_be_there():
    city = City.open(rounds={"batch_seconds": 20})
    city.driver(500)
    view = QuoteView.of(quoted(city), city.clock.now())
    assert view.id.startswith("qot_")
    assert (view.state, view.charge.amount, view.currency) == (QuoteState.OPEN, 789, "USD")
    assert [part.code for part in view.charge_parts] == ["base", "distance"]
    assert view.pickup_eta == city.clock.now() + timedelta(seconds=20 + 100)
    assert view.dropoff_eta == view.pickup_eta + timedelta(seconds=120 + 400)
    assert view.expires_at == city.clock.now() + timedelta(minutes=15)


def test_the_sandbox_is_told_what_a_real_order_would_be_and_its_quotes_are_its_own():
    city = City.open()
    city.driver(500, kind=DriverKind.DEDICATED, merchant_id=city.merchant.id)
    live = quoted(city)
    city.merchant = merchants.get(sandbox_id(city.merchant.id))
    test = quoted(city)
    assert test.dropoff_eta == live.dropoff_eta is not None
    with pytest.raises(NotFound, match="no_such_quote"):
        taken(city, live)
    order = taken(city, test)
    assert (order.livemode, order.price) == (False, live.agreement.price)
    city.merchant = merchants.get(account_id(city.merchant.id))
    with pytest.raises(NotFound, match="no_such_quote"):
        taken(city, test)


def test_what_becomes_of_the_zone_changes_nothing_about_what_was_quoted():
    changes = {
        "closed": {"hours": OpeningHours(time_zone="UTC", week=(THURSDAY_MORNING,))},
        "dearer": {"rates": RateCard(charge_base=9999, pay_base=1)},
        "another currency": {"rates": RateCard(currency="EUR")},
        "shrunk": {"area": (at(-900, -900), at(900, -900), at(900, 900), at(-900, 900))},
        "shorter trips": {"longest_trip_m": 100},
        "walkers only": {"vehicles": frozenset({"foot"})},
        "dry": {"goods": frozenset()},
        "unskilled": {"skills": ()},
    }
    asked = {
        "goods": "alcohol",
        "requirements": Requirements(skills=("cold_box",)),
        "parcel": {"weight_g": 30_000},
    }
    for name, change in changes.items():
        city = City.open()
        change_zone(goods=frozenset(categories()))
        quote = quoted(city, **asked)
        change_zone(**change)
        city.later(minutes=14)
        assert alone(city, f"{name} alone", **asked) != quote.agreement.price
        order = taken(city, quote, name, tip=300, tip_currency="USD")
        assert order.price == quote.agreement.price.with_tip(300), name
        assert order.pickup_window == quote.agreement.pickup_window
        assert order.dropoff_window == quote.agreement.dropoff_window
        assert order.requirements.minimum_age == 21
        assert order.quote_id == quote.id


def test_a_quote_is_used_once_and_then_names_its_delivery():
    city = City.open()
    quote = quoted(city)
    order = taken(city, quote)
    with pytest.raises(Conflict, match=f"quote_used: .*{order.id}"):
        taken(city, quote, "order-2")
    read = intake.quote_of_merchant(quote.id, city.merchant.id)
    assert QuoteView.of(read, city.clock.now()).state is QuoteState.USED
    assert read.delivery_id == order.id


def test_a_quote_that_was_read_before_somebody_took_it_up_is_not_taken_up_again(monkeypatch):
    city = City.open()
    quote = quoted(city)
    before = intake.QuoteRow.load(quote.id)
    order = taken(city, quote)
    load, stale = intake.QuoteRow.load, [before]
    monkeypatch.setattr(intake.QuoteRow, "load", lambda quote_id: stale.pop() if stale else load(quote_id))
    with pytest.raises(Conflict, match=f"quote_used: .*{order.id}"):
        taken(city, quote, "order-2")
    with pytest.raises(NotFound):
        deliveries.find_external(city.merchant.id, "order-2")


def test_a_quote_stands_until_its_last_second_and_not_longer():
    city = City.open()
    change_zone(quote_minutes=30)
    first, second = quoted(city), quoted(city)
    city.later(minutes=30)
    assert taken(city, first, "in time")
    city.later(seconds=1)
    with pytest.raises(Unprocessable, match="quote_expired") as refusal:
        taken(city, second, "too late")
    assert refusal.value.pointer == "/quote_id"
    assert QuoteView.of(second, city.clock.now()).state is QuoteState.EXPIRED


def test_another_merchants_quote_is_none():
    city = City.open()
    quote = quoted(city)
    rival = MerchantInput(name="Rival", billing_email="books@example.com", store=Store(contact=BAKER, point=CENTRE))
    stranger = merchants.sign_up(rival, city.clock)
    for quote_id in (quote.id, "qot_none"):
        with pytest.raises(NotFound, match="no_such_quote"):
            intake.quote_of_merchant(quote_id, stranger.id)
        with pytest.raises(NotFound, match="no_such_quote"):
            intake.create(stranger, request(quote_id=quote_id), stranger.id, city.clock)


def test_other_terms_than_the_quotes_are_pointed_at_and_the_quote_stays():
    city = City.open()
    quote = quoted(city, parcel={"weight_g": 5000})
    with pytest.raises(Unprocessable, match="quote_mismatch") as refusal:
        taken(city, quote, east_m=2500, parcel={"weight_g": 6000})
    assert [pointer for pointer, _ in refusal.value.errors] == ["/dropoff/point", "/parcel/weight_g"]
    assert taken(city, quote).parcel.weight_g == 5000


def test_only_who_has_drivers_of_its_own_is_quoted_cannabis():
    city = City.open()
    change_zone(goods=frozenset({"cannabis"}))
    with pytest.raises(Unprocessable, match="no_eligible_driver"):
        quoted(city, goods="cannabis")
    city.driver(kind=DriverKind.DEDICATED, merchant_id=city.merchant.id)
    quote = quoted(city, goods="cannabis")
    order = taken(city, quote)
    crowd = city.driver(10)
    city.tick()
    assert deliveries.get(order.id).driver_id not in (None, crowd.id)


@pytest.mark.parametrize("lost", list(Lost))
def test_a_merchant_who_asks_again_after_a_lost_answer_gets_the_delivery_of_the_quote(lost):
    class Over:
        def get_remaining_time_in_millis(self):
            return -1

    def create(city, quote, context=None):
        asked = request(quote_id=quote.id)
        return intake.create_once(city.merchant, asked, "key-1", lambda made: {"id": made.id}, city.clock, context)

    for faulty in each_call_failing(lost, at_least=5):
        city = City.open()
        quote = quoted(city)
        with faulty:
            create(city, quote, Over())
        city.later(minutes=10)
        again = create(city, quote)
        assert intake.quote_of_merchant(quote.id, city.merchant.id).delivery_id == again.body["id"]
        assert create(city, quote) == (again.body, True)


def test_the_same_quote_request_under_one_key_is_answered_with_the_same_quote():
    city = City.open()
    asked = QuoteRequest(dropoff=Spot(point=at(2000)))
    first = quoting.quote_once(city.merchant, asked, "key-1", city.clock)
    again = quoting.quote_once(city.merchant, asked, "key-1", city.clock)
    assert (first.replayed, again.replayed) == (False, True)
    assert first.body == again.body
    with pytest.raises(Unprocessable, match="key_reused"):
        quoting.quote_once(city.merchant, QuoteRequest(dropoff=Spot(point=at(1000))), "key-1", city.clock)


def test_what_the_account_requires_is_quoted_and_need_not_be_said_again():
    city = City.open()
    city.merchant = city.merchant.with_changes(default_requirements=Requirements(pin=True))
    quote = quoted(city, requirements=Requirements(photo=True))
    assert quote.agreement.requirements == Requirements(photo=True, pin=True)
    city.merchant = city.merchant.with_changes(default_requirements=Requirements(signature=True))
    order = taken(city, quote, requirements=Requirements(photo=True))
    assert order.requirements == quote.agreement.requirements
