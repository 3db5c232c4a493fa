"""Parts of a request that the audit trail keeps: fields that are allowed by name, and the things it is about.

A request's personal data never reaches the trail: only the fields in ``KEPT`` are taken, and of their texts only those
that have the form of a code, an id or a moment.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

MERCHANT = "/v1/staff/merchants/{merchant_id}"
DELIVERY = "/v1/staff/deliveries/{delivery_id}"
ZONE = "/v1/staff/zones/{zone_id}"
APPLICATION = "/v1/staff/applications/{application_id}"
DRIVER = "/v1/staff/drivers/{driver_id}"
CASE = "/v1/staff/cases/{case_id}"

KEPT: dict[str, frozenset[str]] = {
    route: frozenset(fields.split())
    for route, fields in {
        f"PATCH {MERCHANT}": "rate_limit zone_ids active",
        f"POST {MERCHANT}/keys": "scopes mode",
        f"PATCH {MERCHANT}/endpoints/{{endpoint_id}}": "active",
        f"POST {MERCHANT}/endpoints/{{endpoint_id}}/rotate-secret": "overlap_hours",
        f"POST {MERCHANT}/endpoints/{{endpoint_id}}/replay": "event_id",
        f"PUT {ZONE}": (
            "area dispatch travel rates cancellation skills promise_minutes approaching_m arrived_m alerts "
            "eta_change_minutes hours longest_trip_m vehicles goods quote_minutes adjusted_alone tiers "
            "dedicated_costs"
        ),
        f"PUT {ZONE}/pause": "orders offers until",
        f"POST {ZONE}/dispatch": "delivery_ids",
        f"POST {ZONE}/day-plans": "opens_from opens_until seconds dedicated_first",
        f"POST {ZONE}/incidents": "centre radius_m begins_at ends_at slowdown closed",
        "POST /v1/staff/drivers": "kind merchant_id home_zone_id skills",
        f"PATCH {DRIVER}": "documents skills home_zone_id",
        f"POST {DRIVER}/cases": "request_id ground evidence",
        f"POST {CASE}/decide": "level days",
        f"POST {CASE}/answer": "outcome",
        "POST /v1/staff/policies": "grounds",
        f"POST {DRIVER}/documents/{{document_id}}/approve": "valid_until",
        f"POST {DRIVER}/documents/{{document_id}}/refuse": "reason",
        "POST /v1/staff/corrections/{correction_id}/decide": "granted",
        f"POST {DRIVER}/shifts": "zone_id on_at off_at",
        f"POST {DRIVER}/shifts/remove": "on_at",
        f"PUT {DRIVER}/route": "revision order pinned dry_run",
        f"POST {DRIVER}/route/transfer": "revision delivery_ids to dry_run",
        "POST /v1/staff/deliveries/assign": "assignments",
        f"POST {DELIVERY}/assign": "driver_id position revision from_driver_id dry_run",
        f"POST {DELIVERY}/offer": "area",
        f"POST {DELIVERY}/cancel": "reason",
        f"POST {DELIVERY}/complete": "reason driver_id",
        f"POST {DELIVERY}/fail": "reason",
        f"POST {APPLICATION}/check/decide": "verdict",
        f"POST {APPLICATION}/check/close-dispute": "outcome",
        f"POST {APPLICATION}/refuse": "reason",
        f"POST {DELIVERY}/notices/lift": "channel reason",
        "POST /v1/staff/payouts/{payout_id}/decisions": "decision until",
        "POST /v1/staff/pay-runs": "period",
        f"POST {DELIVERY}/release-pay": "ground",
        f"POST {DELIVERY}/refuse-pay": "ground",
        "POST /v1/staff/ledger/adjustments": "driver_id amount",
        "POST /v1/staff/ledger/exports": "first last format",
        "POST /v1/staff/settlements": "period",
        "POST /v1/staff/invoices/{invoice_id}/payments": "act reference amount",
        "POST /v1/staff/tax/years/{year}": "change",
        "POST /v1/staff/price-tables": (
            "request_id currency zone_ids merchant_id starts_on ends_on surge monthly_minimum"
        ),
        "POST /v1/staff/price-tables/{table_id}/decisions": "verdict",
        f"PUT {ZONE}/surge": "percent until",
        "POST /v1/staff/incentives": "zone_id terms starts_at ends_at audience budget",
        "POST /v1/staff/blocks": (
            "zone_id day opens closes time_zone weeks capacity waitlist guarantee duty_percent cancel_minutes "
            "release_minutes pause_days audience"
        ),
    }.items()
}
"""By route, the fields of its body that are kept; of other routes none is."""

MOST_KEPT = 50_000
"""Characters of a kept request; of a longer one only its names are kept."""

MOST_SUBJECTS = 300
"""Things that one entry is listed under."""

LONGEST_SUBJECT = 64

_NAME = re.compile(r"[a-z0-9_]{1,40}")
_CODE = re.compile(r"[A-Za-z0-9_.:/+-]{1,80}")
_NUMBER = re.compile(r"[+(]?[0-9()/. -]{6,}")
_ID = re.compile(r"[a-z]{2,5}_[0-9a-z]{10,40}")
_OF_PATH = re.compile(r"[A-Za-z0-9_-]{1,64}")

NO_SUBJECTS = frozenset({"period", "year", "source", "kind"})
"""Parameters of paths that name no thing."""

ZONES = frozenset({"zone_id", "home_zone_id"})


def kept_of(route: str, body: Any) -> dict[str, Any]:
    """Return the part of a request's body that the trail keeps.

    Examples
    --------
    >>> kept_of("POST /v1/staff/settlements", {"period": "2026-06-01", "note": "for Kim"})
    {'period': '2026-06-01'}
    >>> kept_of("POST /v1/staff/settlements", {"period": "call Kim Lee"})
    {'period': None}
    """
    if not isinstance(body, Mapping):
        return {}
    kept = {name: _coded(body[name]) for name in sorted(KEPT.get(route, frozenset()) & body.keys())}
    return kept if len(json.dumps(kept)) <= MOST_KEPT else dict.fromkeys(kept)


def _coded(value: Any) -> Any:
    """Return a value with None in place of every text that is no code, id or moment."""
    match value:
        case str():
            return value if _CODE.fullmatch(value) and not _looks_like_a_phone(value) else None
        case Mapping():
            return {name: _coded(part) for name, part in value.items() if _NAME.fullmatch(str(name))}
        case list():
            return [_coded(part) for part in value]
    return value


def _looks_like_a_phone(text: str) -> bool:
    """Return whether a text is digits as a phone number has them; a day is not."""
    return bool(_NUMBER.fullmatch(text)) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)


def subjects_of(path: Mapping[str, str], body: Any) -> tuple[str, ...]:
    """Return the ids of the things that a request is about, those of the path first.

    Examples
    --------
    >>> subjects_of({"account": "driver:drv_7h2k9m4x3c8v5b1n:payable"}, {})
    ('drv_7h2k9m4x3c8v5b1n',)
    """
    named = (thing for name, value in path.items() if name not in NO_SUBJECTS for thing in _things_in(value))
    found = dict.fromkeys((*named, *ids_in(body)))
    return tuple(found)[:MOST_SUBJECTS]


def _things_in(value: str) -> list[str]:
    """Return a path's value, or the ids in it: an account of the ledger names its owner between colons."""
    return [value] if _OF_PATH.fullmatch(value) else [part for part in value.split(":") if _ID.fullmatch(part)]


def ids_in(body: Any) -> Iterator[str]:
    """Yield the ids in a body, and the zones that it names."""
    match body:
        case str() if _ID.fullmatch(body.partition(":")[0]):
            yield body.partition(":")[0]
        case Mapping():
            for name, part in body.items():
                if name in ZONES and isinstance(part, str) and _OF_PATH.fullmatch(part):
                    yield part
                else:
                    yield from ids_in(part)
        case list():
            for part in body:
                yield from ids_in(part)


def made_by(answer: Any) -> Iterator[str]:
    """Yield the ids that an answer names itself by, as that of something new does."""
    if isinstance(answer, Mapping):
        for name, value in answer.items():
            if (name == "id" or name.endswith("_id")) and isinstance(value, str) and _ID.fullmatch(value):
                yield value
