"""The API's document is the code's."""

import json
import os
import subprocess
import sys

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from crowdship.intake.imports import orders_csv
from crowdship.intake.sources import bigcommerce, shopify, woocommerce
from crowdship.intake.sources.model import Message
from crowdship.intake.sources.reading import Part
from crowdship.intake.sources.registry import SOURCES
from crowdship.notify.webhooks.endpoints.filters import MERCHANT_EVENTS
from infra.routes import ROUTES
from local.tools.openapi import ROOT, TARGET

# One process writes the document for all these tests.
pytestmark = pytest.mark.xdist_group("openapi")


@pytest.fixture(scope="module")
def generated():
    # In a process of its own: loading the functions must not leak their configuration into other tests.
    code = "from local.tools.openapi import text; import sys; sys.stdout.write(text())"
    path = os.pathsep.join([str(ROOT / "layers" / "crowdship" / "python"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_docs_openapi_json_is_what_the_code_says(generated):
    if TARGET.read_text() != generated:
        # No assert: the differences of two such texts take minutes to be written out.
        pytest.fail("run `make openapi` and commit the result")


def test_the_document_is_valid_openapi_3_1(generated):
    document = json.loads(generated)
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_every_operation_says_who_may_call_it_and_how_it_refuses(generated):
    for path, methods in json.loads(generated)["paths"].items():
        for method, operation in methods.items():
            name = f"{method} {path}"
            assert operation["summary"].endswith("."), name
            assert operation["security"] or path.startswith(("/v1/track/", "/v1/session", "/v1/applications")), name
            assert {"404", "422", "500"} <= operation["responses"].keys(), name


def operation(generated, method, path):
    return json.loads(generated)["paths"][path][method]


def test_every_way_to_succeed_is_in_the_document(generated):
    answers = operation(generated, "post", "/v1/staff/settlements")["responses"]
    assert {code for code in answers if code.startswith("2")} == {"200", "202"}
    for code in ("200", "202"):
        assert answers[code]["content"]["application/json"]["schema"]["$ref"].endswith("/SettlementStarted")


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda source: source.NAME)
def test_what_a_source_must_send_is_in_the_document(generated, source):
    told = operation(generated, "post", f"/v1/sources/{source.NAME}/{{merchant_id}}/orders")
    ((scheme,),) = told["security"]
    signature = json.loads(generated)["components"]["securitySchemes"][scheme]["name"]
    headers = {parameter["name"] for parameter in told["parameters"] if parameter["in"] == "header"}
    first, *others = source.HEADERS
    assert [signature, headers] == [first, set(others)]
    assert told["requestBody"]["required"]


class Watched(dict):
    """An order that remembers which of its fields were looked at."""

    def __init__(self, fields):
        super().__init__(fields)
        self.read = {"id"}

    def get(self, name, default=None):
        self.read.add(name)
        return super().get(name, default)


@pytest.mark.parametrize("source", [shopify, woocommerce], ids=lambda source: source.NAME)
def test_what_is_read_of_a_shops_order_is_in_the_document(generated, source, monkeypatch):
    told = operation(generated, "post", f"/v1/sources/{source.NAME}/{{merchant_id}}/orders")
    described = told["requestBody"]["content"]["application/json"]["schema"]["properties"]
    (sample,) = (ROOT / "events" / "samples" / "sources").glob(f"{source.NAME}.*.json")
    order, calls_off = (json.loads(sample.read_text()) for _ in range(2))
    order |= {"email": None, "refunds": [{"total": "-1.00"}]}
    calls_off |= {"cancelled_at": "2026-06-01T12:00:00Z", "status": "cancelled"}
    read = set()
    for fields in (order, calls_off):
        watched = Watched(fields)
        monkeypatch.setattr(source, "json_object", lambda body, code, watched=watched: watched)
        monkeypatch.setattr(source, "part_of", lambda body, watched=watched: Part(watched))
        topic = {"shopify": "orders/updated", "woocommerce": "order.updated"}[source.NAME]
        message = Message({"x-shopify-topic": topic, "x-wc-webhook-topic": topic}, b"")
        source.about(message)
        source.wish(message, lambda address: None)
        read |= watched.read
    assert described.keys() == read


def test_what_is_read_of_a_message_that_names_an_order_is_in_the_document(generated, monkeypatch):
    told = operation(generated, "post", "/v1/sources/bigcommerce/{merchant_id}/orders")
    described = told["requestBody"]["content"]["application/json"]["schema"]["properties"]
    sample = json.loads((ROOT / "events" / "samples" / "sources" / "bigcommerce.order-created.json").read_text())
    watched = Watched(sample)
    monkeypatch.setattr(bigcommerce, "json_object", lambda body, code: watched)
    message = Message({}, b"")
    for read in (bigcommerce.shop, bigcommerce.message_key, bigcommerce.about):
        read(message)
    bigcommerce.whole(message, lambda path: {})
    assert described.keys() == watched.read - {"id"}


def test_only_a_route_that_asks_a_shops_api_or_is_audited_may_answer_that_another_system_is_not_there(generated):
    paths = json.loads(generated)["paths"]
    telling = {
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method, told in methods.items()
        if "503" in told["responses"] and not path.startswith("/v1/session")
    }
    retry = "POST /v1/account/sources/{source}/messages/{message_id}/retry"
    audited = {route.on for route in ROUTES if route.is_audited}
    assert telling == {"POST /v1/sources/bigcommerce/{merchant_id}/orders", retry} | audited


def test_a_file_of_orders_is_csv(generated):
    told = operation(generated, "post", "/v1/deliveries/import")
    ((kind, body),) = told["requestBody"]["content"].items()
    assert kind == "text/csv"
    assert len(orders_csv.read(body["example"].encode()).requests) == 1


def test_every_event_that_merchants_get_is_a_webhook_with_a_schema_that_its_example_keeps(generated):
    document = json.loads(generated)
    assert document["webhooks"].keys() == MERCHANT_EVENTS
    for name, told in document["webhooks"].items():
        content = told["post"]["requestBody"]["content"]["application/json"]
        schema = {**content["schema"], "components": document["components"]}
        Draft202012Validator(schema).validate(content["example"])
        assert content["example"]["type"] == name
        assert "pay" not in content["example"]["data"].get("price", {})


def test_the_guide_for_merchants_names_every_event_and_every_route_of_theirs(generated):
    guide = (ROOT / "docs" / "webhooks.md").read_text()
    assert [name for name in MERCHANT_EVENTS if f"`{name}`" not in guide] == []
    ours = [path for path in json.loads(generated)["paths"] if path.startswith(("/v1/account/endpoints", "/v1/events"))]
    assert [path for path in ours if path.removeprefix("/v1/account/endpoints/{endpoint_id}") not in guide] == []
