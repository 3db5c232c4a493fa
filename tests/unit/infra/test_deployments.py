"""What outlives mistakes in production, and what the emulator can stand."""

import json
import re
from typing import Any

import pytest
from aws_cdk import App, Token

import app
from infra.settings import Settings
from infra.tables import TABLES
from tests.unit.infra.conftest import Synthesised, all_text

# What the emulator's CloudFormation knows; one resource of another type and it refuses the whole stack.
EMULATED = {
    "AWS::ApiGatewayV2": {"Api", "Authorizer", "Integration", "Route", "Stage"},
    "AWS::CloudFront": {"Distribution", "Function", "OriginAccessControl", "ResponseHeadersPolicy"},
    "AWS::CloudWatch": {"Alarm", "Dashboard"},
    "AWS::Cognito": {"UserPool", "UserPoolClient", "UserPoolGroup"},
    "AWS::DynamoDB": {"Table"},
    "AWS::Events": {"EventBus", "Rule"},
    "AWS::IAM": {"Policy", "Role"},
    "AWS::KMS": {"Key"},
    "AWS::Lambda": {"EventSourceMapping", "Function", "LayerVersion", "Permission"},
    "AWS::Logs": {"LogGroup"},
    "AWS::S3": {"Bucket", "BucketPolicy"},
    "AWS::SES": {"ConfigurationSet", "EmailIdentity"},
    "AWS::SNS": {"Subscription", "Topic", "TopicPolicy"},
    "AWS::SQS": {"Queue", "QueuePolicy"},
    "AWS::SSM": {"Parameter"},
    "AWS::Scheduler": {"Schedule"},
    "AWS::SecretsManager": {"Secret"},
    "AWS::StepFunctions": {"StateMachine"},
}
KEPT_FOR_EVER = {
    "AWS::Cognito::UserPool",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
}
MADE_AGAIN = "Files"
"""Name of the output with the bucket of the pages, whose content is uploaded with each deployment."""


def is_kept(name: str, resource: dict[str, Any]) -> bool:
    return resource["Type"] in KEPT_FOR_EVER and not name.startswith(MADE_AGAIN)


def test_production_tables_can_be_restored_and_not_be_deleted(prod: Synthesised) -> None:
    tables = prod.all("AWS::DynamoDB::Table")

    assert len(tables) == len(TABLES)
    for name, table in tables.items():
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True, name
        assert table["DeletionProtectionEnabled"] is True, name
        assert table["BillingMode"] == "PAY_PER_REQUEST", name


def test_production_data_stays_when_the_stack_goes(prod: Synthesised) -> None:
    for name, resource in prod.resources.items():
        if is_kept(name, resource):
            assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain"), name
    assert {stack.termination_protection for stack in prod.stacks} == {True}


def test_nothing_stays_behind_on_one_machine(local: Synthesised) -> None:
    assert not [name for name, r in local.resources.items() if r.get("DeletionPolicy") == "Retain"]
    assert {stack.termination_protection for stack in local.stacks} == {False}


def test_the_emulator_knows_every_resource(local: Synthesised) -> None:
    unknown = {
        resource["Type"]
        for resource in local.resources.values()
        if resource["Type"].rpartition("::")[2] not in EMULATED.get(resource["Type"].rpartition("::")[0], ())
    }

    assert unknown == set()


def test_no_alarm_needs_metric_math(local: Synthesised) -> None:
    assert not [name for name, alarm in local.all("AWS::CloudWatch::Alarm").items() if "Metrics" in alarm]


def test_personal_data_is_encrypted_with_a_key_of_its_own(prod: Synthesised) -> None:
    (key,) = prod.all("AWS::KMS::Key")
    with_key = {
        name
        for name, table in prod.all("AWS::DynamoDB::Table").items()
        if table.get("SSESpecification", {}).get("KMSMasterKeyId") == {"Fn::GetAtt": [key, "Arn"]}
    }

    assert [name.startswith("DataVault") for name in with_key] == [True]


def test_the_daily_settlement_starts_by_itself_but_not_on_one_machine(prod: Synthesised, local: Synthesised) -> None:
    def daily(stage: Synthesised) -> dict[str, dict[str, Any]]:
        schedules = stage.all("AWS::Scheduler::Schedule").values()
        return {one["Description"].split()[0]: one for one in schedules if "cron" in one["ScheduleExpression"]}

    assert {name: one["State"] for name, one in daily(prod).items()} == {"Settle": "ENABLED", "Ask": "ENABLED"}
    assert {one["State"] for one in daily(local).values()} == {"DISABLED"}
    assert json.loads(daily(prod)["Settle"]["Target"]["Input"]) == {"step": "catch_up"}


def test_each_stack_is_far_from_the_limits_of_cloudformation(prod: Synthesised) -> None:
    for name, template in prod.templates.items():
        assert len(template["Resources"]) < 300, name
        assert len(template.get("Parameters", {})) < 150, name
        assert len(template.get("Outputs", {})) < 150, name
        assert len(json.dumps(template)) < 500_000, name


