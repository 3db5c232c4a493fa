"""The book of law answers for any day: worked examples of the tables, and the edges of days and places."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.geo import Point
from crowdship.law.book import LAW, Book
from crowdship.law.model import Status, Stricter
from crowdship.law.places import jurisdictions_of
from crowdship.law.values import Amount

DENVER = ("US", "US-CO", "US-CO-denver")
SEATTLE = ("US", "US-WA", "US-WA-king", "US-WA-seattle")
NEW_YORK = ("US", "US-NY", "US-NY-kings", "US-NY-new-york-city")
LOS_ANGELES = ("US", "US-CA", "US-CA-los-angeles")
MINNEAPOLIS = ("US", "US-MN", "US-MN-hennepin", "US-MN-minneapolis")
BOSTON = ("US", "US-MA", "US-MA-suffolk")
SPAIN = ("EU", "EU-ES")


@pytest.mark.parametrize(
    ("rule", "where", "on", "written", "status"),
    [
        ("offer_window", DENVER, "2024-12-31", None, None),
        ("offer_window", DENVER, "2025-01-01", "60", "published"),
        ("offer_window", SEATTLE, "2026-06-01", None, None),
        ("deactivation_notice_days", SEATTLE, "2024-12-31", None, None),
        ("deactivation_notice_days", SEATTLE, "2025-01-01", "14", "published"),
        ("deactivation_notice_days", NEW_YORK, "2025-11-30", None, None),
        ("deactivation_notice_days", NEW_YORK, "2026-06-01", "120", "pending"),
        ("deactivation_notice_days", DENVER, "2026-06-01", None, None),
        ("deactivation_policy_days", DENVER, "2026-06-01", "30", "published"),
        ("deactivation_hours", DENVER, "2026-06-01", "72", "published"),
        ("agency_reviews_reasons", SEATTLE, "2027-05-31", "no", "published"),
        ("agency_reviews_reasons", SEATTLE, "2027-06-01", "yes", "published"),
        ("deactivation_reasons_days", SPAIN, "2026-12-01", None, None),
        ("deactivation_reasons_days", SPAIN, "2026-12-02", "0", "published"),
        ("review_days", SPAIN, "2026-12-02", "14", "published"),
        ("decision_by_person", SPAIN, "2026-12-02", "yes", "published"),
        ("screening_wait", DENVER, "2026-06-01", "5", "derived"),
        ("screening_wait", LOS_ANGELES, "2026-06-01", "5", "published"),
        ("screening_assessment", LOS_ANGELES, "2026-06-01", "yes", "published"),
        ("screening_assessment", DENVER, "2026-06-01", None, None),
        ("no_required_hours", LOS_ANGELES, "2020-12-15", None, None),
        ("no_required_hours", LOS_ANGELES, "2020-12-16", "yes", "published"),
        ("no_required_acceptance", LOS_ANGELES, "2026-06-01", "yes", "published"),
        ("no_exclusivity", LOS_ANGELES, "2026-06-01", "yes", "published"),
        ("driving_limit_hours", LOS_ANGELES, "2026-06-01", "12", "published"),
        ("driving_limit_rest_hours", LOS_ANGELES, "2026-06-01", "6", "published"),
        ("engaged_wage_percent", LOS_ANGELES, "2026-06-01", "120", "published"),
        ("engaged_per_mile", LOS_ANGELES, "2021-12-31", "0.30 USD", "published"),
        ("engaged_per_mile", LOS_ANGELES, "2022-01-01", "0.32 USD", "published"),
        ("engaged_per_mile", LOS_ANGELES, "2023-06-01", "0.34 USD", "published"),
        ("engaged_per_mile", LOS_ANGELES, "2024-06-01", "0.35 USD", "published"),
        ("engaged_per_mile", LOS_ANGELES, "2025-06-01", "0.36 USD", "published"),
        ("engaged_per_mile", LOS_ANGELES, "2026-06-01", "0.37 USD", "derived"),
        ("minimum_wage", LOS_ANGELES, "2024-06-01", "16.00 USD", "published"),
        ("minimum_wage", LOS_ANGELES, "2025-06-01", "16.50 USD", "published"),
        ("minimum_wage", LOS_ANGELES, "2026-06-01", "16.90 USD", "published"),
        ("trip_hour_rate", NEW_YORK, "2023-07-11", None, None),
        ("trip_hour_rate", NEW_YORK, "2023-07-12", "17.96 USD", "published"),
        ("trip_hour_rate", NEW_YORK, "2024-04-01", "19.56 USD", "published"),
        ("trip_hour_rate", NEW_YORK, "2025-04-01", "21.44 USD", "published"),
        ("trip_hour_rate", NEW_YORK, "2026-03-31", "21.44 USD", "published"),
        ("trip_hour_rate", NEW_YORK, "2026-04-01", "22.13 USD", "published"),
        ("offer_per_minute", SEATTLE, "2024-06-01", "0.44 USD", "published"),
        ("offer_per_minute", SEATTLE, "2025-06-01", "0.45 USD", "published"),
        ("offer_per_minute", SEATTLE, "2026-06-01", "0.47 USD", "derived"),
        ("offer_per_mile", SEATTLE, "2025-06-01", "0.77 USD", "published"),
        ("offer_per_mile", SEATTLE, "2026-06-01", "0.80 USD", "derived"),
        ("offer_minimum", SEATTLE, "2025-06-01", "5.20 USD", "published"),
        ("offer_minimum", SEATTLE, "2026-06-01", "5.33 USD", "derived"),
        ("offer_per_mile", MINNEAPOLIS, "2026-06-01", None, None),
        ("offer_per_minute", MINNEAPOLIS, "2026-06-01", None, None),
        ("offer_minimum", MINNEAPOLIS, "2026-06-01", None, None),
        ("trip_hour_rate", BOSTON, "2026-06-01", None, None),
        ("offer_per_mile", ("US", "US-WA", "US-WA-spokane"), "2026-06-01", None, None),
        ("offer_per_minute", ("US", "US-WA", "US-WA-spokane"), "2026-06-01", None, None),
        ("tax_form_from", DENVER, "2025-12-31", "600 USD", "published"),
        ("tax_form_from", DENVER, "2026-01-01", "2000 USD", "published"),
        ("network_form_from", DENVER, "2026-06-01", "20000 USD", "published"),
        ("network_form_from", BOSTON, "2026-06-01", "600 USD", "published"),
        ("network_form_from", ("US", "US-RI"), "2026-06-01", "100 USD", "published"),
        ("backup_withholding", DENVER, "2026-06-01", "24", "published"),
        ("number_notice_wait", DENVER, "2026-06-01", "15", "published"),
    ],
)
def test_worked_examples(rule, where, on, written, status):
    found = LAW.strictest(rule, where, date.fromisoformat(on))
    assert (found and found.written, found and found.status) == (written, status)
    assert found is None or found.source


@pytest.mark.parametrize(
    ("jurisdiction", "rule"),
    [
        ("US-MN", "offer_per_mile"),
        ("US-MN", "offer_per_minute"),
        ("US-MN", "offer_minimum"),
        ("US-MN-minneapolis", "offer_per_mile"),
        ("US-MA", "trip_hour_rate"),
        ("US-WA", "offer_per_mile"),
        ("US-WA", "offer_per_minute"),
    ],
)
def test_laws_for_rideshare_are_kept_as_not_applicable_and_hold_nowhere(jurisdiction, rule):
    on = date(2026, 6, 1)
    row = LAW.in_force(rule, jurisdiction, on)
    assert row is not None
    assert row.status is Status.NOT_APPLICABLE
    assert row in LAW.all_in_force([jurisdiction], on)
    assert LAW.strictest(rule, [jurisdiction], on) is None


def test_seattle_counts_though_the_law_of_its_state_is_not_applicable():
    found = LAW.strictest("offer_per_mile", SEATTLE, date(2025, 6, 1))
    assert found
    assert (found.jurisdiction, found.value) == ("US-WA-seattle", Amount(Decimal("0.77"), "USD"))


def test_a_law_changes_at_midnight_of_its_place():
    begins = datetime(2025, 1, 1, 7, tzinfo=UTC)  # midnight in Denver
    assert LAW.strictest("offer_window", DENVER, begins - timedelta(seconds=1)) is None
    found = LAW.strictest("offer_window", DENVER, begins)
    assert found
    assert found.number == 60


def test_in_a_country_with_many_midnights_the_first_one_begins_a_law_and_the_last_one_ends_it():
    lower = Amount(Decimal(600), "USD")
    still = datetime(2026, 1, 1, 10, 59, tzinfo=UTC)  # 23:59 in American Samoa
    found = LAW.strictest("tax_form_from", ["US"], still)
    assert found
    assert found.value == lower
    later = LAW.strictest("tax_form_from", ["US"], still + timedelta(minutes=1))
    assert later
    assert later.value == Amount(Decimal(2000), "USD")


def test_a_pickup_in_one_city_and_a_drop_off_in_another_each_have_their_law():
    denver, seattle = Point(lat=39.7392, lon=-104.9903), Point(lat=47.6062, lon=-122.3321)
    places = {"pickup": jurisdictions_of(denver), "dropoff": jurisdictions_of(seattle)}
    turned = {"pickup": places["dropoff"], "dropoff": places["pickup"]}
    on = date(2026, 6, 1)
    window = LAW.at("offer_window", on, **places)
    assert window
    assert window.number == 60
    assert LAW.at("offer_window", on, **turned) is None
    assert LAW.at("safe_path_prompt", on, **places) is None
    assert LAW.at("safe_path_prompt", on, **turned)
    for one in (places, turned):  # either place counts
        least = LAW.at("offer_minimum", on, **one)
        assert least
        assert least.written == "5.33 USD"


def test_a_rule_of_the_zone_is_asked_of_the_zone():
    found = LAW.at("no_exclusivity", date(2026, 6, 1), zone=LOS_ANGELES)
    assert found
    assert found.value is True
    assert LAW.at("no_exclusivity", date(2026, 6, 1), pickup=LOS_ANGELES, dropoff=LOS_ANGELES) is None


def test_near_a_border_the_stricter_side_holds():
    nearly_denver = Point(lat=39.9985, lon=-102.0400)  # Kansas, 1 km from Colorado
    codes = jurisdictions_of(nearly_denver)
    assert {"US-KS", "US-CO"} <= set(codes)
    found = LAW.strictest("offer_window", codes, date(2026, 6, 1))
    assert found
    assert found.jurisdiction == "US-CO"


def test_an_unknown_rule_is_an_error_and_no_missing_law():
    with pytest.raises(KeyError):
        LAW.strictest("offer_windows", DENVER, date(2026, 6, 1))


def test_lists_of_several_jurisdictions_are_joined_with_their_sources():
    found = LAW.strictest("offer_disclosure", ("US-CO", "US-NY-new-york-city"), date(2026, 6, 1))
    assert found
    assert found.items == ("pay", "distance", "customer_payment", "route", "tip")
    assert found.jurisdiction == "US-CO, US-NY-new-york-city"
    assert "HB24-1129" in found.source
    assert "Local Law 114" in found.source


def book(tmp_path, kinds, rows):
    (tmp_path / "tables").mkdir()
    (tmp_path / "rules.csv").write_text("rule,unit,stricter,place,text\n" + "\n".join(kinds) + "\n")
    (tmp_path / "jurisdictions.csv").write_text(
        "code,name,timezones,counties,outline\n*,Everywhere,,,\nUS,US,America/New_York,,\nUS-CO,CO,America/Denver,,\n"
    )
    header = "jurisdiction,rule,from,to,value,unit,status,source,note\n"
    (tmp_path / "tables" / "some.csv").write_text(header + "".join(f"{row}\n" for row in rows))
    return Book(tmp_path)


def test_a_row_for_everywhere_holds_only_where_nobody_has_a_row(tmp_path):
    rows = ["*,age,2020-01-01,,18,years,published,ours,", "US,age,2024-01-01,,21,years,published,federal,"]
    law = book(tmp_path, ["age,years,more,dropoff,Age."], rows)
    assert [law.strictest("age", codes, date(2026, 1, 1)).number for codes in ((), ("EU",), ("US",))] == [18, 18, 21]
    assert law.strictest("age", ("US",), date(2023, 1, 1)).number == 18


def test_a_condition_in_words_is_that_of_the_narrowest_jurisdiction(tmp_path):
    rows = ["US,way,2020-01-01,,wide,text,published,x,", "US-CO,way,2020-01-01,,narrow,text,published,x,"]
    law = book(tmp_path, ["way,text,any,zone,Way."], rows)
    assert law.strictest("way", ("US", "US-CO"), date(2026, 1, 1)).value == "narrow"


@pytest.mark.parametrize(("stricter", "default", "reported", "holds"), [("more", 21, 18, 21), ("less", 18, 21, 18)])
def test_a_pending_row_does_not_weaken_the_row_for_everywhere(tmp_path, stricter, default, reported, holds):
    rows = [f"*,age,2020-01-01,,{default},years,derived,ours,", f"US-CO,age,2024-01-01,,{reported},years,pending,x,"]
    law = book(tmp_path, [f"age,years,{stricter},dropoff,Age."], rows)
    assert law.strictest("age", ("US", "US-CO"), date(2026, 1, 1)).number == holds


def test_a_pending_list_is_joined_with_that_for_everywhere(tmp_path):
    rows = ["*,held,2020-01-01,,one;two,list,derived,ours,", "US-CO,held,2024-01-01,,three,list,pending,x,"]
    law = book(tmp_path, ["held,list,union,both,Held."], rows)
    assert set(law.strictest("held", ("US-CO",), date(2026, 1, 1)).items) == {"one", "two", "three"}


def test_a_pending_condition_in_words_leaves_the_wider_one_in_force(tmp_path):
    rows = ["US,way,2020-01-01,,wide,text,published,x,", "US-CO,way,2020-01-01,,narrow,text,pending,x,"]
    law = book(tmp_path, ["way,text,any,zone,Way."], rows)
    assert law.strictest("way", ("US", "US-CO"), date(2026, 1, 1)).value == "wide"
    assert law.strictest("way", ("US-CO", "US"), date(2026, 1, 1)).value == "wide"


def test_an_empty_folder_of_tables_is_a_book_without_rules(tmp_path):
    law = book(tmp_path, ["age,years,more,dropoff,Age."], [])
    assert law.strictest("age", ("US",), date(2026, 1, 1)) is None


def test_each_kind_of_rule_has_a_row_and_each_sum_of_a_country_one_currency():
    named = {rule for rule, _ in LAW.rows}
    assert named == set(LAW.kinds)
    for rule in LAW.kinds:
        sums = [row for (name, _), rows in LAW.rows.items() if name == rule for row in rows]
        currencies = {(row.jurisdiction[:2], row.value.currency) for row in sums if isinstance(row.value, Amount)}
        assert len(currencies) == len({country for country, _ in currencies}), rule


CODES = st.lists(st.sampled_from(sorted(LAW.jurisdictions)), max_size=6)
RULES = st.sampled_from(sorted(LAW.kinds))
DAYS = st.dates(date(2019, 1, 1), date(2030, 1, 1))


@given(RULES, CODES, CODES, DAYS)
def test_more_jurisdictions_never_weaken_a_rule(rule, codes, more, on):
    kind = LAW.kinds[rule]
    alone, together = LAW.strictest(rule, codes, on), LAW.strictest(rule, codes + more, on)
    if alone is None or alone.jurisdiction == "*":
        return
    assert together is not None
    if kind.stricter is not Stricter.ANY and alone.value is not None:
        assert not kind.weakens(together.value, alone.value)


@given(RULES, CODES, DAYS)
def test_the_order_of_jurisdictions_changes_no_figure(rule, codes, on):
    kind = LAW.kinds[rule]
    one, other = LAW.strictest(rule, codes, on), LAW.strictest(rule, codes[::-1], on)
    if kind.stricter is Stricter.ANY or one is None or other is None:
        assert (one is None) == (other is None)
    elif kind.stricter is Stricter.UNION:
        assert set(one.value) == set(other.value)
    else:
        assert one.value == other.value


@given(RULES, st.sampled_from(sorted(LAW.jurisdictions)), DAYS)
def test_a_day_and_its_noon_have_the_same_rule_where_there_is_one_time_zone(rule, code, on):
    zones = LAW.jurisdictions[code].timezones
    if len(zones) > 1:
        return
    from zoneinfo import ZoneInfo

    noon = datetime(on.year, on.month, on.day, 12, tzinfo=ZoneInfo(zones[0]))
    assert LAW.in_force(rule, code, noon) == LAW.in_force(rule, code, on)


def test_a_rule_is_read_in_its_own_unit_only():
    rule = LAW.strictest("offer_window", DENVER, date(2026, 1, 1))
    assert rule
    with pytest.raises(TypeError, match="seconds"):
        _ = rule.items
    with pytest.raises(TypeError, match="flag"):
        _ = replace(rule, kind=LAW.kinds["no_exclusivity"], value=True).number
