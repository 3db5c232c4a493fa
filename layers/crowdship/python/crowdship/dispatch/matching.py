"""Least-cost matching with OR-Tools; only planning functions import this, it loads a solver."""

from collections.abc import Mapping

import numpy as np
from ortools.graph.python.linear_sum_assignment import SimpleLinearSumAssignment

UNMATCHED_COST = 10**8
"""Worse than any real score (in tenths of a second), so nobody is left out who could be matched."""


def match(costs: Mapping[tuple[int, str], float]) -> dict[int, str]:
    """Return which column each row gets so that as many as can be are matched at the least total cost.

    Parameters
    ----------
    costs : mapping
        Cost by (row, column); pairs that are not in it can't be matched.

    Notes
    -----
    Every row also has a column of its own that means "nobody", and every column a row that means "nothing", so a
    perfect matching always exists.
    """
    rows = sorted({row for row, _ in costs})
    columns = sorted({column for _, column in costs})
    if not rows:
        return {}
    row_index = {row: index for index, row in enumerate(rows)}
    column_index = {column: index for index, column in enumerate(columns)}
    left = [row_index[row] for row, _ in costs]
    right = [column_index[column] for _, column in costs]
    price = [round(cost * 10) for cost in costs.values()]
    for index in range(len(rows)):
        left.append(index)
        right.append(len(columns) + index)
        price.append(UNMATCHED_COST)
    for index in range(len(columns)):
        left.append(len(rows) + index)
        right.append(index)
        price.append(0)
    for row, column in zip(left[: len(costs)], right[: len(costs)], strict=True):
        left.append(len(rows) + column)
        right.append(len(columns) + row)
        price.append(0)
    assignment = SimpleLinearSumAssignment()
    assignment.add_arcs_with_cost(np.array(left), np.array(right), np.array(price))
    if assignment.solve() != assignment.OPTIMAL:
        raise ArithmeticError("the assignment has no solution, though one exists by construction")
    mates = {row: assignment.right_mate(row_index[row]) for row in rows}
    return {row: columns[mate] for row, mate in mates.items() if mate < len(columns)}
