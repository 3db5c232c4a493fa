import time
from datetime import timedelta

import pytest

from local.clock import Clock, ClockFile
from local.running import NotRunningError, RunningStack


@pytest.fixture(autouse=True)
def wall_time_stands_still(monkeypatch):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)


def test_a_clock_at_speed_one_agrees_with_the_wall():
    assert Clock.starting_now().sim_now() == pytest.approx(time.time())


def test_a_clock_runs_as_fast_as_told():
    clock = Clock(speed=60, anchor_wall=time.time() - 10, anchor_business=1_000_000)
    assert clock.sim_now() == pytest.approx(1_000_600)


def test_time_goes_on_where_it_was_when_the_speed_changes():
    slow = Clock(speed=60, anchor_wall=time.time() - 10, anchor_business=1_000_000)
    fast = slow.at_speed(600)
    assert fast.speed == 600
    assert fast.sim_now() == pytest.approx(slow.sim_now())


def test_a_clock_can_be_set_forward_but_never_back():
    clock = Clock(60.0, anchor_wall=time.time(), anchor_business=1_000_000)
    assert clock.no_earlier_than(2_000_000).sim_now() == pytest.approx(2_000_000)
    assert clock.no_earlier_than(2_000_000).speed == 60
    assert clock.no_earlier_than(900_000) is clock
    assert clock.no_earlier_than(None) is clock


def test_the_same_speed_keeps_the_anchors():
    clock = Clock(speed=60, anchor_wall=1.0, anchor_business=2.0)
    assert clock.at_speed(60) is clock


@pytest.mark.parametrize("speed", [0, -1])
def test_a_clock_that_does_not_advance_is_refused(speed):
    with pytest.raises(ValueError, match="above 0"):
        Clock(speed=speed)


def test_a_file_sets_the_clock_of_everything_that_reads_it(tmp_path):
    reader, writer = ClockFile(tmp_path / "clock.json"), ClockFile(tmp_path / "clock.json")
    writer.set(Clock(speed=60, anchor_wall=time.time(), anchor_business=1_000_000))
    assert (reader.speed, reader.sim_now()) == (60, 1_000_000)


def test_a_clock_that_was_never_set_is_the_wall_clock(tmp_path):
    assert ClockFile(tmp_path / "clock.json").sim_now() == time.time()


def test_a_clock_jumps_ahead_and_keeps_its_speed(tmp_path):
    file = ClockFile(tmp_path / "clock.json")
    file.set(Clock(speed=60, anchor_wall=time.time(), anchor_business=1_000_000))
    file.jump(timedelta(days=5))
    assert file.speed == 60
    assert file.sim_now() == pytest.approx(1_000_000 + 5 * 86_400, abs=0.1)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=-1)])
def test_a_clock_never_jumps_back(tmp_path, ahead):
    with pytest.raises(ValueError, match="forward only"):
        ClockFile(tmp_path / "clock.json").jump(ahead)


def test_no_running_platform_says_how_to_start_one(tmp_path):
    with pytest.raises(NotRunningError, match="make up"):
        RunningStack.load(tmp_path / "stack.json")
