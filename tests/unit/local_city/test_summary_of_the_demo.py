from dataclasses import replace
from datetime import timedelta

from local.city.plans import invented
from local.demo import USUAL_SPEED, hurried, speed_for


def test_a_machine_too_slow_for_the_citys_clock_is_told_which_speed_gives_it_time():
    assert hurried(0.3, 30) is None
    assert "66 s" in hurried(2.2, 30)
    assert "SPEED=9 " in hurried(2.2, 30)
    assert "SPEED=1 " in hurried(60, 30)


def test_the_usual_day_is_played_at_the_usual_speed_on_two_processors():
    assert speed_for(invented.city(120), 2) == USUAL_SPEED


def test_a_day_with_more_orders_than_the_machine_serves_runs_slower():
    day = invented.city(120)
    long = tuple(replace(order, placed_after=order.placed_after * 6.5) for order in day.orders)
    busy = replace(day, orders=long * 17)
    assert timedelta(hours=12) < busy.length < timedelta(hours=13)
    assert 16 <= speed_for(busy, 2) <= 19, "2,040 orders in 13 hours"
    assert speed_for(busy, 8) == USUAL_SPEED
    assert 8 <= speed_for(busy, 1) <= 9


def test_no_day_runs_slower_than_the_walls_clock():
    day = invented.city(10)
    at_once = tuple(replace(order, placed_after=timedelta()) for order in day.orders)
    assert speed_for(replace(day, orders=at_once * 100), 2) == 1
    assert speed_for(replace(day, orders=()), 2) == USUAL_SPEED
