"""An emulator of its own for these tests, with a small stack of functions that misbehave on purpose."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.clock import CLOCK_FILE, TOOLS, ClockFile
from local.deploy import deploy_stack
from local.emulator.server import any_free_port, spawn_emulator, stop_group
from local.running import emulator_client

MISBEHAVING = (Path(__file__).parent / "misbehaving.py").read_text()
FUNCTIONS = (
    "answer",
    "behave",
    "measure",
    "on_message",
    "on_record",
    "on_record_in_parts",
    "on_schedule",
    "report_environment",
    "sleep",
)


class Platform:
    """The emulator and what is deployed on it."""

    def __init__(self, endpoint: str, clock: ClockFile) -> None:
        self.endpoint, self.clock = endpoint, clock
        self.outputs: dict[str, str] = {}
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        return self._clients.setdefault(service, emulator_client(service, self.endpoint))

    def deploy(self, template: dict[str, Any], name: str = "Small") -> None:
        s3 = self.client("s3")
        s3.create_bucket(Bucket="templates")
        s3.put_object(Bucket="templates", Key="small.json", Body=json.dumps(template))
        url = f"{self.endpoint}/templates/small.json"
        self.outputs = deploy_stack(self.client, name, url, {}, lambda _: None)

    def invoke(self, function: str, **event: Any) -> dict[str, Any]:
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())

    def notes(self) -> list[str]:
        """What the functions wrote down, in order."""
        items = self.client("dynamodb").scan(TableName="notes")["Items"]
        return [item["note"]["S"] for item in sorted(items, key=lambda item: float(item["at"]["N"]))]

    def noted_at(self, text: str) -> float:
        """When a function wrote it down, in seconds since 1970."""
        item = self.client("dynamodb").get_item(TableName="notes", Key={"note": {"S": text}})["Item"]
        return float(item["at"]["N"])

    def put_record(self, key: str) -> None:
        self.client("dynamodb").put_item(TableName="source", Item={"key": {"S": key}})

    def put_records(self, keys: list[str]) -> None:
        """Write them at once, so that they travel in one batch."""
        writes = [{"Put": {"TableName": "source", "Item": {"key": {"S": key}}}} for key in keys]
        self.client("dynamodb").transact_write_items(TransactItems=writes)

    def send(self, **message: Any) -> None:
        delay = message.pop("delay", 0)
        self.client("sqs").send_message(
            QueueUrl=self.outputs["Queue"], MessageBody=json.dumps(message), DelaySeconds=delay
        )

    def messages(self, queue: str) -> list[str]:
        found = self.client("sqs").receive_message(QueueUrl=self.outputs[queue], MaxNumberOfMessages=10)
        return [message["Body"] for message in found.get("Messages", [])]

    @staticmethod
    def eventually[T](look: Callable[[], T], within: float = 30.0) -> T:
        """Return what a look finds once it finds something."""
        deadline = time.monotonic() + within
        while not (found := look()) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert found, f"nothing within {within} s"
        return found


def function(handler: str, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": handler,
            "Code": {"ZipFile": MISBEHAVING},
            "Handler": f"index.{handler}",
            "Role": "arn:aws:iam::000000000000:role/any",
            "Runtime": "python3.13",
            "Timeout": 20,
            "Environment": {"Variables": {"ANSWER": "42"}},
            **properties,
        },
    }


def table(name: str, key: str, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
            **properties,
        },
    }


def mapping(source: str, handler: str, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "EventSourceArn": {"Fn::GetAtt": source.split(".")},
            "FunctionName": {"Ref": handler},
            **properties,
        },
    }


def alarm(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": name,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "EvaluationPeriods": 1,
            "Period": 60,
            "Statistic": "Sum",
            "TreatMissingData": "notBreaching",
            **properties,
        },
    }


def template() -> dict[str, Any]:
    logical = {handler: handler.title().replace("_", "") for handler in FUNCTIONS}
    resources: dict[str, Any] = {
        name: function(handler, **({"Timeout": 1} if handler == "behave" else {})) for handler, name in logical.items()
    }
    failures = {"OnFailure": {"Destination": {"Fn::GetAtt": ["LostRecords", "Arn"]}}}
    stream = {"StartingPosition": "TRIM_HORIZON", "BatchSize": 10}
    resources |= {
        "Notes": table("notes", "note", TimeToLiveSpecification={"AttributeName": "ends", "Enabled": True}),
        "Source": table("source", "key", StreamSpecification={"StreamViewType": "NEW_IMAGE"}),
        "Locked": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "BucketName": "locked",
                "ObjectLockEnabled": True,
                "VersioningConfiguration": {"Status": "Enabled"},
            },
        },
        "LostRecords": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "lost-records"}},
        "DeadMessages": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "dead"}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "queue", "VisibilityTimeout": 30}},
        "Queued": mapping("Queue.Arn", logical["on_message"], BatchSize=1),
        "Streamed": mapping(
            "Source.StreamArn",
            logical["on_record"],
            **stream,
            BisectBatchOnFunctionError=True,
            MaximumRetryAttempts=2,
            DestinationConfig=failures,
        ),
        "StreamedInParts": mapping(
            "Source.StreamArn",
            logical["on_record_in_parts"],
            **stream,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        ),
        "EveryMinute": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {"source": ["test"]},
                "Targets": [{"Id": "one", "Arn": {"Fn::GetAtt": [logical["on_schedule"], "Arn"]}}],
            },
        },
        "Api": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": "small",
                "ProtocolType": "HTTP",
                "CorsConfiguration": {
                    "AllowOrigins": ["https://shop.example"],
                    "AllowMethods": ["GET"],
                    "AllowHeaders": ["authorization"],
                },
            },
        },
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True},
        },
        "OrdersAlarm": alarm(
            "orders",
            Namespace="Test",
            MetricName="Orders",
            Dimensions=[{"Name": "room", "Value": "intake"}],
            Threshold=5,
        ),
        "OtherAlarm": alarm(
            "other orders",
            Namespace="Test",
            MetricName="Orders",
            Dimensions=[{"Name": "room", "Value": "other"}],
            Threshold=5,
        ),
        "DeadAlarm": alarm(
            "dead messages",
            Namespace="AWS/SQS",
            MetricName="ApproximateNumberOfMessagesVisible",
            Dimensions=[{"Name": "QueueName", "Value": "dead"}],
            Statistic="Maximum",
            Threshold=1,
        ),
    }
    named = ("Api", "DeadMessages", "LostRecords", "Queue")
    return {"Resources": resources, "Outputs": {name: {"Value": {"Ref": name}} for name in named}}


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    if not (TOOLS / "emulator").exists():
        pytest.fail("the emulator is not installed: run `make setup`")
    state = tmp_path_factory.mktemp("emulator") / "state"
    state.mkdir()
    port = any_free_port()
    os.environ["LEAKED_INTO_FUNCTIONS"] = "yes"
    process = spawn_emulator(port, state, state / "log")
    try:
        platform = Platform(f"http://127.0.0.1:{port}", ClockFile(state.parent / CLOCK_FILE.name))
        platform.deploy(template())
        yield platform
    finally:
        stop_group(process.pid)
        del os.environ["LEAKED_INTO_FUNCTIONS"]
        shutil.rmtree(state, ignore_errors=True)
