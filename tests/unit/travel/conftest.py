import pytest

from crowdship.travel.engines.roads import open_engine
from local.tools import maps
from tests.streets import write_town


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    """OSRM on the streets of the tests' town."""
    folder = tmp_path_factory.mktemp("town")
    maps.prepare(write_town(folder / "town.osm"), "car", folder / "car")
    return open_engine(str(folder / "car" / "map.osrm"))
