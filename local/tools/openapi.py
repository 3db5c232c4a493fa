"""Generate docs/openapi.json from the code: one document for all functions behind the HTTP API."""

import importlib.util
import json
import os
from types import ModuleType
from typing import Any

from local.layers import ROOT

TARGET = ROOT / "docs" / "openapi.json"
EVENTS = ROOT / "events"

DESCRIPTION = """\
Deliveries for merchants, work for drivers, tools for staff, a page for customers.

Times are RFC 3339 in UTC. Money is in ISO 4217 minor units with its currency. Ids are opaque. Every refusal is
`application/problem+json` (RFC 9457) with a stable `code`, a sentence that says what was wrong and what would be
right, and a JSON pointer for each wrong field.

A driver's app that keeps actions until it has a network may send `Action-Id`, a UUID that is noted in our log, and
`Action-Digest`, the hexadecimal SHA-256 of the method, a space, the path, a line feed and the body's bytes, made when
the driver acted. A request that does not fit its digest gets 400 `action_digest_mismatch`, and does nothing.
"""

SECURITY = {
    "KEY": (
        "merchantKey",
        "A merchant's API key as bearer credential: `Authorization: Bearer mer_….key_….…`",
    ),
    "JWT": ("accessToken", "An access token of the user pool; the caller's group decides which calls are allowed"),
    "HMAC": ("", ""),
    "PROVIDER": ("", ""),
}

SESSION = "/v1/session"

CSV_BODY = {
    "required": True,
    "content": {
        "text/csv": {
            "schema": {
                "type": "string",
                "description": "UTF-8 with one heading row and at most 500 orders; columns: docs/orders-csv.md",
            },
            "example": (
                "external_id,customer,phone,address,dropoff_lat,dropoff_lon\n"
                "order-1042,Kim Lee,+13125550123,9 Lake View,41.01,-87.01\n"
            ),
        }
    },
}

PICTURE_BODY = {
    "required": True,
    "content": {
        kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/jpeg", "image/png", "image/webp")
    },
}

REPORT_BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {
                    **{
                        name: {"type": "string", "maxLength": 100} for name in ("check_id", "reference", "candidate_id")
                    },
                    "result": {"enum": ["clear", "consider"]},
                    "records": {
                        "type": "array",
                        "maxItems": 50,
                        "items": {
                            "type": "object",
                            "properties": {
                                "title": {"type": "string", "maxLength": 120},
                                "date": {"type": ["string", "null"], "format": "date"},
                                "place": {"type": ["string", "null"], "maxLength": 120},
                                "outcome": {"type": ["string", "null"], "maxLength": 120},
                            },
                            "required": ["title"],
                        },
                    },
                },
                "required": ["check_id", "reference", "candidate_id", "result"],
            }
        }
    },
}

OTHER_BODIES = {
    ("post", "/v1/providers/screening/reports"): REPORT_BODY,
    ("post", "/v1/deliveries/import"): CSV_BODY,
    ("put", "/v1/account/logo"): PICTURE_BODY,
    ("put", "/v1/driver/deliveries/{delivery_id}/proofs/{kind}"): PICTURE_BODY,
}
"""The bodies that handlers read by themselves, by method and path."""

EXAMPLE_MERCHANT = "mer_ksw6skgdjqrfc24nhbzff93p"
"""The merchant of an example whose event on the bus names none."""

WEBHOOK_HEADERS = {
    "webhook-id": "The event's id: the same on every retry and replay",
    "webhook-timestamp": "The time of this attempt, in Unix seconds",
    "webhook-signature": "`v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64; two while a secret is rotated",
}
"""The headers of Standard Webhooks 1.0.0."""

REFUSALS = {
    "400": ("Malformed", "The body is not JSON"),
    "401": ("Unauthorized", "The caller is not authenticated"),
    "403": ("Forbidden", "The caller is authenticated but may not do this"),
    "404": ("NotFound", "The thing does not exist, or the caller may not see it"),
    "409": ("Conflict", "The request does not fit the present state"),
    "410": ("Gone", "The thing existed and is no longer shown"),
    "415": ("UnsupportedMediaType", "The Content-Type is not the one that is required"),
    "422": ("Invalid", "The request is invalid; `errors` points at each wrong field"),
    "429": ("TooMany", "Called too often; `Retry-After` is the number of seconds to wait"),
    "500": ("Failed", "An error on our side; try again"),
    "503": ("Unavailable", "Another system does not answer; `Retry-After` is the number of seconds to wait"),
}


AT_THE_GATE = {
    "description": "The gateway refused the token, or the function requires one",
    "content": {
        "application/json": {
            "schema": {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]}
        },
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
    },
}
"""Answers to a refused token. API Gateway checks access tokens itself, and its answer can't be changed."""


