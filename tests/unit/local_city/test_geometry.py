import pytest

from local.city.plans.geometry import Point, distance_m, rectangle_around, square

HERE = Point(39.29, -76.61)


@pytest.mark.parametrize(("east", "north"), [(0, 1000), (1000, 0), (-3000, 4000)])
def test_moving_by_metres_moves_by_that_distance(east, north):
    assert distance_m(HERE, HERE.moved(east, north)) == pytest.approx((east**2 + north**2) ** 0.5, rel=0.001)


def test_half_the_way_is_in_the_middle_and_no_share_leads_beyond_the_ends():
    there = HERE.moved(2000, 0)
    assert distance_m(HERE, HERE.towards(there, 0.5)) == pytest.approx(1000, abs=1)
    assert HERE.towards(there, 2) == there
    assert HERE.towards(there, -1) == HERE


def test_a_rectangle_holds_all_its_places():
    places = [HERE, HERE.moved(500, 900), HERE.moved(-300, 100)]
    corners = rectangle_around(places, 100)
    south, north = min(c.lat for c in corners), max(c.lat for c in corners)
    west, east = min(c.lon for c in corners), max(c.lon for c in corners)
    assert all(south < place.lat < north and west < place.lon < east for place in places)


def test_a_square_has_equal_sides():
    a, b, c, _ = square(HERE, 500)
    assert distance_m(a, b) == pytest.approx(1000, rel=0.001)
    assert distance_m(b, c) == pytest.approx(1000, rel=0.001)
