from local.demo import hurried


def test_a_machine_too_slow_for_the_citys_clock_is_told_which_speed_gives_it_time():
    assert hurried(0.3, 30) is None
    assert "66 s" in hurried(2.2, 30)
    assert "SPEED=9 " in hurried(2.2, 30)
    assert "SPEED=1 " in hurried(60, 30)
