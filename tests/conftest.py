"""What Powertools reads when it is imported, set before anything imports it."""

import os

os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Crowdship")
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "test")
os.environ.setdefault("POWERTOOLS_TRACE_DISABLED", "true")
