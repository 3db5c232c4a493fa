"""One logger, one metrics namespace, one tracer for all functions.

Powertools reads the service name, the log level and the namespace from ``POWERTOOLS_*`` environment variables.
"""

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics()
tracer = Tracer()

__all__ = ["MetricUnit", "logger", "metrics", "tracer"]
