"""Where crowdship serves."""

import pytest

from crowdship.kernel.errors import Conflict, Unprocessable
from crowdship.zones import service as zones
from tests.city import AREA, City, at, settings

pytestmark = pytest.mark.usefixtures("aws")


def area(west, south, east, north):
    return (at(west, south), at(east, south), at(east, north), at(west, north))


def test_a_point_is_served_by_the_zone_whose_cell_it_is_in():
    City.open()
    assert zones.containing(at(100, 100), "/p").id == "testville"
    with pytest.raises(Unprocessable, match="outside_service_area"):
        zones.containing(at(30_000), "/p")


def test_zones_do_not_overlap():
    City.open()
    with pytest.raises(Conflict, match="testville"):
        zones.put("rival", settings().model_copy(update={"area": area(0, 0, 9000, 9000)}))


def test_a_zone_that_shrinks_gives_its_cells_back():
    City.open()
    zones.put("testville", settings().model_copy(update={"area": area(-3000, -6000, 0, 6000)}))
    zones.put("neighbour", settings().model_copy(update={"area": area(1500, -6000, 6000, 6000)}))
    assert zones.containing(at(4000), "/p").id == "neighbour"
    assert zones.containing(at(-2000), "/p").id == "testville"


def test_an_area_too_small_for_a_cell_is_refused():
    with pytest.raises(Unprocessable, match="area_too_small"):
        zones.put("tiny", settings().model_copy(update={"area": area(0, 0, 10, 10)}))


@pytest.mark.parametrize("corners", [(at(), at(), at()), (at(), at(2000), at(4000))])
def test_an_area_that_encloses_nothing_is_refused(corners):
    with pytest.raises(Unprocessable, match="area_too_small"):
        zones.put("line", settings().model_copy(update={"area": corners}))


@pytest.mark.parametrize("half_side", [60_000, 150_000, 5_000_000])
def test_an_area_too_large_to_be_written_in_time_is_refused_at_once(half_side):
    half = half_side
    with pytest.raises(Unprocessable, match="area_too_large"):
        zones.put("continent", settings().model_copy(update={"area": area(-half, -half, half, half)}))


def test_changing_rules_keeps_the_area():
    City.open()
    changed = zones.put("testville", settings(rounds={"batch_seconds": 5}))
    assert changed.settings.area == AREA
    assert zones.get("testville").settings.dispatch.rounds.batch_seconds == 5


def test_an_area_that_crosses_itself_makes_no_zone_and_changes_none():
    City.open()
    bow = (AREA[0], AREA[2], AREA[1], AREA[3])
    for zone_id in ("testville", "bow"):
        with pytest.raises(Unprocessable, match="area_crosses_itself") as refusal:
            zones.put(zone_id, settings().model_copy(update={"area": bow}))
        assert refusal.value.pointer == "/area"
    assert zones.get("testville").settings.area == AREA
    assert [zone.id for zone in zones.every()] == ["testville"]
