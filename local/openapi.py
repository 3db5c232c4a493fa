"""Write docs/openapi.json from the code: one document for all functions behind the HTTP API."""

import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "openapi.json"

DESCRIPTION = """\
Deliveries for merchants, work for drivers, tools for staff, a page for customers.

Times are RFC 3339 in UTC. Money is in ISO 4217 minor units with its currency. Ids are opaque. Every refusal is
`application/problem+json` (RFC 9457) with a stable `code`, a sentence that says what was wrong and what would be
right, and a JSON pointer for each wrong field.
"""

SECURITY = {
    "KEY": (
        "merchantKey",
        "A merchant's API key as bearer credential: `Authorization: Bearer mer_….key_….…`",
    ),
    "JWT": ("accessToken", "An access token of the user pool; the caller's group decides what it opens"),
    "HMAC": ("shopSignature", "The shop's HMAC-SHA256 over the raw body, in base64"),
}

SHOP_HEADERS = {
    "X-Shopify-Topic": "What happened at the shop, for example `orders/create`",
    "X-Shopify-Webhook-Id": "The same on every repetition; an order comes with one",
    "X-Shopify-Shop-Domain": "The shop, which must be the one that is connected to the merchant",
}
"""What the function reads itself beside the signature, because the signature comes before any other check."""

SHOP_BODY = {
    "type": "object",
    "description": (
        "What Shopify sends for the topic, as the bytes it signed; whatever is not named here is not read. "
        "These fields are an order's: an order that can't be delivered is answered with `ignored`."
    ),
    "properties": {
        "id": {"type": "integer"},
        "currency": {"type": "string", "examples": ["USD"]},
        "email": {"type": ["string", "null"]},
        "phone": {"type": ["string", "null"]},
        "note": {"type": ["string", "null"]},
        "total_weight": {"type": ["integer", "null"], "description": "Grams"},
        "total_tip_received": {"type": ["string", "null"], "description": "In major units"},
        "shipping_address": {
            "type": "object",
            "description": "With latitude and longitude, and a phone here or in the order",
        },
    },
}

REFUSALS = {
    "400": ("Malformed", "The body is not JSON"),
    "401": ("Unauthorized", "The caller did not prove who they are"),
    "403": ("Forbidden", "The caller is known and may not do this"),
    "404": ("NotFound", "There is no such thing, or none that the caller may know of"),
    "409": ("Conflict", "It does not fit the present state"),
    "410": ("Gone", "It was there and is no longer shown"),
    "415": ("UnsupportedMediaType", "The body is not declared to be application/json"),
    "422": ("Invalid", "The request is wrong; `errors` points at what"),
    "500": ("Failed", "Something failed here; try again"),
}


def load(function: str) -> ModuleType:
    """Return the module of a function, for example ``intake/deliveries_api``."""
    path = ROOT / "functions" / f"{function}.py"
    spec = importlib.util.spec_from_file_location(f"functions_{function.replace('/', '_')}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _refusals(method: str, auth: str) -> dict[str, Any]:
    left_out = set() if method in ("post", "put", "patch") else {"400", "415"}
    if auth != "LINK":
        left_out.add("410")
    if auth in ("LINK", "HMAC"):
        left_out.add("403")
    return {
        status: {"$ref": f"#/components/responses/{name}"}
        for status, (name, _) in REFUSALS.items()
        if status not in left_out
    }


def _asked_of_a_shop(described: dict[str, Any]) -> dict[str, Any]:
    headers = [
        {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in SHOP_HEADERS.items()
    ]
    body = {"required": True, "content": {"application/json": {"schema": SHOP_BODY}}}
    return {"parameters": [*described["parameters"], *headers], "requestBody": body}


def _operation(module: ModuleType, described: dict[str, Any], method: str, auth: str) -> dict[str, Any]:
    name = described["operationId"].split("_v1_")[0]
    given = {code: answer for code, answer in described["responses"].items() if code.startswith("2")}
    asked: dict[str, Any] = {part: described[part] for part in ("parameters", "requestBody") if part in described}
    if auth == "HMAC":
        asked = _asked_of_a_shop(asked)
    sentence = " ".join((getattr(module, name).__doc__ or "").split())
    return {
        "tags": described["tags"],
        "summary": sentence,
        "operationId": f"{described['tags'][0]}_{name}",
        "security": [{SECURITY[auth][0]: []}] if auth in SECURITY else [],
        **asked,
        "responses": {**given, **_refusals(method, auth)},
    }


def _reached(parts: Any, schemas: dict[str, Any]) -> set[str]:
    """Return the names of the schemas that are referred to from ``parts``, directly or not."""
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


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of all routes that the stack has."""
    from crowdship.kernel.http import Problem
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
        operation = _operation(modules[route.function], described, method, route.auth.name)
        paths.setdefault(route.path, {})[method] = operation
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    used = _reached([paths, {"$ref": "#/components/schemas/Problem"}], schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "crowdship", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {name: schemas[name] for name in sorted(used)},
            "responses": {
                name: {
                    "description": text,
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
                for name, text in REFUSALS.values()
            },
            "securitySchemes": {
                name: (
                    {"type": "apiKey", "in": "header", "name": "X-Shopify-Hmac-SHA256", "description": text}
                    if auth == "HMAC"
                    else {"type": "http", "scheme": "bearer", "description": text}
                )
                for auth, (name, text) in SECURITY.items()
            },
        },
    }


def text() -> str:
    """Return the document as it is stored."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    os.environ.setdefault("POWERTOOLS_TRACE_DISABLED", "true")
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the document."""
    sys.path[:0] = [str(ROOT / "layers" / "crowdship" / "python"), str(ROOT)]
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text())
    print(f"wrote {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
