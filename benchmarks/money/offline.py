"""The process of a simulation: tables in memory, metrics that are counted instead of printed, and no logs.

Tokens of transactions are numbers instead of random ones, which take longer to draw.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any
from unittest.mock import patch

from benchmarks.support.memory_tables import MemoryTables
from crowdship.adapters import storage
from crowdship.adapters.observability import metrics

_TOKENS = count()
"""Tokens of transactions, of which none may come twice in a process: what tables hold is brought back with them."""


@contextmanager
def offline(tables: MemoryTables) -> Iterator[Counter[str]]:
    """Let all stores ask some tables; yield the sums of metrics by name."""
    counted: Counter[str] = Counter()

    def add(name: str, unit: Any, value: float, *_: Any) -> None:
        counted[name] += value  # type: ignore[assignment]  # seconds have fractions

    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        tokens = patch.object(storage, "uuid4", partial(next, _TOKENS))
        with tables.answering(), tokens, patch.object(metrics, "add_metric", add):
            yield counted
    finally:
        logging.disable(disabled)
