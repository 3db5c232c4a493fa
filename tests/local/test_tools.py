"""Tools start as a person starts them: by this environment's Python, with only the project on its path."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = sorted(path.stem for path in (ROOT / "local").glob("*.py") if path.stem not in ("__init__", "lambda_worker"))
EMULATORS = ("emulator", "emulated_functions", "emulated_metrics", "emulated_streams")
"""These run in the emulator's environment, which tests of the emulator start."""


@pytest.mark.parametrize("name", [*(name for name in TOOLS if name not in EMULATORS), "scenarios.__main__"])
def test_a_tool_finds_all_that_it_imports(name):
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    ran = subprocess.run(
        [sys.executable, "-c", f"import local.{name}"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
