"""Engines that may be there or not: each is loaded when it is first asked for, and None where it is not installed.

What uses one has its own way without it. Only planning functions carry the layer that holds them.
"""

import sys
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import Any


@cache
def vroom() -> Any:
    """Return VROOM's module, or None.

    The module asks for pandas as it is imported and needs it for one table that nobody here reads, so where pandas
    is missing something empty stands in for it during the import.
    """
    stand_in = _stand_in_for_pandas()
    if stand_in:
        sys.modules["pandas"] = stand_in
    try:
        import vroom as engine
    except ImportError:
        return None
    finally:
        if stand_in:
            del sys.modules["pandas"]
    return engine


def _stand_in_for_pandas() -> ModuleType | None:
    if find_spec("pandas"):
        return None
    stand_in = ModuleType("pandas")
    stand_in.__dict__["DataFrame"] = object
    return stand_in


@cache
def pyvrp() -> Any:
    """Return PyVRP's module, or None."""
    try:
        import pyvrp as engine
    except ImportError:
        return None
    return engine


@cache
def linear_sum_assignment() -> Any:
    """Return OR-Tools' module of assignment, or None; it takes NumPy's arrays."""
    try:
        from ortools.graph.python import linear_sum_assignment as engine
    except ImportError:
        return None
    return engine


@cache
def min_cost_flow() -> Any:
    """Return OR-Tools' module of minimum-cost flows, or None; it takes NumPy's arrays."""
    try:
        from ortools.graph.python import min_cost_flow as engine
    except ImportError:
        return None
    return engine
