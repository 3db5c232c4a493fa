"""The stacks as they would be deployed, without deploying them."""

import json
import os
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from benchmarks.support.report import ROOT

type Stage = Literal["local", "sandbox", "prod"]


@cache
def resources(stage: Stage) -> dict[str, dict[str, Any]]:
    """Return the resources of all stacks of a stage by logical id."""
    os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
    from aws_cdk import App
    from aws_cdk.assertions import Template

    from infra.deployment import Deployment
    from infra.settings import Settings
    from local.layers import LAYERS

    with TemporaryDirectory() as folder:
        # What is in the third-party layers changes nothing of the template.
        for architecture in ("arm64", "native"):
            for layer in LAYERS:
                (Path(folder) / architecture / layer).mkdir(parents=True)
        flags = json.loads((ROOT / "cdk.json").read_text())["context"]
        stacks = Deployment(App(context=flags), Settings(stage=stage, layers=Path(folder))).stacks
        found: dict[str, dict[str, Any]] = {}
        for stack in stacks:
            found |= Template.from_stack(stack).to_json()["Resources"]
        return found


def of_kind(stage: Stage, kind: str) -> dict[str, dict[str, Any]]:
    """Return the properties of the resources of a kind, ``AWS::SQS::Queue``, by logical id."""
    return {name: one.get("Properties", {}) for name, one in resources(stage).items() if one["Type"] == kind}


def function_name(properties: dict[str, Any]) -> str:
    """Return ``audience/subject`` of a Lambda function's properties."""
    _, _, audience, *_ = properties["FunctionName"].split("-")
    return f"{audience}/{properties['Handler'].removesuffix('.handler')}"
