import uuid
from datetime import UTC, datetime, timedelta

import pytest

from crowdship.adapters.storage import UnitOfWork
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.states import State
from crowdship.intake.orders import changes
from crowdship.intake.orders.model import DeliveryChange, DropoffChange
from crowdship.kernel.errors import Conflict, Forbidden, NotFound, Unprocessable
from crowdship.kernel.events import DomainEvent
from crowdship.merchants import service as merchants
from crowdship.pricing.model import RateCard
from crowdship.pricing.surge import SurgeOverride
from crowdship.pricing.tables import price_again
from crowdship.pricing.waiting import WaitTerms, with_waits
from crowdship.tariffs import counting, current, surging
from crowdship.tariffs import service as tariffs
from crowdship.tariffs.model import TableState, TableVerdict
from crowdship.tariffs.simulation import service as simulations
from crowdship.tariffs.simulation.model import SimulationState
from crowdship.zones import service as zones
from tests.city import at, settings
from tests.integration.tariffs.conftest import SURGE

PARIS = ((20_000, 0), (26_000, 0), (26_000, 6_000), (20_000, 6_000))


def codes(parts):
    return {part.code: part.amount.amount for part in parts}


def charged(delivery):
    return codes(delivery.price.charge)


def test_a_table_prices_once_a_second_person_approved_it(prices):
    draft = prices.upload()
    assert charged(prices.city.order("before"))["base"] == 599
    for herself in ("ana", "Ana"):
        with pytest.raises(Forbidden) as refusal:
            prices.decide(draft, by=herself)
        assert refusal.value.code == "second_person_needed"
    prices.decide(draft, by="ben")
    order = prices.city.order("after")
    assert charged(order) == {"base": 700, "distance": 200}
    assert order.price.versions.table_id == draft.id


def test_the_same_upload_again_makes_no_second_table(prices):
    key = str(uuid.uuid4())
    first, again = prices.upload(request_id=key), prices.upload(request_id=key)
    assert (first.id, [table.id for table in tariffs.page(None, 10)[0]]) == (again.id, [first.id])
    with pytest.raises(Conflict):
        prices.upload({"charge_base": "8.00"}, request_id=key)


def test_a_withdrawn_table_leaves_its_zone_to_the_one_before_and_stays_readable(prices):
    city = prices.city
    first = prices.approved()
    city.later(days=1)
    second = prices.approved({"charge_base": "9.00"})
    order = city.order("second")
    assert charged(order)["base"] == 900
    prices.decide(second, TableVerdict.WITHDRAW)
    assert charged(city.order("first"))["base"] == 700
    prices.decide(first, TableVerdict.WITHDRAW)
    assert charged(city.order("card"))["base"] == 599
    again = price_again(deliveries.get(order.id).price, current.sheet)
    assert again == order.price


def test_a_table_begins_on_its_day(prices):
    prices.approved(starts_on=str(prices.today.replace(day=2)))
    assert charged(prices.city.order("today"))["base"] == 599
    prices.city.later(days=1)
    assert charged(prices.city.order("tomorrow"))["base"] == 700


def test_two_tables_of_one_zone_do_not_begin_on_the_same_day(prices):
    first = prices.approved()
    with pytest.raises(Conflict) as refusal:
        prices.approved()
    assert refusal.value.code == "day_taken"
    assert first.id in refusal.value.detail


def test_a_table_that_should_have_begun_before_today_is_not_approved(prices):
    draft = prices.upload()
    prices.city.later(days=2)
    with pytest.raises(Conflict) as refusal:
        prices.decide(draft)
    assert refusal.value.code == "starts_in_the_past"


def test_what_was_refused_is_not_approved_later_and_a_decision_may_be_sent_twice(prices):
    draft = prices.upload()
    assert prices.decide(draft, TableVerdict.REFUSE).state is TableState.REFUSED
    assert prices.decide(draft, TableVerdict.REFUSE).state is TableState.REFUSED
    with pytest.raises(Conflict):
        prices.decide(draft)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"currency": "EUR"}, "wrong_currency"),
        ({"zone_ids": ["atlantis"]}, "no_such_zone"),
        ({"zone_ids": []}, "wrong_table"),
        ({"zone_ids": ["testville", "testville"]}, "wrong_table"),
        ({"monthly_minimum": 100}, "wrong_table"),
        ({"ends_on": "2026-06-01"}, "wrong_table"),
        ({"csv": "charge_base,pay_base\n5,3\n"}, "wrong_table"),
        ({"rows": None}, "wrong_table"),
    ],
)
def test_a_table_for_the_wrong_place_or_in_the_wrong_form_is_refused(prices, fields, code):
    with pytest.raises(Unprocessable) as refusal:
        prices.upload(**fields)
    assert refusal.value.code == code
    assert tariffs.page(None, 10)[0] == []


