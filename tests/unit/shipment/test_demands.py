"""Demands of the law on goods: each rule by table, its places and days, closed hours by the local clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.deliveries.states import FailureReason
from crowdship.drivers.credentials import Credential
from crowdship.law.book import LAW, Book
from crowdship.shipment import demands as module
from crowdship.shipment.demands import ClosedHours, Demands, completed, demands_of, local_day, requirements_of
from crowdship.shipment.goods import PREFIX, Demand, categories, rule_of
from crowdship.shipment.requirements.registry import Requirements
from tests.city import NOON

NOWHERE: tuple[str, ...] = ()
US, TEXAS, CALIFORNIA, INDIANA = ("US",), ("US", "US-TX"), ("US", "US-CA"), ("US", "US-IN")


def test_every_category_has_a_name_and_rules_and_no_rule_is_of_none():
    assert {"alcohol", "tobacco", "cannabis", "prescription", "controlled_drug", "age_restricted", "cold_chain"} == set(
        categories()
    )
    known = {rule_of(goods, demand) for goods in categories() for demand in Demand}
    assert {rule for rule in LAW.kinds if rule.startswith(PREFIX)} <= known


@pytest.mark.parametrize("goods", categories())
def test_every_row_names_what_the_platform_knows(goods):
    """A slip in a table would demand a credential that nobody can hold, or a capture that no app can make."""
    for demand in Demand:
        for (rule, _), rows in LAW.rows.items():
            if rule != rule_of(goods, demand):
                continue
            for row in rows:
                match demand:
                    case Demand.CREDENTIALS:
                        assert all(Credential(name=name) for name in row.items)
                    case Demand.REFUSALS:
                        assert set(row.items) <= set(FailureReason), row.row
                    case Demand.CAPTURES:
                        flags = {name for name, value in Requirements() if value is False}
                        assert set(row.items) <= flags, row.row
                    case Demand.AFFIRMATIONS:
                        Requirements(affirmations=row.items)


@pytest.mark.parametrize(
    ("goods", "law", "expected"),
    [
        ("alcohol", INDIANA, {"minimum_age": 21}),
        ("alcohol", NOWHERE, {"minimum_age": 21}),
        ("alcohol", ("EU", "EU-ES"), {"minimum_age": 21}),
        (
            "alcohol",
            TEXAS,
            {"minimum_age": 21, "id_check": True, "affirmations": ("not_intoxicated", "of_age", "valid_id_seen")},
        ),
        ("alcohol", CALIFORNIA, {"minimum_age": 21, "affirmations": ("sealed_container", "valid_id_seen")}),
        ("tobacco", INDIANA, {"minimum_age": 21}),
        ("tobacco", NOWHERE, {"minimum_age": 21}),
        ("age_restricted", INDIANA, {"minimum_age": 18}),
        ("cannabis", CALIFORNIA, {"minimum_age": 21, "id_check": True}),
        ("cannabis", INDIANA, {"minimum_age": 21}),
        ("prescription", INDIANA, {"signature": True, "recipient_relation": True, "custody_scan": True}),
        (
            "controlled_drug",
            INDIANA,
            {
                "signature": True,
                "recipient_relation": True,
                "custody_scan": True,
                "id_check": True,
                "printed_name": True,
            },
        ),
    ],
)
def test_captures_of_each_rule_set_at_its_places(goods, law, expected):
    assert requirements_of(goods, law, law, NOON).model_dump(exclude_unset=True) == expected


@pytest.mark.parametrize(
    ("goods", "law", "expected"),
    [
        ("alcohol", INDIANA, set()),
        ("alcohol", TEXAS, {"age_21", "alcohol_certificate"}),
        ("alcohol", CALIFORNIA, {"alcohol_certificate"}),
        ("cannabis", CALIFORNIA, {"age_21", "cannabis_employee"}),
        ("cannabis", INDIANA, set()),
        ("prescription", NOWHERE, {"pharmacy_training"}),
        ("controlled_drug", US, {"pharmacy_training", "background_check"}),
        ("cold_chain", US, {"cold_chain_training"}),
        ("tobacco", TEXAS, set()),
    ],
)
def test_credentials_of_each_rule_set_at_its_places(goods, law, expected):
    assert set(demands_of(goods, law, law, NOON).credentials) == expected


@pytest.mark.parametrize(
    ("goods", "law", "flag", "expected"),
    [
        ("cannabis", CALIFORNIA, "dedicated_only", True),
        ("cannabis", NOWHERE, "dedicated_only", True),
        ("alcohol", TEXAS, "dedicated_only", False),
        ("alcohol", TEXAS, "disposition", True),
        ("alcohol", CALIFORNIA, "disposition", False),
        ("prescription", INDIANA, "no_swap", True),
        ("alcohol", TEXAS, "no_swap", False),
        ("tobacco", US, "attended", True),
        ("cold_chain", US, "attended", False),
    ],
)
def test_conditions_of_each_rule_set_at_its_places(goods, law, flag, expected):
    assert getattr(demands_of(goods, law, law, NOON), flag) is expected


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        (INDIANA, {"intoxicated"}),
        (TEXAS, {"intoxicated", "no_valid_id"}),
        (NOWHERE, {"intoxicated"}),
    ],
)
def test_reasons_by_which_alcohol_is_refused(law, expected):
    assert set(demands_of("alcohol", law, law, NOON).refusals) == expected


def test_other_goods_have_no_demands():
    assert demands_of(None, TEXAS, TEXAS, NOON) is None
    said = Requirements(photo=True)
    assert completed(said, None, TEXAS, TEXAS, NOON) is said


def test_a_pickup_in_one_state_and_a_drop_off_in_another_have_the_law_of_both():
    """Texarkana: the shop is in Texas, the customer in Arkansas; and a customer in California of a shop in Nevada."""
    arkansas, nevada = ("US", "US-AR"), ("US", "US-NV")
    assert demands_of("alcohol", TEXAS, arkansas, NOON).credentials == ("age_21", "alcohol_certificate")
    assert requirements_of("alcohol", TEXAS, arkansas, NOON).id_check
    assert demands_of("alcohol", nevada, CALIFORNIA, NOON).closed
    assert not demands_of("alcohol", CALIFORNIA, nevada, NOON).closed, "hours are those of the door"
    both = demands_of("alcohol", TEXAS, CALIFORNIA, NOON)
    assert set(both.refusals) == {"intoxicated", "no_valid_id"}
    assert set(requirements_of("alcohol", TEXAS, CALIFORNIA, NOON).affirmations) == {
        "not_intoxicated",
        "of_age",
        "sealed_container",
        "valid_id_seen",
    }


def test_the_rules_that_were_applied_are_named_with_their_sources():
    rules = {each.rule: each for each in demands_of("cannabis", CALIFORNIA, CALIFORNIA, NOON).rules}
    dedicated = rules["goods_cannabis_dedicated_only"]
    assert (dedicated.jurisdiction, dedicated.source, dedicated.status, dedicated.value) == (
        "US-CA",
        "4 CCR 15415",
        "published",
        "yes",
    )


# -- days


def at_midnight(zone: str, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at_midnight("America/Los_Angeles", date(2022, 7, 1)) - timedelta(seconds=1), ()),
        (at_midnight("America/Los_Angeles", date(2022, 7, 1)), ("alcohol_certificate",)),
    ],
)
def test_the_law_changes_at_local_midnight(moment, expected):
    assert demands_of("alcohol", CALIFORNIA, CALIFORNIA, moment).credentials == expected


def test_the_law_of_the_hand_overs_day_adds_to_what_was_agreed(tmp_path, monkeypatch):
    """An order of the evening before a law begins is handed over by the new law after midnight."""
    book = changed_book(tmp_path, "US-IN,goods_alcohol_captures,2026-06-02,,signature,list,published,Test,")
    monkeypatch.setattr(module, "LAW", book)
    midnight = at_midnight("America/Indianapolis", date(2026, 6, 2))
    agreed = completed(Requirements(), "alcohol", INDIANA, INDIANA, midnight - timedelta(hours=2))
    assert not agreed.signature
    eve = completed(agreed, "alcohol", INDIANA, INDIANA, midnight - timedelta(hours=1, seconds=1))
    assert not eve.signature
    assert completed(agreed, "alcohol", INDIANA, INDIANA, midnight + timedelta(hours=1)).signature


def test_a_new_rule_set_needs_rows_and_no_code(tmp_path, monkeypatch):
    row = "*,goods_fireworks_minimum_age,2020-01-01,,18,years,published,Test,"
    kind = "goods_fireworks_minimum_age,years,more,both,Whoever takes fireworks is at least this old."
    monkeypatch.setattr(module, "LAW", changed_book(tmp_path, row, kind))
    assert requirements_of("fireworks", INDIANA, INDIANA, NOON) == Requirements(minimum_age=18)


def changed_book(folder, row, kind=None):
    """Return the book of law with one row more, and one kind of rule more."""
    source = LAW._folder
    (folder / "tables").mkdir()
    for file in (*source.glob("*.csv"), *source.glob("tables/*.csv")):
        (folder / file.relative_to(source)).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    with (folder / "tables" / "goods.csv").open("a", encoding="utf-8") as table:
        table.write(f"{row}\n")
    if kind:
        with (folder / "rules.csv").open("a", encoding="utf-8") as kinds:
            kinds.write(f"{kind}\n")
    return Book(folder)


@pytest.mark.parametrize(
    ("law", "moment", "expected"),
    [
        (CALIFORNIA, datetime(2026, 6, 2, 6, 59, tzinfo=UTC), date(2026, 6, 1)),
        (CALIFORNIA, datetime(2026, 6, 2, 7, 0, tzinfo=UTC), date(2026, 6, 2)),
        # The earlier day counts where nobody knows which of several clocks is that at the door.
        (TEXAS, datetime(2026, 6, 2, 5, 30, tzinfo=UTC), date(2026, 6, 1)),
        (TEXAS, datetime(2026, 6, 2, 6, 0, tzinfo=UTC), date(2026, 6, 2)),
        (NOWHERE, datetime(2026, 6, 2, 11, 59, tzinfo=UTC), date(2026, 6, 1)),
        # Near a border both sides count: in January it is an hour earlier in Nevada's west than in Utah.
        (("US", "US-NV", "US-UT"), datetime(2026, 1, 2, 7, 30, tzinfo=UTC), date(2026, 1, 1)),
        (("US", "US-UT", "US-NV"), datetime(2026, 1, 2, 7, 30, tzinfo=UTC), date(2026, 1, 1)),
        (("EU", "EU-DE"), datetime(2026, 1, 1, 23, 0, tzinfo=UTC), date(2026, 1, 2)),
    ],
)
def test_the_local_day_is_that_of_the_narrowest_jurisdiction(law, moment, expected):
    assert local_day(law, moment) == expected


# -- closed hours

LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def local(day: int, hour: int, minute: int = 0, month: int = 6, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LOS_ANGELES, fold=fold).astimezone(UTC)


IN_CALIFORNIA = demands_of("alcohol", CALIFORNIA, CALIFORNIA, NOON)


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        (local(2, 1, 59), None),
        (local(2, 2), local(2, 6)),
        (local(2, 5, 59), local(2, 6)),
        (local(2, 6), None),
        (local(1, 23, 59), None),
    ],
)
def test_alcohol_is_not_handed_over_in_california_from_two_to_six(moment, until):
    assert IN_CALIFORNIA.closed_until(moment) == until


@pytest.mark.parametrize(
    ("opens", "closes", "parts"),
    [
        (local(1, 20), local(1, 22), [(local(1, 20), local(1, 22))]),
        (local(2, 1), local(2, 7), [(local(2, 1), local(2, 2)), (local(2, 6), local(2, 7))]),
        (local(2, 2), local(2, 6), []),
        (local(2, 3), local(2, 6, 30), [(local(2, 6), local(2, 6, 30))]),
        (local(2, 1), local(2, 2), [(local(2, 1), local(2, 2))]),
        (
            local(1, 22),
            local(2, 22),
            [(local(1, 22), local(2, 2)), (local(2, 6), local(2, 22))],
        ),
    ],
)
def test_the_parts_of_a_window_that_the_hours_leave(opens, closes, parts):
    assert list(IN_CALIFORNIA.open_parts(opens, closes)) == parts


def test_in_the_night_of_the_change_to_summer_time_the_closed_hours_are_three():
    """On 8 March 2026 the clocks go from 02:00 to 03:00, so that the hours begin as the wall says three."""
    begins = datetime(2026, 3, 8, 10, tzinfo=UTC)
    assert IN_CALIFORNIA.closed_until(begins - timedelta(minutes=1)) is None
    assert IN_CALIFORNIA.closed_until(begins) == datetime(2026, 3, 8, 13, tzinfo=UTC)


def test_in_the_night_of_the_change_to_winter_time_one_o_clock_comes_twice_and_both_are_open():
    """On 1 November 2026 the clocks go from 02:00 back to 01:00."""
    first, second = local(1, 1, 30, month=11), local(1, 1, 30, month=11, fold=1)
    assert second - first == timedelta(hours=1)
    assert IN_CALIFORNIA.closed_until(first) is None
    assert IN_CALIFORNIA.closed_until(second) is None
    assert IN_CALIFORNIA.closed_until(datetime(2026, 11, 1, 10, tzinfo=UTC)) == datetime(2026, 11, 1, 14, tzinfo=UTC)


def test_hours_that_end_on_the_next_day_and_begin_twice():
    night = ClosedHours(jurisdiction="US-CA", time_zone="America/Los_Angeles", begins=time(22), ends=time(1, 30))
    closed = Demands(closed=(night,))
    assert closed.closed_until(local(2, 0, 30)) == local(2, 1, 30)
    twice = closed.closed_until(local(1, 1, 15, month=11, fold=1))
    assert twice == local(1, 1, 30, month=11, fold=1), "they end at the second passing"


def test_hours_of_two_clocks_that_meet_are_one():
    both = Demands(
        closed=tuple(
            ClosedHours(jurisdiction="US-TX", time_zone=zone, begins=time(2), ends=time(6))
            for zone in ("America/Chicago", "America/Denver")
        )
    )
    assert both.closed_until(datetime(2026, 6, 2, 7, tzinfo=UTC)) == datetime(2026, 6, 2, 12, tzinfo=UTC)


hours = st.times().map(lambda each: each.replace(second=0, microsecond=0))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))


@given(hours, hours, moments, st.timedeltas(timedelta(minutes=1), timedelta(days=1)), st.floats(0, 1))
def test_a_moment_is_open_if_and_only_if_it_is_in_an_open_part(begins, ends, opens, length, share):
    closed = Demands(
        closed=(ClosedHours(jurisdiction="US-CA", time_zone="America/Los_Angeles", begins=begins, ends=ends),)
    )
    moment = opens + share * length
    within = any(first <= moment < last for first, last in closed.open_parts(opens, opens + length))
    if moment < opens + length:
        assert within == (closed.closed_until(moment) is None)


@given(st.sampled_from(categories()), st.sampled_from([NOWHERE, US, TEXAS, CALIFORNIA, INDIANA]), moments, moments)
def test_the_demands_of_two_moments_together_are_as_strict_as_each(goods, law, one, other):
    first, second = demands_of(goods, law, law, one), demands_of(goods, law, law, other)
    both = first.joined(second)
    for each in (first, second):
        assert set(both.credentials) >= set(each.credentials)
        assert set(both.closed) >= set(each.closed)
        for flag in ("dedicated_only", "attended", "no_swap", "disposition"):
            assert getattr(both, flag) >= getattr(each, flag)
