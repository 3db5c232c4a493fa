"""Environment that boto3 and Powertools read when they are imported; a program that plays imports this module first.

Tests import it too, so it sets nothing that a test of metrics or logs would miss: ``offline`` silences those.
"""

import os

# Nothing is asked of AWS.
for _name, _value in {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "POWERTOOLS_METRICS_NAMESPACE": "Simulation",
    "POWERTOOLS_SERVICE_NAME": "simulation",
    "POWERTOOLS_TRACE_DISABLED": "true",
}.items():
    os.environ.setdefault(_name, _value)
