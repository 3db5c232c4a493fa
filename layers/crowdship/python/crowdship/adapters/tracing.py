"""Traces of the steps inside a function, for X-Ray.

Apart from the rest of observability, because the X-Ray SDK takes a quarter of a second to import: functions behind
the API are traced by Lambda itself and leave this out.
"""

from aws_lambda_powertools import Tracer

tracer = Tracer()

__all__ = ["tracer"]
