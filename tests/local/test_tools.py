"""Tools start as a person starts them: by this environment's Python, with only the project on its path."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for folder in ("", "tools", "imitations", "city", "scenarios")
    for path in (ROOT / "local" / folder).glob("*.py")
    if path.stem != "__init__"
)
"""All but the emulator, which runs in an environment of its own: tests of the emulator start it."""


@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_finds_all_that_it_imports(name):
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    ran = subprocess.run(
        [sys.executable, "-c", f"import {name}"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
