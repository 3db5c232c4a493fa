from collections import Counter

import pytest

from benchmarks.support.measuring import in_turns, quantile, ratio


@pytest.mark.parametrize(("share", "found"), [(0.5, 50), (0.95, 95), (0.951, 96), (1.0, 100), (0.001, 1)])
def test_a_quantile_is_the_value_that_so_many_do_not_exceed(share: float, found: int) -> None:
    assert quantile(list(range(100, 0, -1)), share) == found


def test_there_is_no_quantile_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        quantile([], 0.5)


def test_a_ratio_compares_what_was_measured_in_the_same_round() -> None:
    # The machine was three times as slow in the second round, for both.
    assert ratio([2.0, 6.0, 2.0], [1.0, 3.0, 1.0]) == 2.0


def test_every_case_has_a_turn_in_each_round_and_none_is_always_the_first() -> None:
    turns = list(in_turns(["a", "b", "c"], 3))

    assert Counter(turns) == dict.fromkeys(((n, case) for n in range(3) for case in "abc"), 1)
    assert [case for _, case in turns[::3]] == ["a", "b", "c"]