def load(function: str) -> ModuleType:
    """Return the module of a function, for example ``merchant/deliveries``."""
    path = ROOT / "functions" / f"{function}.py"
    spec = importlib.util.spec_from_file_location(f"functions_{function.replace('/', '_')}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _refusals(method: str, auth: str, path: str) -> dict[str, Any]:
    from crowdship.adapters.audit.trail import is_audited

    left_out = set() if method in ("post", "put", "patch") else {"400", "415"}
    if auth not in ("LINK", "KEY"):
        left_out.add("410")
    if auth == "LINK":
        left_out.add("403")
    # Among callers with a token only drivers, and whoever tries codes, have a rate limit.
    if auth == "LINK" or (auth == "JWT" and not path.startswith(("/v1/driver/", SESSION))):
        left_out.add("429")
    if not (_fetches(path) or path.startswith(SESSION) or is_audited(f"{method.upper()} {path}")):
        left_out.add("503")
    at_the_gate = {"401": "NoAccess"} if auth == "JWT" else {}
    return {
        status: {"$ref": f"#/components/responses/{at_the_gate.get(status, name)}"}
        for status, (name, _) in REFUSALS.items()
        if status not in left_out
    }


def _fetches(path: str) -> bool:
    """Return whether a route may ask a shop's API, which may not answer."""
    from crowdship.intake.sources.registry import SOURCES

    fetching = {f"/v1/sources/{source.NAME}/{{merchant_id}}/orders" for source in SOURCES.values() if source.FETCHES}
    return path in fetching or path.endswith("/messages/{message_id}/retry")


def _asked_of_a_source(described: dict[str, Any], source: str) -> dict[str, Any]:
    from crowdship.intake.sources.registry import source_of

    # The first header authenticates the sender: it is the operation's security scheme.
    beside = list(source_of(source).HEADERS.items())[1:]
    headers = [
        {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in beside
    ]
    schema = json.loads((EVENTS / "sources" / f"{source}.schema.json").read_text())
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"parameters": [*described["parameters"], *headers], "requestBody": body}


def _security(path: str, auth: str) -> list[dict[str, list[str]]]:
    if path == f"{SESSION}/refresh":
        return [{"sessionCookie": []}]
    if auth not in SECURITY:
        return []
    if auth == "PROVIDER":
        return [{"providerSignature": []}]
    return [{f"{_source(path)}Signature" if auth == "HMAC" else SECURITY[auth][0]: []}]


def _webhook_headers() -> list[dict[str, Any]]:
    """Return the headers of Standard Webhooks beside the signature, which is the security scheme."""
    return [
        {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in (
            ("webhook-id", "An id of the message, the same on every retry"),
            ("webhook-timestamp", "The time of this attempt, in Unix seconds"),
        )
    ]


def _source(path: str) -> str:
    return path.split("/")[3]


def _schemes() -> dict[str, Any]:
    from crowdship.intake.sources.registry import SOURCES

    schemes: dict[str, Any] = {
        name: {"type": "http", "scheme": "bearer", "description": text} for name, text in SECURITY.values() if name
    }
    text = "The cookie that signing in sets; on a local stage its name is `session`"
    schemes["sessionCookie"] = {"type": "apiKey", "in": "cookie", "name": "__Secure-session", "description": text}
    text = "`v1,` and the HMAC-SHA256 of `<webhook-id>.<webhook-timestamp>.<raw body>` in base64 (Standard Webhooks)"
    schemes["providerSignature"] = {"type": "apiKey", "in": "header", "name": "webhook-signature", "description": text}
    for source in SOURCES.values():
        header, text = next(iter(source.HEADERS.items()))
        schemes[f"{source.NAME}Signature"] = {"type": "apiKey", "in": "header", "name": header, "description": text}
    return schemes


def _without_null(code: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer as it is described, without content if it has none."""
    schemas = [content.get("schema", {}) for content in answer.get("content", {}).values()]
    empty = code == "204" or any(schema.get("type") == "null" for schema in schemas)
    return {"description": answer["description"]} if empty else answer


def _operation(module: ModuleType, described: dict[str, Any], path: str, method: str, auth: str) -> dict[str, Any]:
    name = described["operationId"].split("_v1_")[0]
    given = {code: _without_null(code, answer) for code, answer in described["responses"].items() if code[0] == "2"}
    asked: dict[str, Any] = {part: described[part] for part in ("parameters", "requestBody") if part in described}
    if auth == "HMAC":
        asked = _asked_of_a_source(asked, _source(path))
    if auth == "PROVIDER":
        asked["parameters"] = [*asked.get("parameters", []), *_webhook_headers()]
    if other := OTHER_BODIES.get((method, path)):
        asked["requestBody"] = other
    # Handlers that are created for each kind of source are not functions of the module, and have their own summary.
    sentence = described.get("description") or " ".join((getattr(module, name).__doc__ or "").split())
    return {
        "tags": described["tags"],
        "summary": sentence,
        "operationId": f"{described['tags'][0]}_{name}",
        "security": _security(path, auth),
        **asked,
        "responses": {**given, **_refusals(method, auth, path)},
    }


def _reached(parts: Any, schemas: dict[str, Any]) -> set[str]:
    """Return the names of the schemas that ``parts`` refers to, directly or indirectly."""
    found: set[str] = set()
    queue = [parts]
    while queue:
        part = queue.pop()
        if isinstance(part, list):
            queue += part
        elif isinstance(part, dict):
            queue += part.values()
            name = str(part.get("$ref", "")).partition("#/components/schemas/")[2]
            if name and name not in found:
                found.add(name)
                queue.append(schemas[name])
    return found


def _outward(part: Any) -> Any:
    """Return a part of an event's schema for merchants, which allows unknown properties."""
    if isinstance(part, list):
        return [_outward(item) for item in part]
    if not isinstance(part, dict):
        return part
    told = {k: _outward(v) for k, v in part.items() if k not in ("additionalProperties", "unevaluatedProperties")}
    if "$ref" in told:
        told["$ref"] = f"#/components/schemas/event_{told['$ref'].rpartition('/')[2]}"
    return told


def _without_driver(data: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an event's data without what a claim has of the driver."""
    from crowdship.notify.webhooks.bodies import OF_THE_DRIVER

    fields = {name: part for name, part in data.get("properties", {}).items() if name not in OF_THE_DRIVER}
    for award in [fields["award"], *fields["award"].get("anyOf", ())] if "award" in fields else ():
        for name in [name for name in award.get("properties", {}) if name.endswith("_driver")]:
            award["properties"].pop(name)
            award["required"].remove(name)
    return {**data, "properties": fields}


def _webhooks() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the document's webhooks, one for each event type that merchants get, and the schemas these use."""
    from crowdship.kernel.events import DomainEvent
    from crowdship.notify.webhooks.bodies import addressed_to, concerns_zone, webhook_body
    from crowdship.notify.webhooks.endpoints.filters import MERCHANT_EVENTS

    common = json.loads((EVENTS / "common.schema.json").read_text())["$defs"]
    schemas = {f"event_{name}": _outward(schema) for name, schema in common.items()}
    price = schemas["event_price"]
    price["properties"].pop("pay")
    price["required"].remove("pay")
    price["description"] = "The price of the delivery, fixed when it was created; the driver gets the whole tip."
    called_off = schemas["event_cancellation"]
    called_off["properties"].pop("shares")
    called_off["required"].remove("shares")
    schemas.pop("event_hold")
    schemas["event_delivery"]["properties"].pop("hold")
    schemas["event_delivery"]["required"].remove("hold")
    sequence = {"$ref": "#/components/schemas/event_sequence"}
    headers = [
        {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in WEBHOOK_HEADERS.items()
    ]
    webhooks = {}
    for name in sorted(MERCHANT_EVENTS):
        schema = json.loads((EVENTS / f"{name}.schema.json").read_text())
        sample = json.loads((EVENTS / "samples" / f"{name}.json").read_text())
        data = _without_driver(_outward(schema["properties"]["data"]))
        data["properties"] = {
            **data.get("properties", {}),
            "subject": _outward(schema["properties"]["subject"]),
            "sequence": sequence,
        }
        data["required"] = ["subject", "sequence"]
        body = {
            "type": "object",
            "properties": {
                "type": {"const": name},
                "timestamp": {"$ref": "#/components/schemas/event_moment"},
                "data": data,
            },
            "required": ["type", "timestamp", "data"],
        }
        event = DomainEvent.model_validate(sample)
        told = addressed_to(event, EXAMPLE_MERCHANT) if concerns_zone(event) else event
        example = json.loads(webhook_body(told))
        webhooks[name] = {
            "post": {
                "tags": ["webhooks"],
                "summary": schema["description"],
                "operationId": f"webhook_{name.replace('.', '_')}",
                "security": [],
                "parameters": headers,
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": body, "example": example}},
                },
                "responses": {
                    "2XX": {"description": "Accepted. Any other answer is tried again."},
                    "410": {"description": "Gone: the endpoint is disabled and gets no more webhooks."},
                },
            }
        }
    return webhooks, schemas


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of all routes that the stack has."""
    from crowdship.adapters.http import Problem
    from infra.routes import ROUTES

    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    modules = {function: load(function) for function in sorted({route.function for route in ROUTES})}
    served = {
        function: json.loads(module.api.get_openapi_json_schema(title="crowdship", version="1"))
        for function, module in modules.items()
    }
    for own in served.values():
        schemas.update(own.get("components", {}).get("schemas", {}))
    for route in ROUTES:
        method = route.method.lower()
        described = served[route.function]["paths"][route.path][method]
        operation = _operation(modules[route.function], described, route.path, method, route.auth.name)
        paths.setdefault(route.path, {})[method] = operation
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    webhooks, events = _webhooks()
    schemas.update(events)
    used = _reached([paths, webhooks, {"$ref": "#/components/schemas/Problem"}], schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "crowdship", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "webhooks": webhooks,
        "components": {
            "schemas": {name: schemas[name] for name in sorted(used)},
            "responses": {
                name: {
                    "description": text,
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
                for name, text in REFUSALS.values()
            }
            | {"NoAccess": AT_THE_GATE},
            "securitySchemes": _schemes(),
        },
    }


def text() -> str:
    """Return the document as text, as it is stored."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    os.environ.setdefault("POWERTOOLS_TRACE_DISABLED", "true")
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the document."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text())
    print(f"wrote {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