def test_what_is_kept_for_ever_is_in_the_stack_of_data_alone(prod: Synthesised) -> None:
    kept = {
        name
        for name, template in prod.templates.items()
        if any(
            is_kept(logical, one) or one.get("DeletionPolicy") == "Retain"
            for logical, one in template["Resources"].items()
        )
    }
    runs_code = {
        name
        for name, template in prod.templates.items()
        if any(one["Type"] == "AWS::Lambda::Function" for one in template["Resources"].values())
    }

    assert kept == {"Crowdship-prod-Data"}
    assert kept.isdisjoint(runs_code)


def test_no_export_holds_a_stack_fast(prod: Synthesised) -> None:
    for name, template in prod.templates.items():
        assert "Fn::ImportValue" not in json.dumps(template), name
        assert not [one for one in template.get("Outputs", {}).values() if "Export" in one], name


def test_a_stack_reads_what_a_stack_before_it_published(prod: Synthesised) -> None:
    # Written by local/tools/firewall.py, because the firewall lies in another region.
    published = {"/crowdship/prod/stacks/FirewallArn"}
    for template in prod.templates.values():
        read = {
            parameter["Default"]
            for name, parameter in template.get("Parameters", {}).items()
            if name != "BootstrapVersion" and parameter["Type"].startswith("AWS::SSM::")
        }
        assert read <= published
        published |= {
            one["Properties"]["Name"] for one in template["Resources"].values() if one["Type"] == "AWS::SSM::Parameter"
        }

    assert len(published) > 30


def test_stacks_are_deployed_in_the_order_in_which_they_are_listed(prod: Synthesised) -> None:
    before: set[str] = set()
    for stack in prod.stacks:
        assert {needed.stack_name for needed in stack.dependencies} <= before, stack.stack_name
        before.add(stack.stack_name)


def test_what_is_known_by_its_name_has_that_name(prod: Synthesised) -> None:
    """An ARN that a stack makes up of a name of ours belongs to something that another stack names so."""
    named = {
        ("lambda", f"function:{name}")
        for name in (one["FunctionName"] for one in prod.all("AWS::Lambda::Function").values())
    }
    named |= {("sqs", one["QueueName"]) for one in prod.all("AWS::SQS::Queue").values()}
    named |= {("sns", one["TopicName"]) for one in prod.all("AWS::SNS::Topic").values()}
    named |= {
        ("states", f"stateMachine:{o['StateMachineName']}")
        for o in prod.all("AWS::StepFunctions::StateMachine").values()
    }
    parts = ":${AWS::Region}:${AWS::AccountId}:"
    made_up = {
        (service, name.removesuffix(":*"))
        for template in prod.templates.values()
        for written in all_text(template)
        for service, name in re.findall(
            r"^arn:\$\{AWS::Partition\}:(lambda|sqs|sns|states)" + re.escape(parts) + r"([\w:*-]+)$", written
        )
        if not name.startswith("execution:") and name != "stateMachine:*"
    }

    assert len(made_up) > 20
    assert made_up <= named


def test_a_stage_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="stage is 'staging': use one of local, sandbox, prod"):
        Settings.from_context(App(context={"stage": "staging"}).node)


def test_without_a_stage_nothing_is_synthesised_and_one_sentence_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDK_CONTEXT_JSON", "{}")
    with pytest.raises(SystemExit) as end:
        app.main()

    assert end.value.code == (
        "crowdship: no stage is named, and there is no default: add --context stage=<one of local, sandbox, prod>"
    )


def test_settings_come_from_the_context() -> None:
    given = App(context={"stage": "sandbox", "finance_email": "money@a.example", "web_origins": "https://a,https://b"})

    settings = Settings.from_context(given.node)

    assert (settings.stage, settings.finance_email) == ("sandbox", "money@a.example")
    assert settings.web_origins == ("https://a", "https://b")
    assert settings.sender_email == "reports@sandbox.crowdship.example"


def test_what_is_given_for_one_stage_counts_there_alone() -> None:
    stages = {"prod": {"sender_email": "mail@a.example", "web_origins": ["https://a"]}, "sandbox": {}}

    def of(stage: str) -> Settings:
        return Settings.from_context(App(context={"stage": stage, "stages": stages, "alarm_email": "on@call"}).node)

    assert (of("prod").sender_email, of("prod").web_origins) == ("mail@a.example", ("https://a",))
    assert (of("sandbox").sender_email, of("sandbox").web_origins) == ("reports@sandbox.crowdship.example", ("*",))
    assert {of(stage).alarm_email for stage in stages} == {"on@call"}


def test_a_stage_that_takes_the_sender_of_another_is_refused() -> None:
    stages = {"prod": {"sender_email": "mail@a.example"}}
    context = {"stage": "sandbox", "stages": stages, "sender_email": "mail@a.example"}

    with pytest.raises(ValueError, match="sender_email of sandbox is that of prod"):
        Settings.from_context(App(context=context).node)


def test_only_the_firewall_is_bound_to_a_region(prod: Synthesised) -> None:
    bound = {stack.stack_name: stack.region for stack in prod.stacks if not Token.is_unresolved(stack.region)}

    assert bound == {"Crowdship-prod-Firewall": "us-east-1"}
