"""What Powertools reads when it is imported, set before anything imports it; and one reader of botocore's files."""

import functools
import os

import botocore.session

os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Crowdship")
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "test")
os.environ.setdefault("POWERTOOLS_TRACE_DISABLED", "true")

# Moto starts a new session for each test, and each would read the descriptions of its services anew: half of a
# test's time.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)
