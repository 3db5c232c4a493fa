from datetime import timedelta
from pathlib import Path

import pytest

from local.city.plans import orders_csv
from local.city.plans.plan import PlanError

HEADING = "external_id,placed_minute,pickup_lat,pickup_lon,dropoff_lat,dropoff_lon"
SAMPLE = Path(__file__).parents[3] / "local" / "samples" / "orders.csv"


@pytest.fixture
def read(tmp_path):
    def write_and_read(*lines):
        path = tmp_path / "orders.csv"
        path.write_text("\n".join(lines))
        return orders_csv.read(path)

    return write_and_read


def test_the_sample_can_be_played():
    plan = orders_csv.read(SAMPLE)
    assert len(plan.orders) == 12
    assert {shop.key for shop in plan.shops} == {order.shop for order in plan.orders}
    assert plan.drivers


def test_the_documented_columns_are_those_that_are_read():
    told = (Path(__file__).parents[3] / "docs" / "orders-csv.md").read_text()
    for name in orders_csv.REQUIRED + orders_csv.OPTIONAL:
        assert f"`{name}`" in told, f"docs/orders-csv.md says nothing of {name}"


def test_what_is_left_out_is_usual(read):
    (order,) = read(HEADING, "a,5,39.29,-76.61,39.30,-76.60").orders
    assert order.placed_after == order.ready_after == timedelta(minutes=5)
    assert order.promise_after == timedelta(minutes=65)
    assert (order.priority, order.requirements, order.tip) == ("normal", {}, 0)


def test_orders_are_played_in_the_order_of_their_times(read):
    plan = read(HEADING, "late,9,39.29,-76.61,39.30,-76.60", "early,2,39.29,-76.61,39.30,-76.60")
    assert [order.external_id for order in plan.orders] == ["early", "late"]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("weight_g", "heavy", "line 2: weight_g is 'heavy'"),
        ("weight_g", "0", "line 2: weight_g is 0; give a number from 1 to 500000"),
        ("weight_g", "2.0", "line 2: weight_g is '2.0'; weight_g is in grams: write a whole number"),
        ("tip", "3.00", "write 300 for 3.00"),
        ("tip", "$3", "minor units of the zone's currency"),
        ("priority", "high", "line 2: priority is 'high'"),
        ("photo", "maybe", "line 2: photo is 'maybe'"),
        ("minimum_age", "12", "line 2: minimum_age is 12"),
        ("ready_minute", "1", "line 2: ready_minute is 1"),
        ("promise_minute", "7", "line 2: promise_minute is 7"),
        ("wieght_g", "5", "wieght_g that means nothing"),
    ],
)
def test_a_wrong_value_is_named_with_its_line_and_what_would_be_right(read, column, value, message):
    with pytest.raises(PlanError, match=message):
        read(f"{HEADING},{column}", f"a,5,39.29,-76.61,39.30,-76.60,{value}")


def test_a_missing_column_is_named(read):
    with pytest.raises(PlanError, match="no column dropoff_lat, dropoff_lon"):
        read("external_id,placed_minute,pickup_lat,pickup_lon", "a,5,39.29,-76.61")


def test_the_same_id_twice_is_refused(read):
    line = "a,5,39.29,-76.61,39.30,-76.60"
    with pytest.raises(PlanError, match="external_id a twice"):
        read(HEADING, line, line)


def test_places_a_continent_apart_are_refused(read):
    with pytest.raises(PlanError, match="km apart"):
        read(HEADING, "a,5,39.29,-76.61,52.5,13.4")
