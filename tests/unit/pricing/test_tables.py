from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crowdship.kernel.hours import OpeningHours
from crowdship.pricing.basis import PricedTrip, SizeClass
from crowdship.pricing.surge import SurgeAnnouncement
from crowdship.pricing.tables import Sheet, price_again, price_by
from crowdship.tariffs.loading import load
from crowdship.tariffs.model import Validity, in_force
from crowdship.tariffs.tariff import Ordered, Tariff
from crowdship.zones.model import Zone
from tests.city import settings as zone_settings

MONDAY = date(2026, 6, 1)
WEEK = tuple({"day": day, "opens": "00:00", "closes": "00:00"} for day in ("monday", "sunday"))
SURGE = {"curve": [{"pressure": 1, "percent": 100}, {"pressure": 3, "percent": 200}], "pay_share_percent": 70}


def rows(*texts, contract=False, zone_ids=("testville",)):
    pays = {} if contract else {"pay_base": "3.00", "pay_per_km": "0.50"}
    return load(
        [{"charge_base": "6.00", "charge_per_km": "1.00", **pays, **each} for each in texts],
        currency="USD",
        zone_ids=zone_ids,
        starts_on=date(2026, 1, 1),
        ends_on=None,
        contract=contract,
    )


def a_sheet(*texts, name="ptb_1", contract=False, surge=SURGE):
    return Sheet(id=name, currency="USD", rows=rows(*texts, contract=contract), surge=None if contract else surge)


def a_trip(**fields):
    given = {"zone_id": "testville", "metres": 2500, "seconds": 600, "day": MONDAY, "minute": 720}
    return PricedTrip(**{**given, **fields})


def codes(parts):
    return {part.code: part.amount.amount for part in parts}


def test_a_trip_is_priced_by_its_row_and_keeps_which_one_it_was():
    price = price_by(a_sheet({}, {"goods": "alcohol", "charge_base": "8.00"}), a_trip(goods="alcohol"))
    assert codes(price.charge) == {"base": 800, "distance": 250}
    assert codes(price.pay) == {"base": 300, "distance": 125}
    assert (price.versions.table_id, price.versions.table_row) == ("ptb_1", 2)


@pytest.mark.parametrize(
    ("trip", "number"),
    [
        ({}, 1),
        ({"zone_id": "pilsen"}, 2),
        ({"goods": "alcohol", "urgent": True, "size": "large"}, 3),
        ({"urgent": True, "size": "large"}, 4),
        ({"size": "large", "day": date(2026, 12, 24), "minute": 1100}, 5),
        ({"day": date(2026, 12, 24), "minute": 1100}, 6),
        ({"minute": 1100}, 7),
        ({"minute": 1200}, 1),
    ],
    ids=["general", "zone", "goods before urgency", "urgency before size", "size before dates", "dates before hours",
         "hours", "the end of a band is not in it"],
)  # fmt: skip
def test_the_most_specific_row_prices(trip, number):
    texts = (
        {},
        {"zone": "pilsen"},
        {"goods": "alcohol"},
        {"urgency": "urgent"},
        {"size": "large"},
        {"valid_from": "2026-12-24", "valid_to": "2026-12-27"},
        {"from": "17:00", "to": "20:00"},
    )
    sheet = Sheet(id="ptb_1", currency="USD", rows=rows(*texts, zone_ids=("testville", "pilsen")))
    assert sheet.row_for(a_trip(**trip)).number == number


def test_minimum_further_size_time_and_urgent_are_parts_of_their_own():
    texts = {"charge_minimum": "20.00", "charge_further": "2.00", "charge_size": "1.00", "charge_per_minute": "0.10"}
    sheet = a_sheet({**texts, "charge_urgent": "3.00", "pay_urgent": "1.00"})
    price = price_by(sheet, a_trip(further=True, urgent=True))
    assert codes(price.charge) == {
        "base": 200, "distance": 250, "time": 100, "urgent": 300, "size": 100, "minimum": 1050
    }  # fmt: skip
    assert price.charge_total.amount == 2000
    assert codes(price.pay) == {"base": 300, "distance": 125, "urgent": 100}


def test_a_contract_sets_the_charge_and_leaves_the_pay():
    contract = a_sheet({"charge_base": "5.00", "goods": "alcohol"}, name="ptb_2", contract=True)
    with_it = price_by(a_sheet({}), a_trip(goods="alcohol"), contract)
    without = price_by(a_sheet({}), a_trip(goods="alcohol"))
    assert codes(with_it.charge) == {"base": 500, "distance": 250}
    assert with_it.pay == without.pay
    assert (with_it.versions.contract_id, with_it.versions.contract_row) == ("ptb_2", 1)
    assert price_by(a_sheet({}), a_trip(), contract).versions.contract_id is None


