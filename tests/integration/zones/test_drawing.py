"""A zone is drawn and redrawn: whoever dies or is overtaken in between, each cell has one zone, or none."""

from unittest.mock import patch

import pytest
from botocore.client import BaseClient

from crowdship.kernel.errors import Conflict
from crowdship.zones import service as zones
from crowdship.zones import store
from crowdship.zones.model import ZoneSettings, cell_of
from crowdship.zones.store import CellRow, ZoneRow
from tests.city import City, at
from tests.faults import Died, Lost, failing_call
from tests.integration.conftest import restore_tables, saved_tables

pytestmark = pytest.mark.usefixtures("aws")


def square(west_m, east_m):
    return (at(west_m, -1500), at(east_m, -1500), at(east_m, 1500), at(west_m, 1500))


LEFT, MIDDLE, RIGHT = square(-3000, 500), square(-1500, 1500), square(-500, 3000)


def settings(area, name="Testville"):
    return ZoneSettings(name=name, area=area)


def owners():
    """Return the zone of every cell that has one."""
    rows = [row for row in CellRow.scan() if row.pk.startswith("CELL#")]
    return {row.pk.removeprefix("CELL#"): row.body for row in rows}


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch):
    """Several transactions for a small area."""
    monkeypatch.setattr(store, "CELLS_AT_ONCE", 5)


def calls_of(*areas):
    saved = saved_tables()
    with failing_call() as calls:
        for area in areas:
            zones.put("a", settings(area))
    restore_tables(saved)
    return len(calls.made)


def test_a_zone_owns_the_cells_of_its_area_and_after_it_is_redrawn_no_others(aws):
    zones.put("a", settings(LEFT))
    assert set(owners()) == zones.get("a").cells
    moved = zones.put("a", settings(RIGHT))
    assert set(owners()) == moved.cells == zones.get("a").cells
    assert ZoneRow.load("a").drawing is None


@pytest.mark.parametrize("lost", Lost)
@pytest.mark.parametrize("again", [RIGHT, MIDDLE, LEFT], ids=["the same", "another", "as it was"])
def test_a_redraw_that_died_anywhere_is_put_right_by_the_next(aws, lost, again):
    zones.put("a", settings(LEFT))
    before, calls = saved_tables(), calls_of(RIGHT)
    assert calls > 8
    for n in range(1, calls + 1):
        restore_tables(before)
        with pytest.raises(Died), failing_call(n, lost, dies=True):
            zones.put("a", settings(RIGHT))
        drawn = zones.put("a", settings(again))
        assert set(owners()) == drawn.cells, f"after dying at call {n}"
        assert set(owners().values()) == {"a"}


@pytest.mark.parametrize("lost", Lost)
def test_a_first_drawing_that_died_anywhere_is_put_right_by_the_next(aws, lost):
    before = saved_tables()
    for n in range(1, calls_of(LEFT) + 1):
        restore_tables(before)
        with pytest.raises(Died), failing_call(n, lost, dies=True):
            zones.put("a", settings(LEFT))
        drawn = zones.put("a", settings(RIGHT))
        assert set(owners()) == drawn.cells, f"after dying at call {n}"


def interrupted(n, other):
    """Do something else just before the n-th call."""
    real, made = BaseClient._make_api_call, []

    def call(client, operation, parameters):
        made.append(operation)
        if len(made) == n:
            other()
        return real(client, operation, parameters)

    return patch.object(BaseClient, "_make_api_call", call)


def tried(zone_id, area):
    """Return whether a drawing worked out; if not its caller was told why."""
    try:
        zones.put(zone_id, settings(area))
    except Conflict:
        return False
    return True


def each_cell_is_its_zones():
    drawn = {zone.id: zone for zone in ZoneRow.all()}
    assert all(zone.drawing is None for zone in drawn.values())
    assert owners() == {cell: zone.id for zone in drawn.values() for cell in zone.cells}


def test_of_two_zones_that_are_drawn_over_each_other_at_once_one_wins_and_the_other_is_told(aws):
    before = saved_tables()
    for n in range(1, calls_of(LEFT) + 1):
        restore_tables(before)
        results = []
        with interrupted(n, lambda results=results: results.append(tried("b", MIDDLE))):
            results.append(tried("a", LEFT))
        assert sorted(results) == [False, True], f"interrupted at call {n}"
        each_cell_is_its_zones()


def test_of_two_redraws_of_one_zone_at_once_the_last_to_begin_wins_and_the_other_is_told(aws):
    zones.put("a", settings(LEFT))
    before = saved_tables()
    for n in range(2, calls_of(RIGHT) + 1):
        restore_tables(before)
        results = []
        with interrupted(n, lambda results=results: results.append(tried("a", MIDDLE))):
            results.append(tried("a", RIGHT))
        assert results == [True, False], f"interrupted at call {n}"
        each_cell_is_its_zones()
        assert ZoneRow.load("a").settings.area == MIDDLE


def test_a_delivery_stays_with_its_zone_when_that_shrinks_away_from_it(aws):
    city = City.open()
    order, driver = city.order(east_m=2000), city.driver()
    small = zones.get("testville").settings.model_copy(update={"area": square(-4000, -3000)})
    zones.put("testville", small)
    assert CellRow.zone_of(cell_of(order.pickup)) is None
    city.tick()
    assert [offer.delivery_ids for offer in city.offers(driver)] == [(order.id,)]
