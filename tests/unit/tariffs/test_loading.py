from datetime import date

import pytest

from crowdship.kernel.errors import Unprocessable
from crowdship.tariffs.cells import cells_of
from crowdship.tariffs.loading import load, read_csv

START = date(2026, 6, 1)
BASE = {"charge_base": "5.99", "charge_per_km": "0.95", "pay_base": "3.25", "pay_per_km": "0.55"}


def loaded(*rows, **fields):
    given = {"currency": "USD", "zone_ids": ("loop",), "starts_on": START, "ends_on": None, "contract": False}
    return load(rows, **{**given, **fields})


def refused(*rows, **fields):
    with pytest.raises(Unprocessable) as refusal:
        loaded(*rows, **fields)
    return refusal.value


def told(*rows, **fields):
    return refused(*rows, **fields).errors[0]


def test_a_row_is_read_into_minor_units():
    (row,) = loaded(BASE)
    assert (row.charge.base, row.charge.per_km, row.pay.base, row.number) == (599, 95, 325, 1)


def test_a_csv_has_a_head_and_may_be_as_a_spreadsheet_writes_it():
    rows = read_csv("\ufeffzone,charge_base,pay_base\r\nloop,5.99,3.25\r\n")
    assert rows == [{"zone": "loop", "charge_base": "5.99", "pay_base": "3.25"}]


@pytest.mark.parametrize(
    "text", ["a,a\n1,2", "a,b\n1,2,3", 'a,b\n"1,2'], ids=["a column twice", "too many cells", "an open quote"]
)
def test_a_broken_csv_is_refused(text):
    with pytest.raises(Unprocessable) as refusal:
        read_csv(text)
    assert refusal.value.code == "not_csv"


@pytest.mark.parametrize(
    ("cells", "column", "part"),
    [
        ({"charge_base": "-1"}, "charge_base", "below zero"),
        ({"charge_base": "599"}, "charge_base", "more than 200 USD"),
        ({"pay_per_km": "95"}, "pay_per_km", "more than 50 USD"),
        ({"charge_base": "5.999"}, "charge_base", "no amount"),
        ({"charge_base": "NaN"}, "charge_base", "no amount"),
        ({"charge_base": "1e9"}, "charge_base", "more than"),
        ({"charge_base": "9E999999"}, "charge_base", "more than"),
        ({"charge_base": "-9E999999"}, "charge_base", "below zero"),
        ({"charge_base": "1E-999999"}, "charge_base", "no amount"),
        ({"charge_base": ""}, "charge_base", "empty"),
        ({"charge_base": "five"}, "charge_base", "no amount"),
        ({"goods": "gold"}, "goods", "none of"),
        ({"size": "huge"}, "size", "none of"),
        ({"urgency": "asap"}, "urgency", "none of"),
        ({"zone": "pilsen"}, "zone", "no zone of this table"),
        ({"days": "moonday"}, "days", "no day"),
        ({"from": "25:00"}, "from", "after the end"),
        ({"from": "9am"}, "from", "no time of day"),
        ({"from": "22:00", "to": "02:00"}, "to", "two rows"),
        ({"currency": "EUR"}, "currency", "the table is in USD"),
        ({"valid_from": "01.06.2026"}, "valid_from", "no day"),
        ({"return_percent": "160"}, "return_percent", "0 to 100"),
        ({"delivered_from": "100"}, "delivered_from", "contract"),
        ({"charge_further": "9.00"}, "charge_further", "more than the base"),
        ({"pay_base": "0", "pay_per_km": "0"}, "pay_base", "pay nothing"),
        ({"pay_base": "150"}, "pay_base", "4 times its charge"),
    ],
)
def test_a_wrong_cell_is_refused_with_its_row_and_what_would_be_right(cells, column, part):
    pointer, sentence = told(BASE, {**BASE, "zone": "loop", **cells})
    assert pointer == f"/rows/2/{column}"
    assert sentence.startswith(f"Row 2, {column}")
    assert part in sentence


def test_every_fault_of_a_file_is_told():
    refusal = refused({**BASE, "charge_base": "-1"}, {**BASE, "goods": "gold", "size": "huge"})
    assert [pointer for pointer, _ in refusal.errors] == ["/rows/1/charge_base", "/rows/2/goods", "/rows/2/size"]