def test_a_contract_in_another_currency_prices_nothing():
    contract = a_sheet({"charge_base": "5.00"}, name="ptb_2", contract=True).model_copy(update={"currency": "EUR"})
    assert price_by(a_sheet({}), a_trip(), contract).versions.contract_id is None


@pytest.mark.parametrize(("delivered", "base"), [(0, 600), (99, 600), (100, 500), (5000, 400)])
def test_a_tier_holds_from_its_count_of_deliveries_on(delivered, base):
    tiers = ({}, {"delivered_from": "100", "charge_base": "5.00"}, {"delivered_from": "1000", "charge_base": "4.00"})
    price = price_by(a_sheet({}), a_trip(delivered=delivered), a_sheet(*tiers, name="ptb_2", contract=True))
    assert codes(price.charge)["base"] == base


def test_a_surge_is_a_part_of_the_charge_and_its_share_a_part_of_the_pay():
    price = price_by(a_sheet({}), a_trip(), None, "srg_1", 150)
    assert codes(price.charge)["surge"] == 425
    assert codes(price.pay)["surge"] == 298
    assert (price.versions.surge_id, price.versions.surge_percent) == ("srg_1", 150)


def test_a_table_without_rules_of_surge_has_none():
    price = price_by(a_sheet({}, surge=None), a_trip(), None, "srg_1", 150)
    assert "surge" not in codes(price.charge)
    assert price.versions.surge_id is None


SHEETS = {
    "ptb_1": a_sheet(
        {"charge_per_minute": "0.13", "pay_per_minute": "0.11", "charge_minimum": "7.77"},
        {"goods": "alcohol", "charge_base": "8.05"},
        {"days": "fri-sun", "from": "17:30", "charge_base": "7.35", "pay_base": "4.01"},
        {"size": "bulky", "charge_size": "12.50", "pay_size": "7.15"},
    ),
    "ptb_2": a_sheet({"urgency": "urgent"}, {"urgency": "urgent", "delivered_from": "50", "charge_base": "5.01"},
                     name="ptb_2", contract=True),
}  # fmt: skip


@settings(max_examples=60)
@given(
    st.integers(0, 60_000),
    st.integers(0, 10_000),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, "alcohol"]),
    st.sampled_from([*SizeClass]),
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.integers(0, 1439),
    st.integers(0, 200),
    st.integers(100, 200),
    st.booleans(),
)
def test_a_price_is_computed_again_from_what_it_keeps_to_the_same_cents(
    metres, seconds, urgent, further, goods, size, day, minute, delivered, percent, agreed
):
    trip = a_trip(
        metres=metres, seconds=seconds, urgent=urgent, further=further, goods=goods, size=size, day=day,
        minute=minute, delivered=delivered,
    )  # fmt: skip
    made = price_by(SHEETS["ptb_1"], trip, SHEETS["ptb_2"] if agreed else None, "srg_1", percent).with_tip(150)
    stored = type(made).model_validate_json(made.model_dump_json())
    assert price_again(stored, SHEETS.__getitem__) == made


def zone(time_zone=None):
    hours = OpeningHours(time_zone=time_zone, week=WEEK) if time_zone else None
    return Zone(id="testville", settings=zone_settings().model_copy(update={"hours": hours}), stored_version=7)


def tariff(at, sheet, time_zone="America/Chicago", surge=None, tables=None):
    validities = tables or (Validity(table_id=sheet.id, currency="USD", starts_on=date(2026, 1, 1)),)
    return Tariff(zone(time_zone), at, validities, sheet=lambda table_id: sheet, surge=lambda: surge)


def ordered(at):
    return Ordered(begins=at, size=SizeClass.SMALL)


NIGHT = ({"to": "02:00"}, {"from": "02:00", "to": "03:00", "charge_base": "9.00"}, {"from": "03:00"})


def bases(moments):
    return [codes(tariff(at, a_sheet(*NIGHT)).price(ordered(at), 1000, 200).charge)["base"] for at in moments]


def test_on_the_day_on_which_the_clock_goes_forward_the_missing_hour_prices_nothing():
    # 8 March 2026 in Chicago: 01:59 is followed by 03:00.
    moments = [datetime(2026, 3, 8, 7, 59, tzinfo=UTC) + timedelta(minutes=minute) for minute in (0, 1, 61)]
    assert [at.astimezone(ZoneInfo("America/Chicago")).hour for at in moments] == [1, 3, 4]
    assert bases(moments) == [600, 600, 600]


def test_on_the_day_on_which_the_clock_goes_back_the_repeated_hour_is_priced_twice():
    # 1 November 2026 in Chicago: 01:00 to 02:00 comes twice, then 02:00.
    moments = [datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (6, 7, 8, 9)]
    assert bases(moments) == [600, 600, 900, 600]


