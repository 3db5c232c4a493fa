"""Files of orders, as people make them."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.intake.imports.orders_csv import COLUMNS, COUNTRY, MOST_ROWS, read
from crowdship.kernel.errors import Unprocessable

GOOD = {
    "external_id": "o-1",
    "customer": "Kim Lee",
    "phone": "+13125550123",
    "address": "9 Lake View",
    "dropoff_lat": "41.01",
    "dropoff_lon": "-87.01",
}


def text_of(*rows, delimiter=",", **dialect):
    columns = list(dict.fromkeys(name for row in rows for name in row))
    told = io.StringIO()
    writer = csv.DictWriter(told, columns, delimiter=delimiter, **dialect)
    writer.writeheader()
    writer.writerows(rows)
    return told.getvalue()


def sheet(*rows, **dialect):
    return read(text_of(*rows, **dialect).encode())


def faults(*rows):
    return {(fault.row, fault.column) for fault in sheet(*rows).faults}


def test_a_row_is_an_order():
    (request,) = sheet(GOOD).requests.values()
    assert request.external_id == "o-1"
    assert (request.dropoff.contact.name, request.dropoff.point.lat) == ("Kim Lee", 41.01)
    assert request.pickup is None


def test_every_column_reaches_its_place():
    row = {
        **GOOD,
        "order_number": "#1042",
        "company": "Lund & Sons",
        "email": "kim@example.com",
        "notes": "2nd bell, left",
        "pickup_name": "Annex",
        "pickup_phone": "+13125550100",
        "pickup_address": "3 Yard",
        "pickup_lat": "41",
        "pickup_lon": "-87",
        "pickup_opens_at": "2026-06-01T12:00:00Z",
        "pickup_closes_at": "2026-06-01T14:00:00+01:00",
        "dropoff_opens_at": "2026-06-01T13:00:00Z",
        "dropoff_closes_at": "2026-06-01T15:00:00Z",
        "weight_g": "500",
        "volume_l": "3",
        "tip": "250",
        "priority": "urgent",
        "photo": "yes",
        "signature": "no",
        "pin": "1",
        "minimum_age": "18",
        "skills": "cold_box two_people",
        "barcode": "yes",
        "id_check": "yes",
        "affirmations": "of_age not_intoxicated",
        "printed_name": "yes",
        "recipient_relation": "yes",
        "custody_scan": "yes",
        "temperature_least_c": "2",
        "temperature_most_c": "8.5",
        "parcel_codes": "00340123450000000018 00340123450000000025",
    }
    assert row.keys() == COLUMNS.keys()
    (request,) = sheet(row).requests.values()
    told = request.model_dump(mode="json", exclude_defaults=True)
    for name, path in COLUMNS.items():
        part = told
        for key in path:
            part = part.get(key, {})
        assert part or name == "signature", name


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_files_of_all_spreadsheets_are_read(delimiter, ending, mark):
    row = {**GOOD, "address": f"9 Lake View{delimiter} rear", "notes": 'the "blue"\r\ndoor'}
    text = mark + text_of(row, delimiter=delimiter, lineterminator=ending)
    (request,) = read(text.encode()).requests.values()
    # An address is one line, in which a tab is a space.
    assert request.dropoff.contact.address == f"9 Lake View{delimiter} rear".replace("\t", " ")
    assert request.dropoff.contact.notes == 'the "blue"\r\ndoor'


def test_excels_own_first_line_and_decimal_commas_are_understood():
    text = "sep=;\r\n" + text_of({**GOOD, "dropoff_lat": "41,01", "dropoff_lon": "-87,01"}, delimiter=";")
    (request,) = read(text.encode()).requests.values()
    assert (request.dropoff.point.lat, request.dropoff.point.lon) == (41.01, -87.01)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("first", ["sep=\t\r", 'sep=\t"\n', '"sep=\t"\r\n', "SEP=\t\t\t\r\n"])
def test_a_first_line_that_names_the_separator_counts_in_any_encoding(first, encoding):
    text = first.replace('\t"\n', "\t\n") + text_of({**GOOD, "customer": "Lee, Kim; Zoë"}, delimiter="\t")
    (request,) = read(text.encode(encoding)).requests.values()
    assert request.dropoff.contact.name == "Lee, Kim; Zoë"


def test_what_a_spreadsheet_leaves_behind_the_columns_and_rows_is_nothing():
    text = text_of({**GOOD, " Tip ": "300"}).replace("\r\n", ",,\r\n").replace("dropoff_lat", "Dropoff Lat")
    told = read((text + ",,,,,,,,,\r\n\r\n").encode())
    assert not told.faults
    assert told.requests[2].tip == 300
    assert [fault.code for fault in read(text.replace("300,", "300,x").encode()).faults] == ["too_many_cells"]


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("tip", "3.00", "minor units of the zone's currency (cents, where it has them): write 300 for 3.00."),
        ("tip", "3,00", "write 300 for 3.00."),
        ("tip", "0.50", "write 50 for 0.50."),
        ("tip", "3.0", "tip is in minor units of the zone's currency (cents, where it has them): write a whole number"),
        ("tip", "1,000", "write a whole number"),
        ("tip", "1.000", "write a whole number"),
        ("tip", "1 000", "write a whole number"),
        ("tip", "$3", "write a whole number"),
        ("tip", "3 €", "write a whole number"),
        ("tip", "10%", "write a whole number"),
        ("tip", "3E+2", "write a whole number"),
        ("tip", "3e2", "write a whole number"),
        ("tip", "+3", "write a whole number"),
        ("tip", "٣٠٠", "write a whole number"),
        ("tip", "1_000", "write a whole number"),
        ("tip", "NaN", "write a whole number"),
        ("tip", "=3*100", "write a whole number"),
        ("weight_g", "2.0", "weight_g is in grams: write a whole number"),
        ("weight_g", "2 kg", "weight_g is in grams"),
        ("volume_l", "1,5", "volume_l is in litres"),
        ("minimum_age", "18.0", "minimum_age is in years"),
        ("dropoff_lat", "4.101E+01", "dropoff_lat is in degrees: write a decimal number"),
        ("dropoff_lat", "41° 0' 36\" N", "dropoff_lat is in degrees"),
        ("dropoff_lon", "1.234,5", "dropoff_lon is in degrees"),
        ("photo", "perhaps", "photo is yes or no"),
        ("phone", "1.31E+10", "phone was shortened by a spreadsheet"),
        ("phone", "1,31255501E10", "phone was shortened by a spreadsheet"),
        ("external_id", "5.67891E+12", "external_id was shortened by a spreadsheet"),
        ("parcel_codes", "A1 3.4E+17", "parcel_codes was shortened by a spreadsheet"),
        ("dropoff_opens_at", "01.06.2026 15:00", "write a time with its offset as RFC 3339 has it"),
    ],
)
def test_a_number_is_taken_in_the_unit_of_its_column_alone_and_what_would_be_right_is_told(column, cell, told):
    row = {**GOOD, column: cell}
    if column == "dropoff_opens_at":
        row["dropoff_closes_at"] = "2026-06-01T16:00:00Z"
    (fault,) = sheet(row).faults
    assert (fault.row, fault.column) == (2, column)
    assert told in fault.detail


def test_whole_numbers_flags_and_words_are_read_however_they_are_written():
    row = {**GOOD, "tip": ' ="0300" ', "weight_g": "007", "photo": "TRUE", "pin": "No", "priority": "Urgent"}
    (request,) = sheet({**row, "external_id": '="00042"', "phone": "'+1 312 555 0123 ext 45"}).requests.values()
    assert (request.tip, request.parcel.weight_g, request.external_id) == (300, 7, "00042")
    assert (request.requirements.photo, request.requirements.pin, str(request.priority)) == (True, False, "urgent")
    contact = request.dropoff.contact
    assert (contact.phone, contact.notes) == ("+13125550123", "phone extension 45")


def test_a_phone_that_is_no_number_is_told_what_would_be_right():
    (fault,) = sheet({**GOOD, "phone": "312 555 0123"}).faults
    assert fault.detail == "it needs a + and the country's code in front, for example +13125550123."


def test_a_phone_may_be_written_as_in_its_country():
    rows = ({**GOOD, COUNTRY: "us", "phone": "(312) 555-0123"}, {**GOOD, "external_id": "2", "phone": "13125550123"})
    told = sheet(*rows)
    assert told.requests[2].dropoff.contact.phone == "+13125550123"
    assert [(fault.row, fault.column) for fault in told.faults] == [(3, "phone")]


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        ({"external_id": ""}, {"external_id"}),
        ({"external_id": "é"}, {"external_id"}),
        ({"customer": " "}, {"customer"}),
        ({"phone": ""}, {"phone"}),
        ({"phone": "Kim", "tip": "Kim", "dropoff_lat": "Kim"}, {"phone", "tip", "dropoff_lat"}),
        ({"dropoff_lat": "91"}, {"dropoff_lat"}),
        ({"dropoff_lon": "nan"}, {"dropoff_lon"}),
        ({"email": "Kim"}, {"email"}),
        ({"notes": "x" * 501}, {"notes"}),
        ({"weight_g": "1.5"}, {"weight_g"}),
        ({"photo": "perhaps"}, {"photo"}),
        ({"priority": "asap"}, {"priority"}),
        ({"minimum_age": "15"}, {"minimum_age"}),
        ({"pickup_lat": "41"}, {"pickup_lon", "pickup_name", "pickup_phone", "pickup_address"}),
        ({"pickup_opens_at": "2026-06-01T12:00:00Z"}, {"pickup_closes_at"}),
        (
            {"dropoff_opens_at": "2026-06-01T12:00:00Z", "dropoff_closes_at": "2026-06-01T11:00:00Z"},
            {"dropoff_opens_at"},
        ),
    ],
)
def test_what_is_wrong_is_pointed_at_and_not_repeated(changes, columns):
    told = sheet({**GOOD, **changes})
    assert {(fault.row, fault.column) for fault in told.faults} == {(2, column) for column in columns}
    assert not told.requests
    assert "Kim" not in str(told.faults)


def test_everything_that_is_wrong_is_told_at_once_with_the_spreadsheets_row_numbers():
    text = text_of(GOOD, {**GOOD, "external_id": "2", "notes": "a\nb"}, {**GOOD, "external_id": "3", "tip": "x"})
    text = text.replace("o-1,", "\r\no-1,", 1).replace("9 Lake View", "", 1)
    assert [fault.pointer for fault in read(text.encode()).faults] == ["/rows/3/address", "/rows/5/tip"]


def test_an_external_id_that_comes_twice_names_the_first_row():
    told = sheet(GOOD, {**GOOD, "external_id": "2"}, GOOD)
    assert [(fault.row, fault.code) for fault in told.faults] == [(4, "external_id_twice")]
    assert "Row 2" in told.faults[0].detail


def test_a_row_with_a_cell_too_many_is_refused_and_one_with_fewer_is_padded():
    text = text_of(GOOD) + "o-2,Kim,+13125550123,9 Lake View,41,-87,x\r\no-3,Kim,+13125550123,9 Lake View\r\n"
    assert {(f.row, f.column) for f in read(text.encode()).faults} == {
        (3, None),
        (4, "dropoff_lat"),
        (4, "dropoff_lon"),
    }


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "wrong_columns"),
        (b"\xff\xfeo\x00", "wrong_columns"),
        (b"\xff\xfeo", "wrong_encoding"),
        (text_of({**GOOD, "customer": "Zoë"}).encode("cp1252"), "wrong_encoding"),
        (text_of({**GOOD, "customer": "Zo\ufffd"}).encode(), "wrong_encoding"),
        (text_of({**GOOD, "customer": "a\0b"}).encode(), "wrong_encoding"),
        (text_of(GOOD).encode("utf-16-le"), "wrong_encoding"),
        (b'{"external_id": "1"}', "wrong_columns"),
        (text_of({**GOOD, "colour": "red"}).encode(), "wrong_columns"),
        (text_of({"": "red", **GOOD}).encode(), "wrong_columns"),
        (text_of({**GOOD, "Tip": "1", "tip ": "2"}).encode(), "wrong_columns"),
        (text_of({k: v for k, v in GOOD.items() if k != "phone"}).encode(), "wrong_columns"),
        (text_of(GOOD).replace("customer", "phone").encode(), "wrong_columns"),
        (text_of(GOOD).replace("Kim Lee", '"Kim Lee').encode(), "malformed_csv"),
        (text_of(GOOD).replace("Kim Lee", '"Kim" Lee').encode(), "malformed_csv"),
        (text_of(GOOD).splitlines()[0].encode(), "no_orders"),
        (text_of(*({**GOOD, "external_id": str(n)} for n in range(MOST_ROWS + 1))).encode(), "too_many_rows"),
    ],
)
def test_a_file_that_can_not_be_read_as_a_whole_says_why(data, code):
    with pytest.raises(Unprocessable, match=code):
        read(data)


def test_a_cell_that_a_spreadsheet_would_run_stays_text_and_is_in_no_report():
    told = sheet(
        {**GOOD, "notes": '=HYPERLINK("http://x")', "customer": "+Kim"}, {**GOOD, "external_id": "=1+1", "tip": "=2"}
    )
    assert told.requests[2].dropoff.contact.notes.startswith("=HYPERLINK")
    assert "=" not in str([fault.detail for fault in told.faults])


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data):
    with suppress(Unprocessable):
        read(data)


@given(st.lists(st.fixed_dictionaries({name: st.text(max_size=12) for name in GOOD}), min_size=1, max_size=5))
def test_any_rows_are_orders_or_told_what_is_wrong(rows):
    with suppress(Unprocessable):
        told = sheet(*rows)
        wrong = {fault.row for fault in told.faults}
        assert not wrong & told.requests.keys()
        assert len(wrong) + len(told.requests) == told.rows
