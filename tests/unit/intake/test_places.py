"""What counts as having found an address."""

import pytest

from crowdship.intake.places.model import Address, door_of
from crowdship.kernel.geo import Point


def result(**changes):
    found = {"PlaceType": "PointAddress", "Position": [-87.01, 41.01], "MatchScores": {"Overall": 0.97}}
    return {**found, **changes}


def test_a_door_that_matches_is_found():
    assert door_of([result(), result(Position=[0, 0])]) == Point(lat=41.01, lon=-87.01)


@pytest.mark.parametrize(
    "results",
    [
        [],
        [result(PlaceType="Street")],
        [result(PlaceType="Locality")],
        [result(MatchScores={"Overall": 0.6})],
        [{"PlaceType": "PointAddress", "Position": [-87.01, 41.01]}],
        [result(AddressNumberCorrected=True)],
        [{"PlaceType": "PointAddress", "MatchScores": {"Overall": 1}}],
    ],
)
def test_what_may_be_somewhere_else_is_not_found(results):
    assert door_of(results) is None


def test_one_address_has_one_key_however_it_is_spaced_and_capitalised():
    one = Address.of("9 Lake  View ", None, "", "60601 Testville", country="us")
    assert one == Address(lines=("9 Lake View", "60601 Testville"), country="US")
    assert one.key == Address.of("9 LAKE view", "60601 testville", country="US").key
    assert one.key != Address.of("9 Lake View", "60601 Testville", country="CA").key
    assert "Lake" not in one.key
