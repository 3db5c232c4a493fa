"""Examples in docstrings of what other rooms call most are true."""

import doctest
import importlib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[3] / "layers" / "crowdship" / "python"
ROOMS = ("kernel", "adapters", "merchants", "notify")
WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for room in ROOMS
    for path in (PACKAGE / "crowdship" / room).rglob("*.py")
    if ">>> " in path.read_text()
)


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_the_examples_of_a_module_are_true(module):
    result = doctest.testmod(importlib.import_module(module))
    assert result.attempted > 0
    assert result.failed == 0


def test_what_others_call_most_has_an_example():
    assert {f"crowdship.kernel.{name}" for name in ("clock", "geo", "hours", "ids", "money")} <= set(WITH_EXAMPLES)
    assert {f"crowdship.adapters.{name}" for name in ("caches", "settings", "storage")} <= set(WITH_EXAMPLES)
