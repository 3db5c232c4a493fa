import json
from argparse import Namespace

import pytest

from benchmarks.pdptw import Answer, Known, best_known, check, ours, peer, plan_one, read, sampled
from crowdship.planner import engines
from crowdship.planner.dayplan.search import Objective

TWO_ORDERS = """\
3\t10\t1
0\t0\t0\t0\t0\t100\t0\t0\t0
1\t3\t4\t6\t0\t50\t1\t0\t3
2\t0\t5\t6\t0\t50\t1\t0\t4
3\t6\t8\t-6\t0\t60\t1\t1\t0
4\t0\t10\t-6\t0\t60\t1\t2\t0
"""


@pytest.fixture(autouse=True, scope="module")
def _loaded():
    """Engines are loaded before a budget begins."""
    engines.vroom()
    engines.pyvrp()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "two.txt"
    path.write_text(TWO_ORDERS)
    return path


def test_an_instance_is_read_as_jobs_from_pickup_to_drop_off(file):
    instance = read(file)

    assert [[stop.place for stop in job.stops] for job in instance.jobs] == [[1, 3], [2, 4]]
    assert instance.jobs[0].stops[0].load == (6,)
    assert len(instance.vehicles) == 3
    assert instance.vehicles[0].capacity == (10,)
    assert instance.vehicles[0].off_at == 100
    assert instance.matrix[0][1] == pytest.approx(5.0)


@pytest.mark.parametrize(
    "planned", [lambda i: ours(i, 0.05, 1, Objective.VEHICLES), lambda i: peer(i, 0.05, Objective.VEHICLES)]
)
def test_both_sides_of_the_comparison_find_the_best_plan_of_a_small_instance(file, planned):
    instance = read(file)

    answer = planned(instance)

    assert not check(instance, answer)
    assert answer.vehicles == 1
    assert sorted(number for route in answer.routes for number in route) == [1, 2, 3, 4]


def test_an_answer_that_leaves_tasks_out_or_drives_backwards_is_found_out(file):
    instance = read(file)

    assert check(instance, Answer(((1, 3),), 0.0, 0.0)) == ["2 tasks are left out"]
    assert check(instance, Answer(((3, 1), (2, 4)), 0.0, 0.0))


def test_a_plan_is_written_as_task_numbers_without_the_depot(file, tmp_path, capsys):
    out = tmp_path / "plan.json"

    plan_one(file, Namespace(seconds=0.05, threads=1, objective="vehicles", seed=1, out=out))

    told = json.loads(out.read_text())
    assert told["faults"] == []
    assert told["vehicles"] == len(told["routes"]) == 1
    assert "two: 1 vehicles" in capsys.readouterr().out


def test_best_known_plans_are_read_from_the_last_columns_of_a_table(tmp_path):
    table = tmp_path / "README.md"
    table.write_text(
        "| instance | set | BKS vehicles | BKS distance |\n|---|---|---|---|\n| lr1 | small | 19 | 1650.8 |\n"
    )

    assert best_known(table) == {"lr1": Known(19, 1650.8)}
    assert best_known(tmp_path / "none.md") == {}


def test_a_sample_is_the_same_for_the_same_seed(tmp_path):
    for number in range(9):
        (tmp_path / f"{number}.txt").touch()

    assert sampled(tmp_path, 3, 1) == sampled(tmp_path, 3, 1)
    assert len(sampled(tmp_path, 3, 1)) == 3
    assert len(sampled(tmp_path, None, 1)) == 9
