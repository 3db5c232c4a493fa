"""Areas in which deliveries are offered."""

from hypothesis import given
from hypothesis import strategies as st

from crowdship.dispatch.by_hand.areas import Circle, is_inside
from crowdship.kernel.geo import Point

degrees = st.floats(min_value=-60, max_value=60)
sizes = st.floats(min_value=0.01, max_value=1)
shares = st.floats(min_value=0.01, max_value=0.99)


def square(lat, lon, size):
    return [
        Point(lat=lat, lon=lon),
        Point(lat=lat, lon=lon + size),
        Point(lat=lat + size, lon=lon + size),
        Point(lat=lat + size, lon=lon),
    ]


@given(degrees, degrees, sizes, shares, shares)
def test_a_point_between_the_sides_of_a_square_is_inside_whichever_way_round_it_is_drawn(lat, lon, size, north, east):
    corners = square(lat, lon, size)
    point = Point(lat=lat + north * size, lon=lon + east * size)
    assert is_inside(point, corners)
    assert is_inside(point, corners[::-1])
    assert is_inside(point, corners[2:] + corners[:2])


@given(degrees, degrees, sizes, shares, st.sampled_from([(-1, 0), (1, 0), (0, -1), (0, 1)]))
def test_a_point_beside_a_square_is_outside(lat, lon, size, share, way):
    north, east = (share + step if step else share for step in way)
    point = Point(lat=lat + north * size, lon=lon + east * size)
    assert not is_inside(point, square(lat, lon, size))


def test_a_hollow_of_a_polygon_is_outside():
    u_shape = [(0, 0), (0, 3), (3, 3), (3, 2), (1, 2), (1, 1), (3, 1), (3, 0)]
    corners = [Point(lat=float(lat), lon=float(lon)) for lat, lon in u_shape]
    assert not is_inside(Point(lat=2.0, lon=1.5), corners)
    assert is_inside(Point(lat=2.0, lon=2.5), corners)


def test_a_circle_holds_what_is_within_its_radius():
    here = Point(lat=41.88, lon=-87.63)
    assert Circle(centre=here, radius_m=1200).holds(Point(lat=41.89, lon=-87.63))
    assert not Circle(centre=here, radius_m=1100).holds(Point(lat=41.89, lon=-87.63))
