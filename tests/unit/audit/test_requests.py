"""Parts of a request that the audit trail keeps."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.adapters.audit.requests import KEPT, MOST_SUBJECTS, kept_of, made_by, subjects_of
from infra.routes import ROUTES

DOCUMENT = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text())
PERSONAL = ("name", "phone", "email", "address", "note", "notes", "text", "comment", "contact", "plate", "secret")
NAMES_OF_IDS = ("_id", "_ids", "order", "pinned", "to")

ASSIGN = "POST /v1/staff/deliveries/{delivery_id}/assign"
DELIVERY, DRIVER = "dlv_0123456789abcdefghjkmnpq", "drv_0123456789abcdefghjkmnpq"


def resolved(schema):
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def body_of(route):
    method, _, path = route.partition(" ")
    operation = DOCUMENT["paths"][path][method.lower()]
    return resolved(operation["requestBody"]["content"]["application/json"]["schema"])


def parts(name, schema):
    """Yield every property that a schema may have, with its schema."""
    schema = resolved(schema)
    yield name, schema
    for inner, part in schema.get("properties", {}).items():
        yield from parts(inner, part)
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("prefixItems", ())):
        yield from parts(name, part)
    for below in ("items", "additionalProperties"):
        if isinstance(schema.get(below), dict):
            yield from parts(name, schema[below])


@pytest.mark.parametrize("route", sorted(KEPT))
def test_only_fields_that_a_route_has_and_that_name_no_person_are_kept(route):
    assert route in {one.on for one in ROUTES if one.is_audited}
    given = body_of(route)["properties"]
    for field in KEPT[route]:
        assert field in given, f"{route} takes no {field}"
        for name, schema in parts(field, given[field]):
            assert name not in PERSONAL, f"{route} would keep {name}"
            if schema.get("type") == "string" and name.endswith(NAMES_OF_IDS) is False:
                is_code = {"enum", "const", "format", "pattern"} & schema.keys()
                assert is_code, f"{route} would keep {name}, which is whatever somebody writes"


def test_of_an_unknown_route_nothing_is_kept():
    assert kept_of("POST /v1/staff/new", {"driver_id": DRIVER}) == {}


@pytest.mark.parametrize(
    "written", ["Kim Lee", "+13125550123", "(312) 555-0123", "kim@example.com", "9 Lake View", "é"]
)
def test_a_text_that_is_no_code_is_not_kept_even_where_a_code_belongs(written):
    assert kept_of(ASSIGN, {"driver_id": written}) == {"driver_id": None}


def test_ids_moments_and_numbers_are_kept():
    body = {"driver_id": DRIVER, "position": {"pickup": 0, "dropoff": 1}, "revision": 3, "dry_run": True}
    assert kept_of(ASSIGN, body) == body
    assert kept_of("POST /v1/staff/settlements", {"period": "2026-06-01"}) == {"period": "2026-06-01"}
    until = {"orders": True, "offers": False, "until": "2026-06-01T15:00:00Z", "reason": "Kim called"}
    del until["reason"]
    assert kept_of("PUT /v1/staff/zones/{zone_id}/pause", {**until, "reason": "Kim called"}) == until


def test_of_a_huge_request_only_the_names_are_kept():
    assert kept_of("PUT /v1/staff/zones/{zone_id}", {"area": ["x"] * 100_000}) == {"area": None}


def test_subjects_are_the_ids_of_path_and_body_each_once():
    path = {"driver_id": DRIVER, "zone_id": "loop", "period": "2026-06-01"}
    body = {"order": [f"{DELIVERY}:pickup", f"{DELIVERY}:dropoff"], "note": "Kim Lee", "home_zone_id": "south"}
    assert subjects_of(path, body) == (DRIVER, "loop", DELIVERY, "south")


def test_what_a_call_creates_is_named_by_its_answer():
    assert list(made_by({"id": DRIVER, "name": "Kim", "endpoint_id": "short", "delivery_ids": [DELIVERY]})) == [DRIVER]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.sampled_from(sorted(KEPT)), json_values)
def test_whatever_the_body_is_what_is_kept_can_be_written(route, body):
    json.dumps(kept_of(route, body))
    json.dumps(kept_of(route, dict.fromkeys(KEPT[route], body)))
    assert len(subjects_of({"delivery_id": DELIVERY}, body)) <= MOST_SUBJECTS
