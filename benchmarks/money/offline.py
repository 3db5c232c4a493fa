"""The process of a simulation: tables in memory, metrics that are counted instead of printed, and no logs.

Tokens of transactions and names of requests are numbers instead of random ones, which take longer to draw, and cycles
of garbage are looked for seldom.
"""

import gc
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from pynamodb.connection import base

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

    disabled, thresholds = logging.root.manager.disable, gc.get_threshold()
    logging.disable(logging.CRITICAL)
    gc.set_threshold(100_000, 20, 20)
    try:
        tokens = patch.object(storage, "uuid4", partial(next, _TOKENS))
        requests = patch.object(base, "uuid", SimpleNamespace(uuid4=int))
        with tables.answering(), tokens, requests, patch.object(metrics, "add_metric", add):
            yield counted
    finally:
        logging.disable(disabled)
        gc.set_threshold(*thresholds)
