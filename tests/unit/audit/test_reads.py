"""Each GET of staff either shows personal data, and is noted, or is known to show none."""

import json

from crowdship.adapters.audit.reads import IMPERSONAL, LIVE, PERSONAL, said_of
from infra.routes import ROUTES, STAFF

GETS = {route.on for route in ROUTES if route.method == "GET" and route.path.startswith(f"{STAFF}/")}


def test_every_get_of_staff_is_in_one_of_the_tables():
    assert {*PERSONAL, *IMPERSONAL} == GETS
    assert not PERSONAL & IMPERSONAL
    assert LIVE < PERSONAL


def names_in(schema, components, seen):
    """Yield the names of all fields that an answer may have."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        if name in seen:
            return
        seen.add(name)
        schema = components[name]
    yield from schema.get("properties", {})
    inner = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    inner += [part for several in ("anyOf", "oneOf", "allOf", "prefixItems") for part in schema.get(several, ())]
    for part in inner:
        if isinstance(part, dict):
            yield from names_in(part, components, seen)


TELLING = {"name", "phone", "email", "address", "plate", "received_by", "driver_name", "driver_phone", "comment"}
TELLING |= {"text", "billing_email", "note", "position"}


def test_an_answer_with_a_field_that_tells_of_a_person_is_noted():
    from infra.settings import ROOT

    document = json.loads((ROOT / "docs" / "openapi.json").read_text())
    telling = {}
    for on in GETS:
        method, path = on.split()
        content = document["paths"][path][method.lower()]["responses"]["200"]["content"].get("application/json")
        fields = set(names_in(content["schema"], document["components"]["schemas"], set())) if content else set()
        telling[on] = fields & TELLING
    harmless = {
        # A note of staff on a street, and the names of groups of goods.
        "GET /v1/staff/zones/{zone_id}/incidents": {"note"},
        "GET /v1/staff/policies": {"text"},
        # Names of tables of prices, and of groups of deliveries.
        "GET /v1/staff/price-tables": {"name"},
        "GET /v1/staff/price-tables/{table_id}": {"name"},
        # Sentences of the tables of law, and the names of states.
        "GET /v1/staff/law": {"name", "note", "text"},
        "GET /v1/staff/zones": {"name"},
        "GET /v1/staff/zones/{zone_id}": {"name"},
    }
    assert {on: fields for on, fields in telling.items() if on in IMPERSONAL and fields} == harmless


def test_a_picture_counts_no_records_and_a_map_is_counted_although_it_is_compressed():
    import gzip
    from base64 import b64encode

    body = b64encode(gzip.compress(json.dumps({"drivers": [1, 2], "deliveries": [3], "zone": "x"}).encode())).decode()
    assert said_of({"body": body, "isBase64Encoded": True}, {}) == {"records": 3}
    picture = b64encode(b"\xff\xd8\xff\xe0JFIF").decode()
    assert said_of({"body": picture, "isBase64Encoded": True}, {"reading-purpose": "theft"}) == {"purpose": "theft"}