def test_an_unknown_column_is_refused_with_those_that_there_are():
    refusal = refused({**BASE, "charge_per_mile": "1"})
    assert "charge_per_mile" in refusal.detail
    assert "charge_per_km" in refusal.detail


def test_a_table_without_rows_or_with_too_many_is_refused():
    assert "0 rows" in refused().detail
    assert "301 rows" in refused(*[BASE] * 301).detail


def test_a_yen_has_no_decimals_and_other_bounds():
    (row,) = loaded({"charge_base": "650", "pay_base": "400"}, currency="JPY")
    assert row.charge.base == 650


def test_two_rows_that_say_the_same_overlap():
    pointer, sentence = told(BASE, BASE)
    assert pointer == "/rows/2"
    assert "Row 2 overlaps row 1" in sentence


def test_bands_that_meet_in_one_minute_overlap():
    rows = ({**BASE, "days": "fri", "from": "17:00", "to": "20:01"}, {**BASE, "days": "mon-fri", "from": "20:00"})
    assert "Row 3 overlaps row 2" in told(BASE, *rows)[1]


def test_dates_that_meet_overlap_and_those_that_touch_do_not():
    june, july = {**BASE, "valid_to": "2026-07-01"}, {**BASE, "valid_from": "2026-07-01"}
    assert len(loaded(june, july)) == 2
    assert "overlaps" in told(june, {**july, "valid_from": "2026-06-30"})[1]


def test_rows_that_differ_in_how_specific_they_are_may_meet():
    friday = {**BASE, "days": "fri", "from": "17:00", "to": "20:00"}
    assert len(loaded(BASE, friday, {**BASE, "goods": "alcohol"}, {**BASE, "size": "large"})) == 4


@pytest.mark.parametrize(
    ("rows", "part"),
    [
        ([{**BASE, "from": "06:00"}], "mon at 00:00"),
        ([{**BASE, "to": "23:59"}], "mon at 23:59"),
        ([{**BASE, "days": "mon-fri"}], "sat at 00:00"),
        ([{**BASE, "to": "12:00"}, {**BASE, "from": "12:30"}], "mon at 12:00"),
        ([{**BASE, "valid_to": "2026-07-01"}], "from 2026-07-01 on"),
        ([{**BASE, "goods": "alcohol"}], "mon at 00:00"),
    ],
    ids=["a morning", "the last minute", "the weekend", "half an hour", "the end of its rows", "goods without rules"],
)
def test_a_gap_is_refused_with_the_row_before_it(rows, part):
    pointer, sentence = told(*rows)
    assert pointer.startswith("/rows")
    assert "no general row" in sentence
    assert part in sentence


def test_a_gap_in_one_zone_of_several_is_told_for_that_zone():
    rows = ({**BASE, "zone": "loop"},)
    assert "Zone pilsen" in told(*rows, zone_ids=("loop", "pilsen"))[1]


def test_bands_may_cover_the_day_together():
    rows = ({**BASE, "to": "12:00"}, {**BASE, "from": "12:00", "to": "18:00"}, {**BASE, "from": "18:00"})
    assert len(loaded(*rows)) == 3


def test_rows_outside_of_the_days_of_the_table_are_refused():
    ends = date(2026, 7, 1)
    assert "beyond" in told({**BASE, "valid_from": "2026-05-01"}, ends_on=ends)[1]
    assert "before it begins" in told({**BASE, "valid_from": "2026-06-20", "valid_to": "2026-06-10"}, ends_on=ends)[1]


def test_a_contract_sets_the_charge_alone_and_need_not_cover_everything():
    tiers = ({"charge_base": "5.50", "days": "sat"}, {"charge_base": "5.00", "days": "sat", "delivered_from": "100"})
    rows = loaded(*tiers, contract=True)
    assert [row.delivered_from for row in rows] == [0, 100]
    assert "charge alone" in told({"charge_base": "5.50", "pay_base": "3"}, contract=True)[1]


def test_what_was_loaded_is_written_as_it_can_be_loaded_again():
    rows = loaded(
        BASE,
        {**BASE, "zone": "loop", "goods": "alcohol", "urgency": "urgent", "size": "large", "days": "sat-sun"},
        {**BASE, "from": "17:00", "to": "20:30", "valid_to": "2026-07-01", "charge_further": "2.99"},
    )
    again = loaded(*(cells_of(row, "USD") for row in rows))
    assert again == rows
