import time

import pytest

from local.running import Clock, NotRunningError, RunningStack


@pytest.fixture(autouse=True)
def wall_time_stands_still(monkeypatch):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)


def test_a_clock_at_speed_one_agrees_with_the_wall():
    assert Clock.starting_now().sim_now() == pytest.approx(time.time())


def test_a_clock_runs_as_fast_as_told():
    clock = Clock(speed=60, anchor_wall=time.time() - 10, anchor_sim=1_000_000)
    assert clock.sim_now() == pytest.approx(1_000_600)


def test_time_goes_on_where_it_was_when_the_speed_changes():
    slow = Clock(speed=60, anchor_wall=time.time() - 10, anchor_sim=1_000_000)
    fast = slow.at_speed(600)
    assert fast.speed == 600
    assert fast.sim_now() == pytest.approx(slow.sim_now())


def test_a_clock_can_be_set_forward_but_never_back():
    clock = Clock(60.0, anchor_wall=time.time(), anchor_sim=1_000_000)
    assert clock.no_earlier_than(2_000_000).sim_now() == pytest.approx(2_000_000)
    assert clock.no_earlier_than(2_000_000).speed == 60
    assert clock.no_earlier_than(900_000) is clock
    assert clock.no_earlier_than(None) is clock


def test_the_same_speed_keeps_the_anchors():
    clock = Clock(speed=60, anchor_wall=1.0, anchor_sim=2.0)
    assert clock.at_speed(60) is clock


@pytest.mark.parametrize("speed", [0, -1])
def test_a_clock_that_does_not_advance_is_refused(speed):
    with pytest.raises(ValueError, match="above 0"):
        Clock(speed=speed)


def test_the_template_gets_plain_decimals():
    parameters = Clock(speed=60, anchor_wall=1795343424.9, anchor_sim=1795349999.0).parameters()
    assert parameters == {
        "ClockSpeed": "60",
        "ClockAnchorWall": "1795343424.900",
        "ClockAnchorSim": "1795349999.000",
    }


def test_no_running_platform_says_how_to_start_one(tmp_path):
    with pytest.raises(NotRunningError, match="make up"):
        RunningStack.load(tmp_path / "stack.json")