def test_a_csv_is_a_table(prices):
    text = "charge_base,pay_base\n5.00,3.00\n"
    table = prices.upload(rows=None, csv=text)
    assert table.rows[0].charge.base == 500
    with pytest.raises(Unprocessable) as refusal:
        prices.upload(rows=None, csv=text + "-5.00,3.00\n")
    assert refusal.value.errors[0][0] == "/csv/2/charge_base"


def test_a_contract_holds_for_its_merchant_alone(prices):
    prices.approved()
    made = prices.contract({"charge_base": "5.00"}, monthly_minimum=20_000)
    order = prices.city.order()
    assert charged(order) == {"base": 500, "distance": 0}
    assert codes(order.price.pay) == {"base": 400, "distance": 100}
    assert order.price.versions.contract_id == made.id
    (held,) = current.contracts_of(prices.city.merchant.id)
    assert (held.validity.table_id, held.currency, held.monthly_minimum) == (made.id, "USD", 20_000)
    prices.decide(made, TableVerdict.WITHDRAW)
    assert current.contracts_of(prices.city.merchant.id) == ()


def test_a_contract_in_a_currency_in_which_its_merchant_does_not_order_is_refused(prices):
    with pytest.raises(Unprocessable) as refusal:
        prices.contract({"charge_base": "5.00"}, currency="EUR")
    assert refusal.value.code == "wrong_currency"


def test_two_contracts_of_a_merchant_in_one_currency_do_not_begin_on_the_same_day(prices):
    first = prices.contract({"charge_base": "5.00"})
    draft = prices.upload(merchant_id=prices.city.merchant.id, zone_ids=["testville"], rows=[{"charge_base": "4.00"}])
    with pytest.raises(Conflict) as refusal:
        prices.decide(draft)
    assert refusal.value.code == "day_taken"
    assert first.id in refusal.value.detail


def test_contracts_of_a_merchant_in_two_currencies_may_begin_on_the_same_day_and_each_holds_where_it_prices(prices):
    prices.approved()
    euros = settings().model_copy(update={"name": "Paris", "rates": RateCard(currency="EUR")})
    zones.put("paris", euros.model_copy(update={"area": tuple(at(*each) for each in PARIS)}))
    dollars = prices.contract({"charge_base": "5.00"}, monthly_minimum=20_000)
    foreign = prices.contract({"charge_base": "4.00"}, currency="EUR", monthly_minimum=10_000)
    order = prices.city.order()
    assert (charged(order)["base"], order.price.versions.contract_id) == (500, dollars.id)
    held = {one.currency: one.validity.table_id for one in current.contracts_of(prices.city.merchant.id)}
    assert held == {"USD": dollars.id, "EUR": foreign.id}
    prices.decide(foreign, TableVerdict.WITHDRAW)
    assert [one.currency for one in current.contracts_of(prices.city.merchant.id)] == ["USD"]


def test_a_contract_of_nobody_or_for_a_zone_that_its_merchant_may_not_send_from_is_refused(prices):
    with pytest.raises(NotFound):
        prices.contract({"charge_base": "5.00"}, merchant_id="mer_nobody")
    merchants.change(prices.city.merchant.id, lambda one: (one.with_changes(zone_ids=("elsewhere",)), None))
    with pytest.raises(Unprocessable) as refusal:
        prices.contract({"charge_base": "5.00"}, zone_ids=["testville"])
    assert refusal.value.code == "zone_not_theirs"


def an_event(merchant_id, number, type="delivery.delivered", **data):
    at = datetime(2026, 6, 1, 13, tzinfo=UTC)
    said = {"merchant_id": merchant_id, "livemode": True, **data}
    return DomainEvent(id=f"evt_{number}", type=type, time=at, subject=f"dlv_{number}", sequence=1, data=said)


