"""AWS list prices of the counted requests, on demand, without free tiers.

US East (N. Virginia), in US dollars, written down in November 2026. DynamoDB's and Lambda's agree with what others
publish of them; AWS's own price pages were not at hand, so compare before an absolute figure matters.
"""

from collections.abc import Mapping
from math import ceil
from typing import Any

REGION = "us-east-1"
WRITTEN_DOWN = "2026-11"
MILLION = 1_000_000

API_REQUEST = 1.00 / MILLION
"""HTTP API, up to 512 KB a request."""

LAMBDA_REQUEST = 0.20 / MILLION
LAMBDA_GB_SECOND = 0.0000133334
"""arm64."""

WRITE_UNIT = 0.625 / MILLION
READ_UNIT = 0.125 / MILLION
BUS_EVENT = 1.00 / MILLION
"""A custom event of up to 64 KB; its delivery to a queue is free."""

QUEUE_REQUEST = 0.40 / MILLION
STATE_TRANSITION = 25.0 / MILLION
BUCKET_WRITE = 5.0 / MILLION
BUCKET_READ = 0.4 / MILLION
SECRET_REQUEST = 5.0 / MILLION
LOG_GB = 0.50
TRACE = 5.0 / MILLION
MAIL = 100.0 / MILLION

KEY_MONTH = 1.00
SECRET_MONTH = 0.40
ALARM_MONTH = 0.10
WEB_ACL_MONTH = 5.00
WEB_ACL_RULE_MONTH = 1.00
DASHBOARD_MONTH = 3.00
METRIC_MONTH = 0.30
TABLE_GB_MONTH = 0.25
BACKUP_GB_MONTH = 0.20
LOG_GB_MONTH = 0.03
BUCKET_GB_MONTH = 0.023

POLLERS = 5
"""Lambda keeps at least so many long polls on a queue that it empties, ..."""

LONG_POLL_S = 20
"""... each for so long while nothing comes."""

MONTH_S = 30 * 24 * 3600


def item_size(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the bytes that DynamoDB counts for an item as it stands in a request."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Mapping[str, Any]) -> int:
    """Return the bytes that DynamoDB counts for an attribute's value: ``{"S": "text"}``."""
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            return len(content.lstrip("-").replace(".", "")) // 2 + 1
        case "B":
            return len(content) * 3 // 4
        case "SS" | "NS" | "BS":
            return sum(value_size({kind[0]: one}) for one in content)
        case "L":
            return 3 + sum(1 + value_size(one) for one in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + value_size(one) for name, one in content.items())
        case _:  # BOOL, NULL
            return 1


def write_units(size: int, *, transaction: bool = False) -> int:
    """Return the request units of a write of so many bytes."""
    return max(1, ceil(size / 1024)) * (2 if transaction else 1)


def read_units(size: int, *, consistent: bool, transaction: bool = False) -> float:
    """Return the request units of a read of so many bytes; nothing found costs as much as something small."""
    blocks = max(1, ceil(size / 4096))
    return blocks * (2 if transaction else 1 if consistent else 0.5)


def compute(invocations: int, milliseconds: float, memory_mb: int) -> float:
    """Return the price of some invocations that took so long together."""
    return invocations * LAMBDA_REQUEST + milliseconds / 1000 * memory_mb / 1024 * LAMBDA_GB_SECOND


def idle_polls() -> float:
    """Return the requests a month by which Lambda finds out that a queue is empty."""
    return POLLERS * MONTH_S / LONG_POLL_S
