"""What is deployed is all that is needed: each function runs on its layers and the standard library alone."""

import ast
import json
import os
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from local import layers

ROOT = layers.ROOT
EXTRA_LAYERS = ("finance", "solver")
SOLVER_PACKAGES = {"ortools", "numpy", "vroom", "pyvrp"}
AARCH64 = 183
"""ELF's number for the processor that ``arm64`` means."""

IMPORT = """
import importlib, json, sys
path, module = json.loads(sys.argv[1])
sys.path[:0] = path
handler = importlib.import_module(module).handler
files = {name: getattr(found, "__file__", None) for name, found in sys.modules.items()}
print(json.dumps({"callable": callable(handler), "files": files}))
"""


@cache
def deployed() -> dict[str, tuple[str, ...]]:
    """Return which functions the stack deploys, and the layers that each gets besides the light one."""
    found = {}
    for source in (ROOT / "infra").rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "RoomFunction":
                name = next(argument.value for argument in node.args if isinstance(argument, ast.Constant))
                given = {keyword.arg: getattr(keyword.value, "value", None) for keyword in node.keywords}
                found[str(name)] = tuple(layer for layer in EXTRA_LAYERS if given.get(layer) is True)
    return found


FUNCTIONS = sorted(deployed())
each_function = pytest.mark.parametrize(
    "function",
    # One process imports a function for all its tests.
    [pytest.param(function, marks=pytest.mark.xdist_group(function)) for function in FUNCTIONS],
)


def path_of(function: str, *layer_names: str) -> list[Path]:
    """Return where a function finds its code, as Lambda has it: its own folder, then ``/opt/python``."""
    built = layers.BUILD / "native"
    own = ROOT / "functions" / function.partition("/")[0]
    return [own, *(built / name / "python" for name in layer_names), ROOT / "layers" / "crowdship" / "python"]


def layers_of(function: str) -> tuple[str, ...]:
    return ("light", *deployed()[function])


def run(function: str, path: list[Path]) -> subprocess.CompletedProcess[str]:
    """Import a function in a Python that has nothing but the standard library and a path."""
    audience, module = function.split("/")
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "POWERTOOLS_SERVICE_NAME": audience,
        "POWERTOOLS_METRICS_NAMESPACE": "Crowdship",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
    told = json.dumps([[str(folder) for folder in path], module])
    command = [sys.executable, "-I", "-S", "-B", "-c", IMPORT, told]
    return subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, timeout=120)


@cache
def imported(function: str) -> dict[str, Any]:
    done = run(function, path_of(function, *layers_of(function)))
    assert done.returncode == 0, f"{function} does not run on its layers:\n{done.stderr}"
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    if not layers.are_built("native"):
        pytest.fail("the layers are not what their requirements say: run `make setup`")


def test_every_function_there_is_is_deployed() -> None:
    there = {f"{path.parent.name}/{path.stem}" for path in (ROOT / "functions").glob("*/*.py")}
    assert there == set(FUNCTIONS)


@each_function
def test_a_function_runs_on_its_layers_and_nothing_else(function: str) -> None:
    told = imported(function)
    assert told["callable"]
    standard = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")}
    allowed = [*(folder.resolve() for folder in path_of(function, *layers_of(function))), *standard]
    for name, file in told["files"].items():
        if file is None or file.startswith("<"):
            continue  # built in, or a package without a file of its own
        where = Path(file).resolve()
        assert any(where.is_relative_to(folder) for folder in allowed), f"{function} takes {name} from {where}"
        assert "site-packages" not in where.parts


@each_function
def test_only_what_plans_pays_for_a_solver(function: str) -> None:
    loaded = {name.partition(".")[0] for name in imported(function)["files"]} & SOLVER_PACKAGES
    assert deployed()[function] or not loaded


def unpacked(folder: Path) -> int:
    """Return the bytes of what is deployed of a folder."""
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sum(path.stat().st_size for path in files)


@each_function
def test_a_function_has_layers_that_are_measured_together(function: str) -> None:
    assert any(set(layers_of(function)) <= set(together) for together in layers.TOGETHER)


@pytest.mark.parametrize("together", layers.TOGETHER, ids="-".join)
@pytest.mark.parametrize("architecture", ["native", "arm64"])
def test_the_largest_function_fits_into_what_lambda_unpacks(architecture: str, together: tuple[str, ...]) -> None:
    if not layers.are_built(architecture):
        pytest.skip(f"the {architecture} layers are not built: `make deploy` builds them")
    third_party = sum(layers.size(layers.BUILD / architecture / layer) for layer in together)
    own = unpacked(ROOT / "layers" / "crowdship") + max(map(unpacked, (ROOT / "functions").iterdir()))
    assert third_party + own < layers.LARGEST


def test_what_goes_to_aws_is_built_for_its_processor() -> None:
    if not layers.are_built("arm64"):
        pytest.skip("the arm64 layers are not built: `make deploy` builds them")
    for layer in layers.LAYERS:
        for library in (layers.BUILD / "arm64" / layer).rglob("*.so*"):
            with library.open("rb") as content:
                head = content.read(20)
            assert head[:4] == b"\x7fELF"
            assert int.from_bytes(head[18:20], "little") == AARCH64, library.name
