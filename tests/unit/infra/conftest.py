import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template
from cdk_nag import AwsSolutionsChecks

from infra.settings import ROOT, Settings, Stage
from infra.stack import Crowdship

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
    """A synthesised stack, to be asked about."""

    stack: Crowdship

    @cached_property
    def template(self) -> Template:
        return Template.from_stack(self.stack)

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        return self.template.to_json()["Resources"]

    def all(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the properties of all resources of a kind by logical id."""
        return {name: r.get("Properties", {}) for name, r in self.resources.items() if r["Type"] == kind}

    @cached_property
    def functions(self) -> dict[str, dict[str, Any]]:
        """Lambda functions by ``room/verb``."""
        functions = self.all("AWS::Lambda::Function").values()
        return {f"{_room(f)}/{f['Handler'].removesuffix('.handler')}": f for f in functions}

    @cached_property
    def function_names(self) -> dict[str, str]:
        """``room/verb`` by logical id."""
        functions = self.all("AWS::Lambda::Function").items()
        return {name: f"{_room(f)}/{f['Handler'].removesuffix('.handler')}" for name, f in functions}

    def statements(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield who may, and the statement that says so, with its actions and resources as lists."""
        for policy in self.all("AWS::IAM::Policy").values():
            who = policy["Roles"][0]["Ref"]
            for statement in policy["PolicyDocument"]["Statement"]:
                yield who, {**statement, "Action": _listed(statement["Action"])} | _resources(statement)

    def findings(self) -> list[str]:
        """Return what the AwsSolutions rules find and nobody accepted."""
        report = AwsSolutionsChecks(self.stack.node.root).validate_scope(self.stack.node.root)
        return [
            f"{violation.rule_name} at {resource.construct_path}"
            for violation in report.violations
            for resource in violation.violating_resources
        ]


def _room(function: dict[str, Any]) -> str:
    return function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _resources(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Resource": _listed(statement["Resource"])} if "Resource" in statement else {}


def synthesise(stage: Stage, layers: Path, **settings: Any) -> Synthesised:
    for architecture in ("native", "arm64"):
        for layer in ("light", "solver"):
            (layers / architecture / layer).mkdir(parents=True)
    return Synthesised(Crowdship(App(context=FLAGS), Settings(stage=stage, layers=layers, **settings)))


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    return synthesise("prod", tmp_path_factory.mktemp("layers"))


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    return synthesise("sandbox", tmp_path_factory.mktemp("layers"))


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    return synthesise("local", tmp_path_factory.mktemp("layers"))