def test_a_tier_is_reached_by_deliveries_of_the_month_each_counted_once(prices):
    prices.approved()
    prices.contract({"charge_base": "6.00"}, {"charge_base": "5.00", "delivered_from": "2"})
    merchant_id = prices.city.merchant.id
    for number in (1, 1, 2, 3):
        counting.count(an_event(merchant_id, number))
    counting.count(an_event(merchant_id, 4, "delivery.corrected", previous_state="delivered"))
    order = prices.city.order("in june")
    assert (order.price.trip.delivered, charged(order)["base"]) == (2, 500)
    counting.count(an_event(merchant_id, 5, "delivery.corrected", previous_state="delivered"))
    assert charged(prices.city.order("taken back"))["base"] == 600
    counting.count(an_event(merchant_id, 6))
    prices.city.later(days=30)
    assert charged(prices.city.order("in july"))["base"] == 600


def test_a_delivery_that_is_taken_back_in_the_next_month_is_taken_from_the_month_in_which_it_was_counted(prices):
    prices.approved()
    prices.contract({"charge_base": "6.00"}, {"charge_base": "5.00", "delivered_from": "1"})
    merchant_id = prices.city.merchant.id
    counting.count(an_event(merchant_id, 1))
    july = datetime(2026, 7, 1, 0, 2, tzinfo=UTC)
    corrects = {"at": "2026-06-30T23:58:00Z", "state": "delivered"}
    event = an_event(merchant_id, 2, "delivery.corrected", previous_state="delivered", corrects=corrects)
    counting.count(event.model_copy(update={"time": july}))
    assert charged(prices.city.order("in june"))["base"] == 600
    prices.city.later(days=30)
    assert charged(prices.city.order("in july"))["base"] == 600


def test_a_delivery_that_was_never_counted_and_is_taken_back_leaves_the_contract_in_force(prices):
    prices.approved()
    prices.contract({"charge_base": "6.00"}, {"charge_base": "5.00", "delivered_from": "2"})
    counting.count(an_event(prices.city.merchant.id, 1, "delivery.corrected", previous_state="delivered"))
    order = prices.city.order()
    assert (order.price.trip.delivered, charged(order)["base"]) == (0, 600)


def test_a_merchant_without_tiers_is_not_counted(prices):
    counting.count(an_event(prices.city.merchant.id, 1))
    prices.approved()
    prices.contract({"charge_base": "6.00"}, {"charge_base": "5.00", "delivered_from": "1"})
    assert charged(prices.city.order())["base"] == 600


def test_a_quote_keeps_the_surge_of_its_moment(prices):
    prices.approved(surge=SURGE)
    calm = prices.quote()
    prices.short_of_drivers()
    short = prices.quote()
    assert "surge" not in codes(calm.agreement.price.charge)
    assert codes(short.agreement.price.charge)["surge"] == 225
    assert codes(short.agreement.price.pay)["surge"] == 158
    surging.override(
        zones.get("testville"),
        SurgeOverride(percent=100, until=prices.city.clock.now().replace(hour=14), reason="emergency"),
        "kim",
        prices.city.clock,
    )
    order = prices.city.order(quote_id=short.id)
    assert charged(order)["surge"] == 225
    assert "surge" not in charged(prices.city.order("stopped"))


def test_nothing_moves_before_the_notice_has_passed(prices):
    prices.approved(surge=SURGE)
    surging.measure(zones.get("testville"), 9, 1, None, prices.city.clock.now())
    current.forget()
    assert "surge" not in charged(prices.city.order())


@pytest.mark.parametrize(
    ("percent", "hours", "code"), [(250, 1, "too_high"), (150, 25, "wrong_time"), (150, 0, "wrong_time")]
)
def test_an_override_above_the_cap_or_without_a_near_end_is_refused(prices, percent, hours, code):
    prices.approved(surge=SURGE)
    until = prices.city.clock.now().timestamp() + hours * 3600
    asked = SurgeOverride(percent=percent, until=datetime.fromtimestamp(until, UTC), reason="concert")
    with pytest.raises(Unprocessable) as refusal:
        surging.override(zones.get("testville"), asked, "kim", prices.city.clock)
    assert refusal.value.code == code


def test_an_override_that_ends_before_its_notice_has_passed_is_refused_unless_it_holds_at_once(prices):
    prices.approved(surge=SURGE)
    zone, clock = zones.get("testville"), prices.city.clock
    soon = clock.now() + timedelta(seconds=60)
    with pytest.raises(Unprocessable) as refusal:
        surging.override(zone, SurgeOverride(percent=150, until=soon, reason="concert"), "kim", clock)
    assert (refusal.value.code, surging.stored(zone.id).events) == ("wrong_time", ())
    assert surging.override(zone, SurgeOverride(percent=100, until=soon, reason="flood"), "kim", clock).override


