"""Each layer is tried by calling every AWS service that functions call, as far as the request and back."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import layers

CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "cognito-idp": ("admin_create_user", {"UserPoolId": "eu-central-1_a", "Username": "drv_1"}),
    "dynamodb": ("get_item", {"TableName": "deliveries", "Key": {"pk": {"S": "dlv_1"}}}),
    "events": ("put_events", {"Entries": [{"Source": "crowdship", "DetailType": "x", "Detail": "{}"}]}),
    "geo-places": ("geocode", {"QueryText": "9 Lake View", "Filter": {"IncludeCountries": ["USA"]}}),
    "geo-routes": (
        "calculate_route_matrix",
        {
            "Origins": [{"Position": [-87.0, 41.0]}],
            "Destinations": [{"Position": [-87.1, 41.0]}],
            "RoutingBoundary": {"Unbounded": True},
        },
    ),
    "s3": ("put_object", {"Bucket": "maps", "Key": "town/current.json", "Body": "{}"}),
    "secretsmanager": ("get_secret_value", {"SecretId": "crowdship/prod/merchants/mer_1/shopify"}),
    "ses": (
        "send_email",
        {
            "Source": "a@b.example",
            "Destination": {"ToAddresses": ["c@d.example"]},
            "Message": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}},
        },
    ),
    "sns": ("publish", {"PhoneNumber": "+13125550123", "Message": "x"}),
    "sqs": ("send_message", {"QueueUrl": "https://sqs.eu-central-1.amazonaws.com/1/ticks", "MessageBody": "{}"}),
    "stepfunctions": ("start_execution", {"stateMachineArn": "arn:aws:states:eu-central-1:1:stateMachine:cycle"}),
    "xray": ("put_trace_segments", {"TraceSegmentDocuments": ["{}"]}),
}
"""What is asked of each service, as our functions ask it."""

TRY = """
import json, sys
path, calls = json.loads(sys.argv[1])
sys.path[:0] = path
import boto3
from botocore.awsrequest import AWSResponse

class Body:
    def __init__(self, protocol):
        self.text = b"<Error><Error><Code>No</Code></Error></Error>" if "json" not in protocol else b"{}"

    def stream(self):
        yield self.text

asked = {}
for service, (operation, arguments) in calls.items():
    client = boto3.client(service, region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")

    def answer(request, service=service, protocol=client.meta.service_model.protocol, **_):
        asked[service] = [request.url, "Authorization" in request.headers]
        return AWSResponse(request.url, 400, {}, Body(protocol))

    client.meta.events.register("before-send", answer)
    try:
        getattr(client, operation)(**arguments)
    except client.exceptions.ClientError:
        pass  # the answer was read: it says that this was no real service
print(json.dumps(asked))
"""


def client_calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Yield the calls in our functions' code that make a client, with the name of the function they stand in."""
    for folder in layers.CODE:
        for source in sorted(folder.rglob("*.py")):
            within: dict[ast.AST, str] = {}
            for node in ast.walk(ast.parse(source.read_text())):
                here = node.name if isinstance(node, ast.FunctionDef) else within.get(node, "")
                within.update(dict.fromkeys(ast.iter_child_nodes(node), here))
                if isinstance(node, ast.Call) and _called(node) in ("client", "resource", "create_client"):
                    yield source, node, here


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_every_client_names_its_service_where_the_layers_look_for_it() -> None:
    named = set()
    for source, call, here in client_calls():
        (argument,) = call.args[:1] or (None,)
        if isinstance(argument, ast.Constant):
            named.add(argument.value)
        else:
            # A helper that makes clients of any service is called `client` too, with a name.
            assert here == "client", f"{source}:{call.lineno} makes a client, but does not name the service"

    assert named <= set(layers.services())


@pytest.mark.parametrize("layer_names", [("light",), ("light", "finance"), ("light", "solver")])
def test_a_layer_can_call_every_service_that_its_functions_call(layer_names: tuple[str, ...]) -> None:
    if not layers.are_built("native"):
        pytest.fail("the layers are not what their requirements say: run `make setup`")
    assert set(CALLS) == set(layers.services()), "CALLS above must say what is asked of each service"
    path = [str(layers.BUILD / "native" / name / "python") for name in layer_names]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", TRY, json.dumps([path, CALLS])],
        env={"PATH": os.environ["PATH"]},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    asked = json.loads(done.stdout)
    assert set(asked) == set(CALLS)
    for service, (url, signed) in asked.items():
        assert "eu-central-1" in url, service
        assert signed, service


def test_a_service_that_boto3_does_not_know_stops_the_build(tmp_path, monkeypatch) -> None:
    for service in ("s3", "ec2"):
        (tmp_path / "botocore" / "data" / service).mkdir(parents=True)
    monkeypatch.setattr(layers, "services", lambda: ["s3", "sqss"])

    with pytest.raises(layers.LayerError, match="boto3 knows no service sqss"):
        layers.prune_services(tmp_path)


def test_a_layer_keeps_the_services_that_are_called_and_no_other(tmp_path, monkeypatch) -> None:
    for service in ("s3", "ec2", "geo-places"):
        (tmp_path / "botocore" / "data" / service).mkdir(parents=True)
    monkeypatch.setattr(layers, "services", lambda: ["geo-places", "s3"])

    layers.prune_services(tmp_path)

    assert {folder.name for folder in (tmp_path / "botocore" / "data").iterdir()} == {"geo-places", "s3"}


def test_a_layer_is_built_again_when_the_code_calls_another_service(monkeypatch) -> None:
    before = layers.fingerprint("arm64", "light")
    monkeypatch.setattr(layers, "services", lambda: ["s3"])

    assert layers.fingerprint("arm64", "light") != before


def test_a_service_is_found_however_its_client_is_made(tmp_path, monkeypatch) -> None:
    (tmp_path / "one.py").write_text(
        "a = boto3.client('s3')\n"
        'b = session.client(\n    "geo-places", config=config\n)\n'
        'c = boto3.resource("dynamodb")\n'
        'd = client("sns")\n'
        "from aws_lambda_powertools.utilities.parameters import SecretsProvider\n"
    )
    monkeypatch.setattr(layers, "CODE", (tmp_path,))

    assert layers.services() == ["dynamodb", "geo-places", "s3", "secretsmanager", "sns"]
