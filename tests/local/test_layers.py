"""The layers hold what the functions import, and no more than Lambda takes."""

import json
import subprocess
import sys

import pytest

from local import layers

LIGHT = layers.BUILD / "native" / "light" / "python"
SOLVER = layers.BUILD / "native" / "solver" / "python"


@pytest.fixture(scope="module", autouse=True)
def built():
    layers.build_all(layers.find_uv(), ["native"])


def run_with_layers(program, *folders):
    """Run a program that can import nothing but the standard library and these folders."""
    prelude = f"import sys; sys.path[:0] = {[str(folder) for folder in folders]!r}\n"
    command = [sys.executable, "-I", "-S", "-c", prelude + program]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_light_layer_has_what_every_function_may_import():
    run_with_layers(
        "import h3, pydantic, pynamodb.models, requests\n"
        "from aws_lambda_powertools import Logger, Metrics, Tracer\n"
        "from aws_lambda_powertools.event_handler import APIGatewayHttpResolver\n"
        "from aws_lambda_powertools.utilities import batch, idempotency, parser\n"
        "Tracer(service='x')\n"
        "print('true')",
        LIGHT,
    )


def test_the_solver_layer_routes_and_assigns_without_pandas():
    told = run_with_layers(
        "import json, numpy\n"
        "from ortools.constraint_solver import pywrapcp, routing_enums_pb2\n"
        "from ortools.graph.python import linear_sum_assignment\n"
        "matching = linear_sum_assignment.SimpleLinearSumAssignment()\n"
        "matching.add_arcs_with_cost(\n"
        "    numpy.array([0, 0, 1, 1]), numpy.array([0, 1, 0, 1]), numpy.array([1, 2, 3, 1]))\n"
        "matching.solve()\n"
        "manager = pywrapcp.RoutingIndexManager(3, 1, 0)\n"
        "routing = pywrapcp.RoutingModel(manager)\n"
        "routing.SetArcCostEvaluatorOfAllVehicles(routing.RegisterTransitCallback(lambda a, b: 1))\n"
        "print(json.dumps([int(matching.optimal_cost()), routing.Solve().ObjectiveValue()]))",
        LIGHT,
        SOLVER,
    )
    assert told == [2, 3]


def test_the_solver_layer_plans_a_day_without_pandas():
    told = run_with_layers(
        "import json, time\n"
        "from crowdship.planner.dayplan.plan import plan_day\n"
        "from crowdship.planner.routes import Job, Stop, Vehicle\n"
        "jobs = [Job('j', (Stop('j', 1, True, (1,)), Stop('j', 2, False, (-1,))))]\n"
        "matrix = [[0, 60, 120], [60, 0, 60], [120, 60, 0]]\n"
        "seen = []\n"
        "plan_day(jobs, [Vehicle('v', 0, 0, (1,))], matrix, seconds=9, clock=time.process_time, rounds=9,\n"
        "    on_plan=lambda plan, _: seen.append([plan.engines, plan.cost.way]))\n"
        "import sys\n"
        "print(json.dumps([seen[0], 'vroom' in sys.modules, 'pyvrp' in sys.modules, 'pandas' in sys.modules]))",
        LIGHT,
        SOLVER,
        layers.ROOT / "layers" / "crowdship" / "python",
    )
    assert told == [[["vroom"], 240], True, True, False]


def test_the_layers_have_the_versions_the_tests_run_with():
    def pins(path):
        lines = path.read_text().splitlines()
        return {line.split(" ;")[0] for line in lines if "==" in line and not line.startswith("#")}

    ours = {pin.replace("[parser,tracer]", "") for pin in pins(layers.ROOT / "requirements" / "dev.txt")}
    for layer in layers.LAYERS:
        assert pins(layers.ROOT / "layers" / layer / "requirements.txt") <= ours


def test_a_layer_that_is_built_is_not_built_again(capsys):
    layers.build_all(layers.find_uv(), ["native"])
    assert capsys.readouterr().out == ""


def test_a_layer_brings_the_bytecode_of_its_modules_wherever_it_was_built():
    compiled = list(SOLVER.rglob("*.cpython-313.pyc"))
    assert len(compiled) == len(list(SOLVER.rglob("*.py"))) > 0
    for path in compiled:
        content = path.read_bytes()
        assert content[4:8] == b"\x01\0\0\0", f"{path} is checked against its source, whose time a zip does not keep"
        assert str(layers.ROOT).encode() not in content


def test_layers_that_lambda_would_refuse_are_refused(monkeypatch):
    monkeypatch.setattr(layers, "LARGEST", 1)
    with pytest.raises(layers.LayerError, match="finance"):
        layers.check_size("native")
