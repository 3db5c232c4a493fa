"""Engines are there or not, and what loads them notices no difference between layers and a whole installation."""

import subprocess
import sys
from pathlib import Path

import pytest

from crowdship.planner import engines

PACKAGES = Path(engines.__file__).resolve().parents[2]

WITHOUT_PANDAS = """
import sys
from importlib.abc import MetaPathFinder
class Gone(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in GONE:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Gone())
sys.path.insert(0, PACKAGES)
import importlib.util
whole = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in GONE else whole(name, package)
from crowdship.planner import engines
"""


def run(gone, code):
    prelude = f"GONE = {gone!r}\nPACKAGES = {str(PACKAGES)!r}\n{WITHOUT_PANDAS}"
    return subprocess.run([sys.executable, "-c", prelude + code], capture_output=True, text=True, check=False)


def test_vroom_solves_without_pandas_and_leaves_no_stand_in_behind():
    pytest.importorskip("vroom")
    done = run(
        ["pandas"],
        "vroom = engines.vroom()\n"
        "problem = vroom.Input()\n"
        "problem.set_durations_matrix('car', [[0, 5], [5, 0]])\n"
        "problem.add_vehicle(vroom.Vehicle(1, start=0))\n"
        "problem.add_job(vroom.Job(7, location=1))\n"
        "assert problem.solve(exploration_level=0, nb_threads=1).summary.cost == 5\n"
        "assert 'pandas' not in sys.modules\n",
    )
    assert done.returncode == 0, done.stderr


def test_an_engine_that_is_not_installed_is_none():
    done = run(["vroom", "pyvrp"], "assert engines.vroom() is None and engines.pyvrp() is None")
    assert done.returncode == 0, done.stderr
