"""The code of functions: a folder per room, and layers that the functions of a stack share."""

import compileall
import py_compile
from functools import cached_property
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import jsii
from aws_cdk import BundlingOptions, DockerImage, IgnoreMode, ILocalBundling
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.parts.stage_stack import StageStack
from infra.settings import ROOT, Settings

NOT_DEPLOYED = ["__pycache__", "*.pyc", "*.md"]


class Layers(Construct):
    """The layers of one stack, each created when a function first asks for it.

    Each stack has its own layers of the same code, so that a function and its layers are deployed together, and rolled
    back together if the deployment fails. A layer of another stack would not exist any more by then, as CloudFormation
    replaces a layer at every change.
    """

    def __init__(self, stack: StageStack, settings: Settings) -> None:
        super().__init__(stack, f"{stack.part}Code")
        self._settings = settings
        self._part = stack.part.lower()
        self._third_party = settings.layers / ("native" if settings.local else "arm64")

    @cached_property
    def crowdship(self) -> lambda_.LayerVersion:
        """Our own package."""
        return self._version("Crowdship", compiled(ROOT / "layers" / "crowdship"))

    @cached_property
    def light(self) -> lambda_.LayerVersion:
        """Third-party packages that every function needs."""
        return self._layer("Light")

    @cached_property
    def finance(self) -> lambda_.LayerVersion:
        """Third-party packages of functions that write letters, invoices, plots and workbooks, or ask Stripe."""
        return self._layer("Finance")

    @cached_property
    def solver(self) -> lambda_.LayerVersion:
        """Third-party packages of functions that plan; they cost every cold start."""
        return self._layer("Solver")

    def _layer(self, name: str) -> lambda_.LayerVersion:
        folder = self._third_party / name.lower()
        if not folder.is_dir():
            raise FileNotFoundError(
                f"there is no folder {folder}: run `python local/layers.py {self._third_party.name}` first"
            )
        return self._version(name, lambda_.Code.from_asset(str(folder)))

    def _version(self, name: str, code: lambda_.Code) -> lambda_.LayerVersion:
        # CloudFormation names a layer after its logical id, which is the same on every stage.
        layer_name = self._settings.named(self._part, name.lower())
        return lambda_.LayerVersion(self, name, layer_version_name=layer_name, code=code)


def code_of(audience: str) -> lambda_.Code:
    """Return the code of all functions of an audience."""
    folder = ROOT / "functions" / audience
    return lambda_.Code.from_asset(str(folder), exclude=NOT_DEPLOYED, ignore_mode=IgnoreMode.GIT)


@jsii.implements(ILocalBundling)
class Compiler:
    """Copies a layer's sources and puts their bytecode beside them, as ``local/layers.py`` does for third parties'."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def try_bundle(self, output_dir: str, *_options: Any, **_more: Any) -> bool:
        """Write the layer; the container that would do it otherwise is never needed."""
        unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH  # a zip file does not keep file times
        copytree(self._folder, output_dir, ignore=ignore_patterns(*NOT_DEPLOYED), dirs_exist_ok=True)
        return compileall.compile_dir(
            output_dir, quiet=1, stripdir=output_dir, prependdir="/opt", invalidation_mode=unchecked
        )


def compiled(folder: Path) -> lambda_.Code:
    """Return a layer's sources as code, with their bytecode."""
    bundling = BundlingOptions(image=DockerImage.from_registry("none"), local=Compiler(folder))
    return lambda_.Code.from_asset(str(folder), exclude=NOT_DEPLOYED, ignore_mode=IgnoreMode.GIT, bundling=bundling)
