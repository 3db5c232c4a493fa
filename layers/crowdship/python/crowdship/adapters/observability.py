"""One logger and one metrics namespace for all functions.

Powertools reads the service name, the log level and the namespace from ``POWERTOOLS_*`` environment variables.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit, single_metric

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


def count_for_all(name: str) -> None:
    """Count an occurrence that is possible in any room under one dimension, so that one alarm watches all rooms."""
    dimensions = {"service": "platform"}
    with single_metric(name=name, unit=MetricUnit.Count, value=1, default_dimensions=dimensions):
        pass


def add_measurement(name: str, unit: str, value: float, dimensions: Mapping[str, str]) -> None:
    """Add a value to the room's metric of a name, or to the one that has further dimensions.

    Parameters
    ----------
    unit : str
        As CloudWatch names it, for example ``Count``.
    dimensions : mapping
        Besides ``service``, for example ``{"zone": "san-francisco"}``; empty for the room's own metric. CloudWatch
        bills each combination of values as a metric of its own.
    """
    if not dimensions:
        metrics.add_metric(name, unit, value)
        return
    with single_metric(name=name, unit=MetricUnit(unit), value=value, default_dimensions=dict(dimensions)):
        pass


__all__ = ["MetricUnit", "add_measurement", "count_for_all", "logger", "metrics", "timed"]
