from benchmarks.city import make_city


def test_a_city_is_the_same_for_the_same_seed_and_another_for_another():
    assert make_city(1, 10, 3) == make_city(1, 10, 3)
    assert make_city(1, 10, 3) != make_city(2, 10, 3)


def test_a_city_is_of_the_shape_it_says():
    city = make_city(1)
    skilled = sum(bool(job.skills) for job in city.jobs)

    assert (len(city.jobs), len(city.vehicles)) == (200, 30)
    assert 20 <= skilled <= 60
    assert all(vehicle.end is None and 4 <= vehicle.capacity[0] <= 8 for vehicle in city.vehicles)
    assert len({vehicle.start for vehicle in city.vehicles}) == 30
    assert len(city.matrix) == len(city.points) == 2 * 200 + 30
