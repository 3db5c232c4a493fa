import pytest

from benchmarks.memory import Process, by_kind, pss_of


def test_the_kernel_tells_the_share_of_a_process() -> None:
    assert pss_of("Rss:  900 kB\nPss:                 120 kB\nPss_Dirty:  7 kB\n") == 120 * 1024


def test_a_process_that_tells_nothing_is_not_counted_as_nothing() -> None:
    with pytest.raises(ValueError, match="Pss"):
        pss_of("")


def test_the_emulator_starts_nurseries_that_bear_zygotes_that_bear_workers() -> None:
    found = [
        Process(1, 0, 1, "python -m local.emulator", 100),
        Process(2, 1, 1, "python -I -S local/emulator/worker.py 5", 30),
        Process(3, 2, 1, "python -I -S local/emulator/worker.py 5", 10),
        Process(4, 3, 1, "python -I -S local/emulator/worker.py 5", 20),
        Process(5, 3, 1, "python -I -S local/emulator/worker.py 5", 20),
    ]

    found_by_kind = by_kind(found, emulator=1)

    assert found_by_kind == {"emulator": (1, 100), "nurseries": (1, 30), "zygotes": (1, 10), "workers": (2, 40)}
