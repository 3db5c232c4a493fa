from benchmarks.__main__ import benchmarks
from benchmarks.support.report import Finding


def test_every_benchmark_is_listed_and_no_helper() -> None:
    listed = benchmarks()

    assert {"api", "first_offer", "imports", "calls", "idle", "memory"} <= set(listed)
    assert not {"report", "measuring", "wire", "stage", "prices", "template"} & set(listed)


def test_a_figure_without_a_goal_neither_meets_nor_misses_it() -> None:
    assert [Finding("", "", met=met).verdict for met in (True, False, None)] == ["yes", "no", "-"]
