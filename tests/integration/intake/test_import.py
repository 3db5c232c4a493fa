"""Files of orders become deliveries, all of them or none."""

import pytest

from crowdship.deliveries import service as deliveries
from crowdship.deliveries.store import DeliveryRow
from crowdship.intake.imports import service as importing
from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.vault import service as vault
from tests.city import City
from tests.faults import Lost, each_call_failing, failing_call
from tests.integration.intake.test_orders import Invocation
from tests.unit.intake.test_orders_csv import GOOD, text_of

pytestmark = pytest.mark.usefixtures("aws")


def file_of(count, **changes):
    rows = ({**GOOD, "external_id": f"o-{n}", "dropoff_lat": f"{41 + n / 100_000:.5f}"} for n in range(count))
    return text_of(*({**row, **changes} for row in rows)).encode()


def send(city, data, key="key-1", left_ms=10_000):
    return importing.import_once(city.merchant, data, key, city.clock, Invocation(left_ms))


def count():
    return sum(1 for row in DeliveryRow.scan() if row.sk == "DELIVERY" and row.pk.startswith("dlv_"))


def test_all_rows_become_deliveries_with_their_people_in_the_vault():
    city = City.open()
    report = send(city, file_of(70))
    assert (report.rows, len(report.deliveries), report.errors, report.dry_run) == (70, 70, (), False)
    assert count() == 70
    for told in (report.deliveries[0], report.deliveries[-1]):
        made = deliveries.find_external(city.merchant.id, told.external_id)
        assert made.id == told.delivery_id
        assert vault.contacts(made.contacts_token).dropoff.name == GOOD["customer"]
    assert [told.row for told in report.deliveries] == list(range(2, 72))


def test_a_dry_run_tells_the_same_and_makes_nothing():
    city = City.open()
    city.order("o-1")
    report = importing.try_file(city.merchant, file_of(3), city.clock)
    assert [(fault.row, fault.column, fault.code) for fault in report.errors] == [
        (3, "external_id", "external_id_used")
    ]
    assert [(told.row, told.delivery_id) for told in report.deliveries] == [(2, None), (4, None)]
    assert count() == 1


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"dropoff_lat": "51.5"}, "dropoff_lat", "outside_service_area"),
        ({"skills": "ladder"}, "skills", "unknown_skill"),
        (
            {"dropoff_opens_at": "2026-05-01T12:00:00Z", "dropoff_closes_at": "2026-05-01T13:00:00Z"},
            "dropoff_closes_at",
            "window_over",
        ),
        ({"tip": "x"}, "tip", "invalid"),
        ({"external_id": "o-0"}, "external_id", "external_id_twice"),
    ],
)
def test_one_wrong_row_and_nothing_is_made(changes, column, code):
    city = City.open()
    good = {**dict.fromkeys(changes, ""), **GOOD}
    rows = ({**good, "external_id": f"o-{n}", **row} for n, row in enumerate([{}, changes, {}]))
    data = text_of(*rows).encode()
    (fault,) = importing.try_file(city.merchant, data, city.clock).errors
    assert (fault.row, fault.column, fault.code) == (3, column, code)
    with pytest.raises(Unprocessable, match="rows_invalid: 1 of 3 rows is wrong; nothing was created") as refusal:
        send(city, data)
    assert [pointer for pointer, _ in refusal.value.errors] == [f"/rows/3/{column}"]
    assert count() == 0
    assert len(send(city, file_of(2)).deliveries) == 2, "a refusal frees the key"


def test_the_same_file_under_the_same_key_is_made_once():
    city = City.open()
    assert send(city, file_of(3)) == send(city, file_of(3))
    assert count() == 3


def test_another_file_under_the_key_is_refused_and_the_file_under_another_key_is_known():
    city = City.open()
    send(city, file_of(3))
    with pytest.raises(Unprocessable, match="key_reused"):
        send(city, file_of(4))
    with pytest.raises(Unprocessable, match="rows_invalid: 3 of 3 rows are wrong"):
        send(city, file_of(3), key="key-2")
    assert count() == 3


@pytest.mark.parametrize("lost", list(Lost))
def test_an_import_that_dies_at_any_call_is_completed_by_the_next_try_even_when_windows_have_passed(lost, monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    data = file_of(3, dropoff_opens_at="2026-06-01T12:00:00Z", dropoff_closes_at="2026-06-01T12:11:00Z")
    for faulty in each_call_failing(lost, at_least=6):
        city = City.open()
        before = count()
        with faulty:
            send(city, data, left_ms=-1)
        begun = count() - before
        assert begun in (0, 2, 3), "whole transactions only"
        if begun:
            city.later(minutes=30)
        assert len(send(city, data).deliveries) == 3
        assert count() - before == 3


def test_an_external_id_that_is_taken_at_this_very_moment_is_a_conflict(monkeypatch):
    city = City.open()
    write = importing._write

    def meanwhile(merchant, some):
        monkeypatch.undo()
        city.order("o-1")
        write(merchant, some)

    monkeypatch.setattr(importing, "_write", meanwhile)
    with pytest.raises(Conflict, match="has external_id o-1 already"):
        send(city, file_of(3))
    assert count() == 1


def test_a_file_reads_each_cell_of_the_map_once():
    city = City.open()
    data = file_of(100)
    with failing_call() as calls:
        send(city, data)
    assert len(calls.made) < 30, calls.made
