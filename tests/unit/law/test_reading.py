"""Tables of law that leave a doubt are refused, with file and line."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.law.jurisdictions import read_jurisdictions
from crowdship.law.model import EVERYWHERE, RulePlace, Status, Stricter
from crowdship.law.reading import RULE_COLUMNS, TABLE_COLUMNS, TableError, read_kinds, read_tables
from crowdship.law.values import JOINED, UNITS, UNORDERED

KINDS = read_kinds(
    "rules.csv",
    "\n".join(
        [
            ",".join(RULE_COLUMNS),
            "offer_window,seconds,more,pickup,Time to answer.",
            "review_days,days,less,home,Time to review.",
            "credentials,list,union,both,What is demanded.",
            "closed,hours_span,union,dropoff,Closed hours.",
            "text,text,any,zone,A condition.",
            "rate,per_hour,more,pickup,A rate.",
            "flag,flag,more,zone,A flag.",
        ]
    ),
)
KNOWN = ("US", "US-CO", "US-WA-seattle")


def table(*rows):
    return "\n".join((",".join(TABLE_COLUMNS), *rows))


def read(*rows):
    return read_tables([("some.csv", table(*rows))], KINDS, KNOWN)


FIRST = "US-CO,offer_window,2025-01-01,2026-01-01,60,seconds,published,C.R.S.,"


def test_rows_that_follow_each_other_are_read_in_the_order_of_their_days():
    later = "US-CO,offer_window,2026-01-01,,90,seconds,published,C.R.S.,a note"
    (rules,) = read(later, FIRST).values()
    assert [(rule.number, rule.start, rule.end, rule.row) for rule in rules] == [
        (60, date(2025, 1, 1), date(2026, 1, 1), "some.csv:3"),
        (90, date(2026, 1, 1), None, "some.csv:2"),
    ]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("US-CO,offer_window,2026-02-01,,60,seconds,published,x,", "has a gap from 2026-01-01 to 2026-02-01"),
        ("US-CO,offer_window,2025-12-31,,60,seconds,published,x,", "overlaps some.csv:2, which ends 2026-01-01"),
        ("US-CO,offer_window,2025-01-01,2026-01-01,60,seconds,published,x,", "overlaps some.csv:2"),
        ("US-CO,offer_window,2026-01-01,2026-01-01,60,seconds,published,x,", "to is the first day after the rule"),
        ("US-CO,offer_window,2027-01-01,2026-01-01,60,seconds,published,x,", "to is the first day after the rule"),
        ("US-CO,offer_window,2026-02-30,,60,seconds,published,x,", "no day; write it as 2026-04-01"),
        ("US-CO,offer_window,1/1/2026,,60,seconds,published,x,", "from is '1/1/2026'"),
        ("US-CO,offer_window,,,60,seconds,published,x,", "from is ''"),
        ("US-CO,offer_window,2026-01-01,soon,60,seconds,published,x,", "to is 'soon'"),
        ("US-XX,offer_window,2026-01-01,,60,seconds,published,x,", "no jurisdiction 'US-XX'"),
        ("US-CO,offer_windows,2026-01-01,,60,seconds,published,x,", "no rule 'offer_windows'"),
        ("US-CO,offer_window,2026-01-01,,60,minutes,published,x,", "is in seconds, not in 'minutes'"),
        ("US-CO,offer_window,2026-01-01,,60,seconds,certain,x,", "'certain' is no status"),
        ("US-CO,offer_window,2026-01-01,,a minute,seconds,published,x,", "'a minute' is no value in seconds"),
        ("US-CO,offer_window,2026-01-01,,-60,seconds,published,x,", "'-60' is no value in seconds"),
        ("US-CO,offer_window,2026-01-01,,60.5,seconds,published,x,", "'60.5' is no value in seconds"),
        ("US-CO,offer_window,2026-01-01,,,seconds,published,x,", "'' is no value in seconds"),
        ("US-CO,offer_window,2026-01-01,,60,seconds,published,,", "no source"),
        ("US-CO,offer_window,2026-01-01,,59,seconds,pending,x,", "is pending with 59 after 60"),
        ("US-CO,offer_window,2026-01-01,,60,seconds,published,x", "it has 8 fields and not 9"),
        ("US-CO,offer_window,2026-01-01,,60,seconds,published,a,b,c", "it has 10 fields and not 9"),
        ("US-CO, offer_window,2026-01-01,,60,seconds,published,x,", "has spaces around it"),
        ('US-CO,offer_window,2026-01-01,,60,seconds,published,"x"y,', "is no CSV"),
        ("US,flag,2026-01-01,,true,flag,published,x,", "write yes or no"),
        ("US,rate,2026-01-01,,22.13,per_hour,published,x,", "an amount and its currency"),
        ("US,credentials,2026-01-01,,Age 21,list,published,x,", "lower snake case"),
        ("US,credentials,2026-01-01,,a;a,list,published,x,", "each name once"),
        ("US,closed,2026-01-01,,02:00-24:00,hours_span,published,x,", "hours of the local day"),
    ],
)
def test_a_wrong_row_is_refused_with_its_file_and_line(row, why):
    with pytest.raises(TableError) as refused:
        read(FIRST, row)
    assert refused.value.row == "some.csv:3"
    assert str(refused.value).startswith("some.csv:3: ")
    assert why in str(refused.value)


def test_of_two_rows_that_overlap_the_later_one_is_refused_wherever_it_stands():
    with pytest.raises(TableError, match=r"^some.csv:2: .*overlaps some.csv:3, which ends never"):
        read(FIRST, "US-CO,offer_window,2024-01-01,,60,seconds,published,x,")


def test_rows_of_two_files_overlap_as_those_of_one():
    other = "US-CO,offer_window,2025-06-01,,60,seconds,published,x,"
    with pytest.raises(TableError, match=r"^other.csv:2: .*overlaps some.csv:2"):
        read_tables([("some.csv", table(FIRST)), ("other.csv", table(other))], KINDS, KNOWN)


@pytest.mark.parametrize(
    ("rule", "unit", "before", "pending", "weaker"),
    [
        ("offer_window", "seconds", "60", "60", False),
        ("offer_window", "seconds", "60", "61", False),
        ("offer_window", "seconds", "60", "59", True),
        ("review_days", "days", "14", "13", False),
        ("review_days", "days", "14", "15", True),
        ("flag", "flag", "yes", "no", True),
        ("flag", "flag", "no", "yes", False),
        ("rate", "per_hour", "21.44 USD", "22.13 USD", False),
        ("rate", "per_hour", "22.13 USD", "22.12 USD", True),
        ("credentials", "list", "age_21", "age_21;certificate", False),
        ("credentials", "list", "age_21;certificate", "certificate", True),
        ("closed", "hours_span", "02:00-06:00", "02:00-06:00;22:00-23:00", False),
        ("closed", "hours_span", "02:00-06:00", "03:00-06:00", True),
        ("text", "text", "one", "one", False),
        ("text", "text", "one", "other", True),
    ],
)
def test_a_pending_row_that_would_weaken_the_one_before_it_is_refused(rule, unit, before, pending, weaker):
    rows = (
        f"US,{rule},2025-01-01,2026-01-01,{before},{unit},published,x,",
        f"US,{rule},2026-01-01,,{pending},{unit},pending,x,",
    )
    if weaker:
        with pytest.raises(TableError, match=r"some.csv:3: .* pending"):
            read(*rows)
    else:
        assert len(read(*rows)[rule, "US"]) == 2


def test_a_published_row_may_weaken_the_one_before_it():
    assert read(FIRST, "US-CO,offer_window,2026-01-01,,30,seconds,published,x,")


def test_two_currencies_of_one_rule_and_jurisdiction_are_refused():
    rows = (
        "US,rate,2025-01-01,2026-01-01,1 USD,per_hour,published,x,",
        "US,rate,2026-01-01,,1 EUR,per_hour,published,x,",
    )
    with pytest.raises(TableError, match=r"some.csv:3: .*another currency"):
        read(*rows)


def test_a_span_without_a_rule_is_a_row_of_its_own_and_needs_no_value():
    between = "US-CO,offer_window,2026-01-01,2027-01-01,,seconds,not_applicable,repealed,"
    again = "US-CO,offer_window,2027-01-01,,60,seconds,published,x,"
    rules = read(FIRST, between, again)["offer_window", "US-CO"]
    assert [rule.applies for rule in rules] == [True, False, True]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("Offer,seconds,more,pickup,x", "is no name"),
        ("offer,fortnights,more,pickup,x", "no unit 'fortnights'"),
        ("offer,seconds,most,pickup,x", "no stricter"),
        ("offer,seconds,union,pickup,x", "can't be joined"),
        ("offer,list,more,pickup,x", "not more or less"),
        ("offer,text,less,pickup,x", "not more or less"),
        ("offer,seconds,more,shop,x", "no place"),
        ("offer,seconds,more,pickup,", "no text"),
        ("first,seconds,more,pickup,again", "a second time"),
    ],
)
def test_a_wrong_kind_of_rule_is_refused(row, why):
    with pytest.raises(TableError, match=rf"rules.csv:3: .*{why}"):
        read_kinds("rules.csv", "\n".join((",".join(RULE_COLUMNS), "first,seconds,more,pickup,x", row)))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("us,United States,,,", "no code"),
        ("US-CO,Colorado,Mars/Olympus,,", "no time zone"),
        ("US-CO,,America/Denver,,", "no name"),
        ("US,again,,,", "a second time"),
        ("US-CO-x,X,,,1 2;3 4", "three corners"),
        ("US-CO-x,X,,,1 2;3 4;5", "no list of corners"),
        ("US-CO-x,X,,,1 2;3 4;95 6", "in degrees"),
    ],
)
def test_a_wrong_jurisdiction_is_refused(row, why):
    with pytest.raises(TableError, match=rf"jurisdictions.csv:3: .*{why}"):
        read_jurisdictions("jurisdictions.csv", f"code,name,timezones,counties,outline\nUS,United States,,,\n{row}")


def test_a_table_with_other_columns_is_refused():
    with pytest.raises(TableError, match=r"^some.csv:1: the columns must be jurisdiction,rule,from"):
        read_tables([("some.csv", "jurisdiction,rule\n")], KINDS, KNOWN)


DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@given(st.lists(st.tuples(DAYS, st.none() | DAYS), min_size=1, max_size=6))
def test_whatever_is_read_has_exactly_one_row_for_each_day_between_the_first_and_the_last(spans):
    rows = [f"US,offer_window,{start},{end or ''},60,seconds,published,x," for start, end in spans]
    whole = sorted(spans, key=lambda span: span[0])
    fits = all(end is None or start < end for start, end in spans) and all(
        before[1] == after[0] for before, after in pairwise(whole)
    )
    if not fits:
        with pytest.raises(TableError, match=r"^some.csv:\d+: "):
            read(*rows)
        return
    rules = read(*rows)["offer_window", "US"]
    last = rules[-1].end or date(2031, 1, 1)
    days = (rules[0].start + timedelta(days=number) for number in range((last - rules[0].start).days))
    assert all(sum(rule.covers(day) for rule in rules) == 1 for day in days)


@given(st.lists(st.integers(0, 99), min_size=2, max_size=5), st.data())
def test_no_pending_row_that_is_read_weakens_the_one_before_it(values, data):
    rows = [
        f"US,offer_window,{2020 + n}-01-01,{2021 + n}-01-01,{value},seconds,"
        f"{data.draw(st.sampled_from(['published', 'derived', 'pending']))},x,"
        for n, value in enumerate(values)
    ]
    try:
        rules = read(*rows)["offer_window", "US"]
    except TableError:
        return
    assert all(after.number >= before.number for before, after in pairwise(rules) if after.status is Status.PENDING)


@given(st.text(max_size=12), st.sampled_from(sorted(UNITS)))
def test_any_text_is_read_as_a_value_or_refused_with_a_sentence(written, unit):
    try:
        value = UNITS[unit](written)
    except ValueError as error:
        value = str(error)
    assert value not in {None, ""}


def test_the_names_in_the_tables_are_those_of_the_code():
    assert {"more", "less", "union", "any"} == set(Stricter)
    assert {"pickup", "dropoff", "both", "zone", "home"} == set(RulePlace)
    assert JOINED < UNORDERED < set(UNITS)
    assert EVERYWHERE == "*"
