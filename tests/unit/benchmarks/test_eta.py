from datetime import timedelta

import pytest

from benchmarks.eta import summary
from benchmarks.support.foretold import FROM_ORDER, LEARNED, METHODS, RULES, Replay
from benchmarks.support.hidden_city import BOUNDS, FIRST_DAY, HiddenCity, write_streets
from crowdship.travel.engines.roads import Roads, open_engine
from local.tools import maps


@pytest.fixture(scope="module")
def streets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grid")
    maps.prepare(write_streets(folder / "grid.osm"), "car", folder / "car")
    return open_engine(str(folder / "car" / "map.osrm"))


def replayed(streets, seed):
    replay = Replay(Roads(streets, RULES))
    replay.run(HiddenCity(streets, BOUNDS, 1, seed), 6, lambda text: None)
    return replay


def test_a_seed_tells_everything(streets):
    assert replayed(streets, 1).found == replayed(streets, 1).found != replayed(streets, 2).found


def test_nobody_knows_anything_before_the_first_trip_is_over(streets):
    first = {one.method: one.expected for one in replayed(streets, 1).found[: len(METHODS)]}
    assert first[LEARNED] == pytest.approx(first["free flow"])
    assert first["last hour"] == pytest.approx(first["free flow"])


def test_everybody_foretells_the_same_trips(streets):
    replay = replayed(streets, 1)
    actual = {method: [one.actual for one in replay.found if one.method == method] for method in METHODS}
    assert all(trips == actual[LEARNED] for trips in actual.values())
    assert replay.learners[LEARNED].traffic.weight > 0
    assert 0 <= summary(replay.found, FROM_ORDER, LEARNED, [0])["coverage"] <= 1


def test_a_drive_is_slower_than_free_flow_and_seen_from_end_to_end(streets):
    city = HiddenCity(streets, BOUNDS, 1, 1)
    a, b = city.place(), city.place()
    drive = city.drive(0, a, b, FIRST_DAY + timedelta(hours=17))
    assert drive.seconds > Roads(streets, RULES).seconds_between(a, b)
    assert drive.seen[0].at <= drive.departs + timedelta(seconds=60)
    assert drive.seen[-1].at >= drive.arrives - timedelta(seconds=60)
