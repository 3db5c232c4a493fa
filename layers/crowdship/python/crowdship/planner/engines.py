"""Optional engines: each is loaded when it is first needed, and is None where it is not installed.

Each search also works without its engine. Only planning functions have the layer with the engines. The module that
translates a problem for an engine lies beside the problem: ``dayplan/by_vroom.py``, ``dayplan/by_pyvrp.py``,
``polish/by_vroom.py``, ``sequence/by_pyvrp.py``.
"""

import sys
from functools import cache
from types import ModuleType
from typing import Any


@cache
def vroom() -> Any:
    """Return VROOM's module, or None.

    The module imports pandas, which takes long, and uses it for tables that nobody here reads. Unless pandas is loaded
    already, an empty module stands in for it during the import.
    """
    stand_in = None if "pandas" in sys.modules else ModuleType("pandas")
    if stand_in:
        stand_in.__dict__["DataFrame"] = object
        sys.modules["pandas"] = stand_in
    try:
        import vroom as engine
    except ImportError:
        return None
    finally:
        if stand_in:
            del sys.modules["pandas"]
    return engine


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
