"""Stages share nothing but the account, and only the one on somebody's own machine is less strict."""

import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.settings import Settings
from local.tools.firewall import copy_arn
from local.tools.release import refusal, steps
from tests.unit.infra.conftest import Synthesised

INSIDE_ANOTHER = {
    ("AWS::ApiGatewayV2::Authorizer", "Name"): "its API",
    ("AWS::ApiGatewayV2::Stage", "StageName"): "its API",
    ("AWS::Cognito::UserPoolGroup", "GroupName"): "its user pool",
    ("AWS::IAM::Policy", "PolicyName"): "its role",
    ("AWS::CloudWatch::Alarm", "MetricName"): "its namespace and dimensions",
}
"""Properties that name something within a resource which a stage has for itself."""

NAMES = ("EmailIdentity", "ArchiveName", "Name")
NAMED_AFTER_LOGICAL_ID = {"AWS::Lambda::LayerVersion": "LayerName"}
"""Types for which CloudFormation makes up a name without the stack's in it."""

OUTLIVING = {
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "DeletionProtection",
    "DeletionProtectionEnabled",
    "PROOF_LOCK_DAYS",
}


def physical_names(stack: Synthesised) -> Iterator[tuple[str, str]]:
    """Yield type and name of what the account knows under a name that the template gives."""
    for resource in stack.resources.values():
        for name, value in resource.get("Properties", {}).items():
            if name.endswith(NAMES) and isinstance(value, str) and (resource["Type"], name) not in INSIDE_ANOTHER:
                yield resource["Type"], value


def test_two_stages_share_no_name(prod: Synthesised, sandbox: Synthesised, local: Synthesised) -> None:
    stacks = {"prod": prod, "sandbox": sandbox, "local": local}
    named = {stage: set(physical_names(stack)) for stage, stack in stacks.items()}

    for stage, stack in stacks.items():
        assert all(name.startswith(f"Crowdship-{stage}-") for name in stack.templates)
    for stage, names in named.items():
        assert len(names) > 100
        assert not [name for name in names if not re.search(rf"\b{stage}\b", name[1])]
    assert not named["prod"] & named["sandbox"]


def test_what_cloudformation_would_name_alike_is_named_by_us(prod: Synthesised) -> None:
    for resource in prod.resources.values():
        if wanted := NAMED_AFTER_LOGICAL_ID.get(resource["Type"]):
            assert wanted in resource["Properties"]


def test_no_stage_may_touch_what_is_named_after_another(sandbox: Synthesised, prod: Synthesised) -> None:
    for stack, stage in ((sandbox, "sandbox"), (prod, "prod")):
        named = re.findall(r"crowdship[-/](\w+)", json.dumps(stack.resources))
        assert set(named) == {stage}


def test_metrics_of_a_stage_ring_its_own_alarms(prod: Synthesised) -> None:
    namespace = "Crowdship-prod"
    ours = [a for a in prod.all("AWS::CloudWatch::Alarm").values() if not str(a["Namespace"]).startswith("AWS/")]

    assert ours
    assert all(alarm["Namespace"] == namespace for alarm in ours)
    for function in prod.functions.values():
        assert function["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"] == namespace


def test_a_secret_made_at_run_time_is_where_the_functions_of_its_stage_may_read(prod, sandbox, monkeypatch) -> None:
    from crowdship.merchants.sources import secret_name as of_merchant
    from crowdship.notify.webhooks.endpoints.secrets import secret_name as of_endpoint

    for stack in (prod, sandbox):
        stage = stack.functions["tasks/send_webhook"]["Environment"]["Variables"]["STAGE"]
        monkeypatch.setenv("STAGE", stage)
        allowed = [
            resource["Fn::Join"][1][-1].removeprefix(":secret:").removesuffix("*")
            for _, statement in stack.statements()
            for resource in statement.get("Resource", [])
            if ":secret:" in str(resource)
        ]
        for name in (of_merchant("mer_1", "shopify"), of_endpoint("mer_1", "end_1")):
            assert any(name.startswith(prefix) for prefix in allowed), name


def _without_stage(stack: Synthesised, stage: str) -> str:
    def kept(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: kept(one) for key, one in sorted(value.items()) if key not in OUTLIVING}
        return [kept(one) for one in value] if isinstance(value, list) else value

    text = json.dumps(kept(stack.templates), indent=1)
    return re.sub(rf'(?i)(crowdship[-/]|reports@|"STAGE": "){stage}\b', r"\1STAGE", text)


def test_a_sandbox_in_aws_is_production_that_may_be_thrown_away(prod: Synthesised, sandbox: Synthesised) -> None:
    assert _without_stage(sandbox, "sandbox").splitlines() == _without_stage(prod, "prod").splitlines()


def test_what_outlives_its_stack_does_not_stand_in_the_way_of_the_next(prod: Synthesised) -> None:
    left = [resource for resource in prod.resources.values() if resource.get("DeletionPolicy") == "Retain"]

    assert len(left) > 15
    for resource in left:
        assert not [
            name for name, value in resource["Properties"].items() if name.endswith(NAMES) and isinstance(value, str)
        ]


@pytest.mark.parametrize(
    ("stage", "confirm", "told"),
    [
        ("", "", "no stage is named, and there is no default: say one of STAGE=sandbox, STAGE=prod"),
        ("production", "production", "'production' is no stage"),
        ("local", "", "use `make up`"),
        ("prod", "", "run make deploy STAGE=prod CONFIRM=prod"),
        ("prod", "yes", "run make deploy STAGE=prod CONFIRM=prod"),
        ("prod", "sandbox", "run make deploy STAGE=prod CONFIRM=prod"),
    ],
)
def test_a_deployment_that_does_not_name_its_stage_is_refused(stage: str, confirm: str, told: str) -> None:
    assert told in str(refusal(stage, confirm))


def test_a_deployment_that_names_its_stage_goes_on() -> None:
    assert refusal("sandbox", "") is None
    assert refusal("prod", "prod") is None


def test_the_changes_of_all_stacks_are_shown_before_any_is_made() -> None:
    commands = [command[2:] for command in steps("prod") if command[:2] == ["npx", "cdk"]]

    chosen = ["--context", "stage=prod"]
    assert commands == [
        ["diff", *chosen],
        ["deploy", "--exclusively", "Firewall", *chosen],
        ["deploy", "--all", *chosen],
    ]


def test_the_region_of_the_stage_knows_the_firewall_before_its_pages_are_deployed() -> None:
    told, all_stacks = (
        [i for i, one in enumerate(steps("prod")) if part in one] for part in ("local.tools.firewall", "--all")
    )

    assert told < all_stacks


@mock_aws
def test_the_arn_of_the_firewall_is_copied_from_its_region_to_that_of_the_stage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.setenv(name, "eu-central-1")
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"FirewallArn": {"Value": {"Ref": "Topic"}}},
    }
    boto3.client("cloudformation", region_name="us-east-1").create_stack(
        StackName="Crowdship-sandbox-Firewall", TemplateBody=json.dumps(template)
    )

    arn = copy_arn(Settings(stage="sandbox"))

    ssm = boto3.client("ssm", region_name="eu-central-1")
    assert ssm.get_parameter(Name="/crowdship/sandbox/stacks/FirewallArn")["Parameter"]["Value"] == arn
    assert arn.startswith("arn:aws:sns:us-east-1:")
