"""The process of a simulation: tables in memory, metrics that are counted instead of printed, and no logs."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from benchmarks.support.memory_tables import MemoryTables
from crowdship.adapters.observability import metrics


@contextmanager
def offline(tables: MemoryTables) -> Iterator[Counter[str]]:
    """Let all stores ask some tables; yield the sums of metrics by name."""
    counted: Counter[str] = Counter()

    def count(name: str, unit: Any, value: float, *_: Any) -> None:
        counted[name] += value  # type: ignore[assignment]  # seconds have fractions

    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with tables.answering(), patch.object(metrics, "add_metric", count):
            yield counted
    finally:
        logging.disable(disabled)