def test_a_zone_whose_table_has_no_rules_of_surge_has_none_to_set(prices):
    asked = SurgeOverride(percent=150, until=datetime(2026, 6, 1, 13, tzinfo=UTC), reason="concert")
    with pytest.raises(Conflict) as refusal:
        surging.override(zones.get("testville"), asked, "kim", prices.city.clock)
    assert refusal.value.code == "no_surge_rules"


def test_another_drop_off_is_priced_by_the_table_and_the_surge_of_the_order(prices):
    first = prices.approved(surge=SURGE)
    prices.short_of_drivers()
    order = prices.city.order()
    prices.decide(first, TableVerdict.WITHDRAW)
    there = DeliveryChange(dropoff=DropoffChange(point=at(4000, 0)))
    changed = changes.change(order.id, prices.city.merchant.id, there, prices.city.clock)
    assert charged(changed) == {"base": 700, "distance": 400, "surge": 275}
    assert changed.price.versions == order.price.versions


def test_an_event_of_a_delivery_does_not_repeat_what_it_was_priced_from(prices):
    prices.approved()
    order = prices.city.order()
    assert set(order.snapshot()["price"]) == {"charge", "pay", "tip", "return_percent"}


def delivered(prices, name, change=lambda price: price):
    """Let an order be over, as a simulation reads it: without the steps that brought it there."""
    order = deliveries.get(prices.city.order(name).id)
    work = UnitOfWork()
    over = {"state": State.DELIVERED, "driver_id": "drv_1", "price": change(order.price)}
    deliveries.keep(order.with_changes(**over), work)
    work.commit()


def played(prices, table):
    sent = []
    simulations.simulate(table.id, "ana", prices.city.clock, sent.append)
    steps = 0
    while sent:
        simulations.play(sent.pop(), prices.city.clock, sent.append)
        steps += 1
        assert steps < 100
    return simulations.of_table(current.stored(table.id))


def test_a_simulation_prices_the_month_again(prices):
    prices.approved()
    for number in range(3):
        delivered(prices, f"order-{number}")
    draft = prices.upload({"charge_base": "8.00", "pay_base": "3.00"}, starts_on="2026-06-05")
    done = played(prices, draft)
    assert done.state is SimulationState.DONE
    assert (done.total.deliveries, done.left_out) == (3, 0)
    assert done.total.charge_after - done.total.charge_before == 300
    assert done.total.pay_after - done.total.pay_before == -300
    assert done.total.taken_after < done.total.taken_before
    assert done.losers() == {prices.city.merchant.id: 300}
    assert sum(done.charges) == 3


def test_a_simulation_of_the_same_rates_finds_no_difference_though_drivers_waited_and_pay_was_raised(prices):
    prices.approved()
    terms, waited = WaitTerms(pay_per_minute=20, charge_per_minute=30), [timedelta(minutes=10)]
    delivered(prices, "order-1", lambda price: with_waits(price, terms, waited, waited).raised_to(150))
    done = played(prices, prices.upload(starts_on="2026-06-05"))
    assert done.total.charge_before == done.total.charge_after
    assert done.total.pay_before == done.total.pay_after


def test_a_simulation_prices_no_surge_above_the_cap_of_its_table(prices):
    prices.approved(surge=SURGE)
    prices.short_of_drivers()
    delivered(prices, "order-1")
    done = played(prices, prices.upload(surge={**SURGE, "cap_percent": 110}, starts_on="2026-06-05"))
    assert (done.total.charge_before, done.total.charge_after) == (1125, 990)


def test_a_step_of_a_simulation_that_comes_twice_counts_once(prices):
    prices.approved()
    delivered(prices, "order-1")
    draft = prices.upload({"charge_base": "8.00"}, starts_on="2026-06-05")
    sent = []
    simulations.simulate(draft.id, "ana", prices.city.clock, sent.append)
    while sent:
        step = sent.pop()
        simulations.play(step, prices.city.clock, sent.append)
        again = []
        simulations.play(step, prices.city.clock, again.append)
        assert again == sent
    assert simulations.of_table(current.stored(draft.id)).total.deliveries == 1


def test_a_contract_is_simulated_on_its_merchant_s_deliveries(prices):
    prices.approved()
    delivered(prices, "order-1")
    draft = prices.upload(
        zone_ids=[], merchant_id=prices.city.merchant.id, rows=[{"charge_base": "5.00", "charge_per_km": "1.00"}]
    )
    done = played(prices, draft)
    assert (done.total.charge_before, done.total.charge_after) == (900, 700)
    assert done.total.pay_before == done.total.pay_after
