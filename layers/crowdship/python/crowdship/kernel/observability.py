"""One logger and one metrics namespace for all functions.

Powertools reads the service name, the log level and the namespace from ``POWERTOOLS_*`` environment variables.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics()


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Measure how long something takes as a metric in milliseconds of wall time."""
    began = time.perf_counter()
    try:
        yield
    finally:
        metrics.add_metric(name, MetricUnit.Milliseconds, round((time.perf_counter() - began) * 1000, 1))


__all__ = ["MetricUnit", "logger", "metrics", "timed"]
