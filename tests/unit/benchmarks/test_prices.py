import pytest

from benchmarks.support.prices import compute, idle_polls, item_size, read_units, value_size, write_units


def test_an_item_counts_its_names_and_its_values() -> None:
    assert item_size({"pk": {"S": "dlv_1"}, "größe": {"N": "12345"}}) == 2 + 5 + 7 + 3


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "é"}, 2),
        ({"N": "-1.50"}, 2),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"B": "AAAA"}, 3),
        ({"SS": ["ab", "c"]}, 3),
        ({"L": [{"S": "ab"}, {"BOOL": False}]}, 3 + 3 + 2),
        ({"M": {"a": {"S": "bc"}}}, 3 + 1 + 1 + 2),
    ],
)
def test_each_kind_of_value_has_its_size(value: dict[str, object], size: int) -> None:
    assert value_size(value) == size


@pytest.mark.parametrize(("size", "units"), [(0, 1), (1, 1), (1024, 1), (1025, 2), (4096, 4)])
def test_writes_are_counted_in_kilobytes_begun_and_twice_in_a_transaction(size: int, units: int) -> None:
    assert write_units(size) == units
    assert write_units(size, transaction=True) == 2 * units


@pytest.mark.parametrize(("size", "units"), [(0, 1), (4096, 1), (4097, 2)])
def test_reads_are_counted_in_four_kilobytes_and_half_if_they_may_be_old(size: int, units: int) -> None:
    assert read_units(size, consistent=True) == units
    assert read_units(size, consistent=False) == units / 2
    assert read_units(size, consistent=True, transaction=True) == 2 * units


def test_computing_costs_by_call_and_by_gigabyte_second() -> None:
    assert compute(1_000_000, 0, 512) == pytest.approx(0.20)
    assert compute(0, 1000 * 1_000_000, 1024) == pytest.approx(13.3334)


def test_an_empty_queue_is_polled_fifteen_times_a_minute() -> None:
    assert idle_polls() == 15 * 60 * 24 * 30
