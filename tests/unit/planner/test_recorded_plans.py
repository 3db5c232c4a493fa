"""Plans are those that were recorded: a change of structure changes none of them.

``python -m tests.unit.planner.recorded`` records them anew, for a change that is meant to change plans.
"""

import json
from pathlib import Path

import pytest

from tests.unit.planner.recorded.cases import CASES

RECORDED = json.loads((Path(__file__).parent / "recorded" / "plans.json").read_text())


def test_every_case_is_recorded():
    assert RECORDED.keys() == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_a_plan_is_what_was_recorded(name):
    for engine in ("vroom", "pyvrp", "ortools"):
        pytest.importorskip(engine)
    assert json.loads(json.dumps(CASES[name]())) == RECORDED[name]
