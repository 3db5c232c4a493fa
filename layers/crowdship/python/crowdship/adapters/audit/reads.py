"""Readings of personal data by staff: which routes show some, and what an entry says of an answer. Pure.

A test holds every GET of staff to one of the two tables.
"""

import gzip
import json
import re
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

LIVE = frozenset(
    f"GET /v1/staff/{path}"
    for path in (
        "emergencies",
        "drivers/{driver_id}",
        "drivers/{driver_id}/messages",
        "drivers/{driver_id}/route",
        "deliveries/{delivery_id}",
        "zones/{zone_id}/board",
        "zones/{zone_id}/map",
    )
)
"""Routes that a page asks again every few seconds while somebody looks at it."""

PERSONAL = LIVE | frozenset(
    f"GET /v1/staff/{path}"
    for path in (
        "applications",
        "applications/{application_id}",
        "deliveries/{delivery_id}/proof",
        "deliveries/{delivery_id}/proof/{kind}",
        "deliveries/{delivery_id}/rating",
        "documents",
        "corrections",
        "driver-names",
        "cases",
        "cases/{case_id}",
        "claims",
        "drivers",
        "drivers/{driver_id}/cases",
        "drivers/{driver_id}/performance",
        "drivers/{driver_id}/performance/verify",
        "drivers/{driver_id}/documents",
        "drivers/{driver_id}/documents/{document_id}/picture",
        "finance/mails",
        "ledger/accounts/{account}/statement",
        "ledger/adjustments",
        "ledger/exports/{export_id}",
        "ledger/postings/{posting_id}",
        "merchants",
        "merchants/{merchant_id}",
        "pay-runs",
        "payouts",
        "payouts/{payout_id}",
        "pay-floors",
        "search",
        "zones/{zone_id}/shifts",
        "settlements/{period}/statements",
        "tax/drivers",
        "tax/years/{year}",
    )
)
"""Routes that show a name, phone, address, picture, message, plate, position or the earnings of a person."""

IMPERSONAL = frozenset(
    f"GET /v1/staff/{path}"
    for path in (
        "audit",
        "break-even",
        "deliveries",
        "classification",
        "deliveries/{delivery_id}/dispatch",
        "deliveries/{delivery_id}/notices",
        "deliveries/{delivery_id}/offers",
        "deliveries/{delivery_id}/proof/verify",
        "deliveries/{delivery_id}/webhooks",
        "invoices",
        "law",
        "ledger/months",
        "ledger/open-items",
        "ledger/trial-balance",
        "merchants/{merchant_id}/endpoints",
        "merchants/{merchant_id}/endpoints/{endpoint_id}",
        "merchants/{merchant_id}/endpoints/{endpoint_id}/attempts",
        "merchants/{merchant_id}/endpoints/{endpoint_id}/replays/{replay_id}",
        "messages/unread",
        "policies",
        "price-tables",
        "price-tables/{table_id}",
        "settlements/{period}",
        "zones",
        "zones/{zone_id}",
        "zones/{zone_id}/blocks",
        "zones/{zone_id}/held-pay",
        "zones/{zone_id}/incentives",
        "zones/{zone_id}/incidents",
        "zones/{zone_id}/plan",
        "zones/{zone_id}/surge",
        "zones/{zone_id}/traffic",
    )
)
"""Routes that show ids, codes, times and amounts alone."""

WINDOW = timedelta(minutes=15)
"""A person who looks at one thing again and again is noted once in this time."""

PURPOSE_HEADER = "reading-purpose"
_PURPOSE = re.compile(r"[a-z0-9_-]{1,40}")


def window_of(moment: datetime) -> datetime:
    """Return the beginning of the window in which a moment is.

    Examples
    --------
    >>> from datetime import UTC
    >>> window_of(datetime(2026, 6, 1, 12, 44, 59, tzinfo=UTC)).isoformat()
    '2026-06-01T12:30:00+00:00'
    """
    seconds = WINDOW.total_seconds()
    return datetime.fromtimestamp(moment.timestamp() // seconds * seconds, moment.tzinfo)


def purpose_of(headers: Mapping[str, str]) -> str | None:
    """Return the purpose that a caller names, if it is a code; a sentence may name somebody and is not kept.

    Examples
    --------
    >>> purpose_of({"reading-purpose": "complaint-17"}), purpose_of({"reading-purpose": "Kim called"})
    ('complaint-17', None)
    """
    said = headers.get(PURPOSE_HEADER, "")
    return said if _PURPOSE.fullmatch(said) else None


def said_of(answer: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    """Return what an entry says of a reading: how many records an answer lists, and the purpose; no contents.

    Examples
    --------
    >>> said_of({"body": '{"drivers": [{"name": "Ana"}, {"name": "Ben"}], "next_after": null}'}, {})
    {'records': 2}
    """
    body = _body_of(answer)
    lists = [part for part in body.values() if isinstance(part, list)] if isinstance(body, dict) else []
    told: dict[str, Any] = {"records": sum(map(len, lists))} if lists else {}
    purpose = purpose_of(headers)
    return {**told, "purpose": purpose} if purpose else told


def shows_nobody(path: Mapping[str, str], said: Mapping[str, Any]) -> bool:
    """Return whether an answer is a list without a record, and about no driver or delivery that its path names.

    Examples
    --------
    >>> shows_nobody({"zone_id": "loop"}, {"records": 0}), shows_nobody({"driver_id": "drv_1"}, {"records": 0})
    (True, False)
    """
    return not {"driver_id", "delivery_id"} & path.keys() and said.get("records") == 0


def _body_of(answer: Mapping[str, Any]) -> Any:
    """Return the JSON of an answer; None if it is a picture."""
    body: Any = answer.get("body") or ""
    try:
        if answer.get("isBase64Encoded"):
            body = b64decode(body)
            body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        return json.loads(body)
    except ValueError:
        return None
