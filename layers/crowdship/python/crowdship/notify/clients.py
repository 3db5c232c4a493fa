"""Clients of AWS for sending."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config


@cache
def client(service: str) -> Any:
    """Return an AWS client whose calls, with all retries, stay well within the lease of a sending."""
    return boto3.client(service, config=Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3}))
