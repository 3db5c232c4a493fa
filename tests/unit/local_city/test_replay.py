from datetime import timedelta

import pytest

from local.city.plans import mdrp
from local.city.replays.replay import replay
from local.city.results.summary import Pace

PARAMETERS = (
    "meters_per_minute\tpickup service minutes\tdropoff service minutes\ttarget click-to-door\t"
    "maximum click-to-door\tpay per order\tguaranteed pay per hour\n320\t4\t4\t40\t90\t10\t15\n"
)
RESTAURANTS = "restaurant\tx\ty\nr1\t1000\t0\nr2\t9000\t0\n"


def instance(tmp_path, orders, couriers):
    texts = (
        "courier\tx\ty\ton_time\toff_time\n" + "\n".join(couriers) + "\n",
        "order\tx\ty\tplacement_time\trestaurant\tready_time\n" + "\n".join(orders) + "\n",
        RESTAURANTS,
        PARAMETERS,
    )
    for name, text in zip(mdrp.FILES, texts, strict=True):
        (tmp_path / name).write_text(text)
    return tmp_path


def minutes(journey):
    parts = (journey.waiting, journey.coming, journey.at_pickup, journey.to_door)
    return tuple(part / timedelta(minutes=1) for part in parts)


def test_a_trip_takes_whole_minutes_and_half_of_each_service_before_goods_change_hands(tmp_path):
    # 1,000 m are 3.125 minutes, so 4; 2,000 m are 6.25, so 7. Two minutes pass before the goods are handed over.
    day = replay(instance(tmp_path, ["o1\t3000\t0\t100\tr1\t100"], ["c1\t0\t0\t90\t300"]))
    (journey,) = day.journeys
    assert minutes(journey) == (0, 4, 2, 2 + 7 + 2)
    assert day.undelivered == []


def test_goods_that_are_not_ready_are_waited_for(tmp_path):
    day = replay(instance(tmp_path, ["o1\t3000\t0\t100\tr1\t120"], ["c1\t0\t0\t90\t300"]))
    (journey,) = day.journeys
    assert journey.waiting + journey.coming + journey.at_pickup == timedelta(minutes=20)


def test_a_courier_does_one_trip_after_the_other(tmp_path):
    orders = ["o1\t3000\t0\t100\tr1\t100", "o2\t9000\t3200\t100\tr2\t100"]
    day = replay(instance(tmp_path, orders, ["c1\t0\t0\t90\t400"]))
    first, second = sorted(day.journeys, key=lambda journey: journey.click_to_door)
    assert (first.order, second.order) == ("o1", "o2")
    # The first trip ends two minutes after its hand-over.
    assert second.waiting >= first.click_to_door + timedelta(minutes=2)


def test_an_order_that_no_shift_can_fetch_is_left(tmp_path):
    orders = ["o1\t3000\t0\t100\tr1\t100", "o2\t3000\t0\t200\tr1\t200"]
    day = replay(instance(tmp_path, orders, ["c1\t0\t0\t90\t150"]))
    assert [journey.order for journey in day.journeys] == ["o1"]
    assert day.undelivered == ["o2"]


def test_the_pace_of_a_day_is_told_with_its_parts(tmp_path):
    orders = [f"o{n}\t3000\t0\t{100 + 30 * n}\tr1\t{100 + 30 * n}" for n in range(4)]
    day = replay(instance(tmp_path, orders, ["c1\t0\t0\t90\t600"]))
    pace = Pace.of(day.journeys, timedelta(minutes=40))
    assert pace.orders == 4
    assert pace.within == 1
    parts = pace.waiting + pace.coming + pace.at_pickup + pace.to_door
    assert parts == pytest.approx(sum(j.click_to_door / timedelta(minutes=1) for j in day.journeys) / 4)


def test_nothing_delivered_has_no_pace():
    assert Pace.of([], timedelta(minutes=40)) is None
