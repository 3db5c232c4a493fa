import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks

from benchmarks.support.template import function_name
from infra.deployment import Deployment
from infra.settings import ROOT, Settings, Stage
from local.layers import LAYERS

HERE = Path(__file__).parent
FLAGS = json.loads((ROOT / "cdk.json").read_text())["context"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process synthesise the stacks for all these tests: each takes many seconds."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("infra"))


@dataclass
class Synthesised:
    """The synthesised stacks of a stage, to be asked about: together, or each."""

    app: App
    stacks: list[Stack]

    @cached_property
    def templates(self) -> dict[str, dict[str, Any]]:
        """Templates by the names of their stacks."""
        return {stack.stack_name: Template.from_stack(stack).to_json() for stack in self.stacks}

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """The resources of all stacks by logical id."""
        return self._united("Resources")

    @cached_property
    def outputs(self) -> dict[str, dict[str, Any]]:
        """The outputs of all stacks by name."""
        return self._united("Outputs")

    def _united(self, section: str) -> dict[str, dict[str, Any]]:
        named = [entry for template in self.templates.values() for entry in template.get(section, {}).items()]
        united = dict(named)
        assert len(united) == len(named), f"two stacks have the same name among {section}"
        return united

    def all(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the properties of all resources of a kind by logical id."""
        return {name: r.get("Properties", {}) for name, r in self.resources.items() if r["Type"] == kind}

    @cached_property
    def functions(self) -> dict[str, dict[str, Any]]:
        """Lambda functions by ``audience/subject``."""
        return {self.function_names[name]: f for name, f in self.all("AWS::Lambda::Function").items()}

    @cached_property
    def function_names(self) -> dict[str, str]:
        """``audience/subject`` by logical id."""
        return {name: function_name(f) for name, f in self.all("AWS::Lambda::Function").items()}

    def parameter(self, value: Any) -> str | None:
        """Return the parameter of SSM that a value of a template is read from."""
        match value:
            case {"Ref": name}:
                return self._read.get(name)
        return None

    @cached_property
    def _read(self) -> dict[str, str]:
        return {
            name: parameter["Default"]
            for template in self.templates.values()
            for name, parameter in template.get("Parameters", {}).items()
            if parameter["Type"].startswith("AWS::SSM::")
        }

    def queue_name(self, arn: Any) -> str:
        """Return the name of a queue of this stack, or of another one, by its ARN."""
        match arn:
            case {"Fn::GetAtt": [queue, "Arn"]}:
                return str(self.resources[queue]["Properties"]["QueueName"])
        return last_part(arn)

    def statements(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield who may, and the statement that says so, with its actions and resources as lists."""
        for policy in self.all("AWS::IAM::Policy").values():
            who = policy["Roles"][0]["Ref"]
            for statement in policy["PolicyDocument"]["Statement"]:
                yield who, {**statement, "Action": _listed(statement["Action"])} | _resources(statement)

    def findings(self) -> list[str]:
        """Return what the AwsSolutions rules find and nobody accepted."""
        report = AwsSolutionsChecks(self.app).validate_scope(self.app)
        return [
            f"{violation.rule_name} at {resource.construct_path}"
            for violation in report.violations
            for resource in violation.violating_resources
        ]


def text(value: Any) -> str:
    """Return a value of a template as text, with ``${Name}`` and ``${Name.Attribute}`` for what is filled in."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(map(text, parts))
        case {"Fn::GetAtt": [name, attribute]}:
            return f"${{{name}.{attribute}}}"
        case {"Ref": name}:
            return f"${{{name}}}"
    return str(value)


def all_text(value: Any) -> Iterator[str]:
    """Yield every text in a template, joined texts as one."""
    match value:
        case {"Fn::Join": _}:
            yield text(value)
        case dict():
            for one in value.values():
                yield from all_text(one)
        case list():
            for one in value:
                yield from all_text(one)
        case str():
            yield value


def last_part(arn: Any) -> str:
    """Return what an ARN of a template ends with: ``crowdship-prod-bus-dead``."""
    return text(arn).rpartition(":")[2]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _resources(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Resource": _listed(statement["Resource"])} if "Resource" in statement else {}


def synthesise(stage: Stage, layers: Path, **settings: Any) -> Synthesised:
    for architecture in ("native", "arm64"):
        for layer in LAYERS:
            (layers / architecture / layer).mkdir(parents=True)
    app = App(context=FLAGS)
    return Synthesised(app, Deployment(app, Settings(stage=stage, layers=layers, **settings)).stacks)


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    return synthesise("prod", tmp_path_factory.mktemp("layers"))


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    return synthesise("sandbox", tmp_path_factory.mktemp("layers"))


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    return synthesise("local", tmp_path_factory.mktemp("layers"))