@settings(max_examples=40)
@given(st.datetimes(datetime(2026, 1, 2), datetime(2027, 12, 31), timezones=st.just(UTC)))
def test_every_moment_of_every_year_has_one_row(at):
    price = tariff(at, a_sheet(*NIGHT)).price(ordered(at), 1000, 200)
    assert price.versions.table_row in (1, 2, 3)


def test_a_zone_without_a_table_uses_its_rate_card():
    at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    price = Tariff(zone(), at).price(ordered(at), 2000, 400)
    assert codes(price.charge) == {"base": 599, "distance": 190}
    assert (price.versions.rate_card, price.versions.table_id) == (7, None)


def test_what_is_fetched_later_has_no_surge():
    at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    now = SurgeAnnouncement(id="srg_1", percent=150, announced_at=at, holds_from=at, until=at + timedelta(hours=1))
    priced = tariff(at, a_sheet({}), surge=now)
    assert priced.price(ordered(at), 1000, 200).versions.surge_percent == 150
    assert priced.price(ordered(at + timedelta(hours=5)), 1000, 200).versions.surge_percent == 100


def test_a_surge_that_was_announced_under_another_table_stays_below_the_cap_of_the_table_that_prices():
    at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    now = SurgeAnnouncement(id="srg_1", percent=200, announced_at=at, holds_from=at, until=at + timedelta(hours=1))
    price = tariff(at, a_sheet({}, surge={**SURGE, "cap_percent": 120}), surge=now).price(ordered(at), 1000, 200)
    assert codes(price.charge) == {"base": 600, "distance": 100, "surge": 140}
    assert (price.versions.surge_id, price.versions.surge_percent) == ("srg_1", 120)


def test_the_table_that_began_last_holds_and_leaves_the_days_after_its_end_to_the_one_before():
    usual = Validity(table_id="ptb_usual", currency="USD", starts_on=date(2026, 1, 1))
    feast = usual.model_copy(
        update={"table_id": "ptb_feast", "starts_on": date(2026, 12, 24), "ends_on": date(2026, 12, 27)}
    )
    days = [date(2026, 12, day) for day in (23, 24, 26, 27)]
    holding = [in_force((feast, usual), day, "USD").table_id for day in days]
    assert holding == ["ptb_usual", "ptb_feast", "ptb_feast", "ptb_usual"]
    assert in_force((usual,), date(2025, 12, 31), "USD") is None


def test_a_table_in_another_currency_holds_for_no_price_and_leaves_it_to_the_one_before():
    dollars = Validity(table_id="ptb_usd", currency="USD", starts_on=date(2026, 1, 1))
    euros = Validity(table_id="ptb_eur", currency="EUR", starts_on=date(2026, 2, 1))
    day = date(2026, 6, 1)
    assert in_force((euros, dollars), day, "USD") == dollars
    assert in_force((euros, dollars), day, "EUR") == euros
    assert in_force((euros,), day, "USD") is None


def test_a_later_contract_in_another_currency_takes_no_charge_from_the_one_before():
    at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    table, agreed = a_sheet({}), a_sheet({"charge_base": "3.00"}).model_copy(update={"id": "ptb_2"})
    foreign = agreed.model_copy(update={"id": "ptb_3", "currency": "EUR"})
    sheets = {sheet.id: sheet for sheet in (table, agreed, foreign)}
    usual = Validity(table_id="ptb_1", currency="USD", starts_on=date(2026, 1, 1))
    dollars = usual.model_copy(update={"table_id": "ptb_2"})
    euros = Validity(table_id="ptb_3", currency="EUR", starts_on=date(2026, 2, 1))
    priced = Tariff(zone(), at, (usual,), contracts=(euros, dollars), sheet=sheets.__getitem__)
    price = priced.price(ordered(at), 1000, 200)
    assert (codes(price.charge)["base"], price.versions.contract_id) == (300, "ptb_2")


def test_another_way_is_priced_by_the_tables_and_the_surge_of_the_promise():
    at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    before = price_by(a_sheet({}), a_trip(), None, "srg_1", 150).raised_to(80)
    sheets = {"ptb_1": a_sheet({})}
    later = Tariff(zone(), at, sheet=sheets.__getitem__)
    after = later.price_again(before, ordered(at), 5000, 900)
    assert codes(after.charge) == {"base": 600, "distance": 500, "surge": 550}
    assert codes(after.pay)["raise"] == 80


def test_a_raise_never_falls():
    price = price_by(a_sheet({}), a_trip())
    raised = price.raised_to(100)
    assert raised.raised_to(60) is raised
    assert raised.raised_to(130).pay_total.amount == price.pay_total.amount + 130
    assert raised.charge == price.charge
