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
    "KEY": ("merchantKey", "A merchant's API key as bearer credential: `Authorization: Bearer mer_….key_….…`"),
    "JWT": ("accessToken", "An access token of the user pool; the caller's group decides what it opens"),
    "HMAC": ("shopSignature", "The shop's HMAC-SHA256 over the raw body, in base64"),
}

REFUSALS = {
    "400": "The body is not JSON",
    "401": "The caller did not prove who they are",
    "403": "The caller is known and may not do this",
    "404": "There is no such thing, or none that the caller may know of",
    "409": "It does not fit the present state",
    "410": "It was there and is no longer shown",
    "422": "The request is wrong; `errors` points at what",
    "500": "Something failed here; try again",
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
    left_out = set() if method in ("post", "put", "patch") else {"400"}
    if auth != "LINK":
        left_out.add("410")
    if auth in ("LINK", "HMAC"):
        left_out.add("403")
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"application/problem+json": {"schema": schema}}
    return {
        status: {"description": text, "content": content}
        for status, text in REFUSALS.items()
        if status not in left_out
    }


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of all routes that the stack has."""
    from crowdship.kernel.http import Problem
    from infra.api import ROUTES

    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    served = {
        function: json.loads(load(function).api.get_openapi_json_schema(title="crowdship", version="1"))
        for function in sorted({route.function for route in ROUTES})
    }
    for own in served.values():
        schemas.update(own.get("components", {}).get("schemas", {}))
    for route in ROUTES:
        method, auth = route.method.lower(), route.auth.name
        operation = served[route.function]["paths"][route.path][method]
        operation["summary"] = operation.pop("description", operation["summary"]).strip().splitlines()[0]
        operation["operationId"] = operation["operationId"].split("_v1_")[0]
        given = {code: answer for code, answer in operation["responses"].items() if code.startswith("2")}
        made = "201" if "201" in given else "200"
        operation["responses"] = {made: given[made], **_refusals(method, auth)}
        operation["security"] = [{SECURITY[auth][0]: []}] if auth in SECURITY else []
        paths.setdefault(route.path, {})[method] = operation
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return {
        "openapi": "3.1.0",
        "info": {"title": "crowdship", "version": "1", "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
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
