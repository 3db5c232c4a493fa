"""Functions: how each is built, what it may touch, what it is told."""

import compileall
import py_compile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import jsii
from aws_cdk import (
    Aws,
    BundlingOptions,
    CfnParameter,
    DockerImage,
    Duration,
    IgnoreMode,
    ILocalBundling,
    RemovalPolicy,
    Stack,
)
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.alarms import NAMESPACE, Alarms
from infra.data import Data
from infra.nag import accept, accept_wildcard
from infra.settings import ROOT, Settings

LOGS_KEPT = logs.RetentionDays.ONE_MONTH
NOT_DEPLOYED = ["__pycache__", "*.pyc", "*.md"]


def camel(name: str) -> str:
    """Return ``offers_api`` as ``OffersApi``."""
    return "".join(part.capitalize() for part in name.replace("-", "_").split("_"))


class Code(Construct):
    """What functions are made of: the layers, and a folder per room."""

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(scope, "Code")
        self._third_party = settings.layers / ("native" if settings.local else "arm64")
        self._settings = settings
        self.crowdship = self._version("Crowdship", _compiled(ROOT / "layers" / "crowdship"))
        self.light = self._layer("Light", self._third_party / "light")
        self.solver = self._layer("Solver", self._third_party / "solver")

    def _layer(self, name: str, folder: Path) -> lambda_.LayerVersion:
        if not folder.is_dir():
            raise FileNotFoundError(
                f"there is no folder {folder}: run `python local/layers.py {self._third_party.name}` first"
            )
        return self._version(name, lambda_.Code.from_asset(str(folder)))

    def _version(self, name: str, code: lambda_.Code) -> lambda_.LayerVersion:
        # CloudFormation names a layer after its logical id, which is the same on every stage.
        return lambda_.LayerVersion(self, name, layer_version_name=self._settings.named(name.lower()), code=code)

    def room(self, room: str) -> lambda_.Code:
        """Return the code of a room's functions."""
        return _asset(ROOT / "functions" / room)


def _asset(folder: Path) -> lambda_.Code:
    return lambda_.Code.from_asset(str(folder), exclude=NOT_DEPLOYED, ignore_mode=IgnoreMode.GIT)


@jsii.implements(ILocalBundling)
class _Compiler:
    """Copies a layer's sources and puts their bytecode beside them, as ``local/layers.py`` does for third parties'."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def try_bundle(self, output_dir: str, _options: Any) -> bool:
        """Write the layer; the container that would do it otherwise is never needed."""
        unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH  # a zip file does not keep file times
        copytree(self._folder, output_dir, ignore=ignore_patterns(*NOT_DEPLOYED), dirs_exist_ok=True)
        return compileall.compile_dir(
            output_dir, quiet=1, stripdir=output_dir, prependdir="/opt", invalidation_mode=unchecked
        )


def _compiled(folder: Path) -> lambda_.Code:
    bundling = BundlingOptions(image=DockerImage.from_registry("none"), local=_Compiler(folder))
    return lambda_.Code.from_asset(str(folder), exclude=NOT_DEPLOYED, ignore_mode=IgnoreMode.GIT, bundling=bundling)


class Clock(Construct):
    """Business time; on a local stack it may be set, and run faster than the wall clock."""

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(scope, "Clock")
        self.environment: dict[str, str] = {}
        if settings.local:
            self._set_by("CLOCK_SPEED", "ClockSpeed", "1", "Business seconds per second")
            self._set_by("CLOCK_ANCHOR_WALL", "ClockAnchorWall", "0", "Epoch seconds at which the two met")
            self._set_by("CLOCK_ANCHOR_BUSINESS", "ClockAnchorSim", "0", "What business time it then was")

    def _set_by(self, variable: str, parameter: str, default: str, description: str) -> None:
        value = CfnParameter(Stack.of(self), parameter, default=default, description=description)
        self.environment[variable] = value.value_as_string


@dataclass
class Platform:
    """What every room stands on."""

    settings: Settings
    data: Data
    code: Code
    clock: Clock
    alarms: Alarms
    functions: dict[str, "RoomFunction"] = field(default_factory=dict)
    queues: dict[str, sqs.Queue] = field(default_factory=dict)
    without_policy: list[sqs.IQueue] = field(default_factory=list)


class RoomFunction(Construct):
    """The Lambda function ``functions/<room>/<verb>.py``, with a role of its own that starts with no rights.

    Parameters
    ----------
    scope : Construct
        The room.
    platform : Platform
        What it stands on; the function adds itself to ``platform.functions``.
    name : str
        ``<room>/<verb>``.
    reads, writes : iterable of str
        Tables it reads, and tables it reads and writes. It is told their names in ``<TABLE>_TABLE``.
    only : mapping of str to tuple of str, optional
        Tables with which it does single things, and DynamoDB's names of these.
    timeout : int
        Seconds.
    memory : int
        MB; a whole processor comes with 1769.
    maps : bool
        Whether it needs travel times: it then may read street maps, and what is known of traffic.
    solver : bool
        Whether it plans: it then gets the solver layer, which costs every cold start.
    calls_itself : bool
        Whether it comes round to itself through a queue. Lambda would stop it after about 16 rounds.
    alarming : bool
        Whether somebody is to be woken when it fails.
    environment : dict, optional
        What else it is told.
    """

    def __init__(
        self,
        scope: Construct,
        platform: Platform,
        name: str,
        *,
        reads: Iterable[str] = (),
        writes: Iterable[str] = (),
        only: Mapping[str, tuple[str, ...]] | None = None,
        timeout: int = 15,
        memory: int = 512,
        maps: bool = False,
        solver: bool = False,
        calls_itself: bool = False,
        alarming: bool = True,
        environment: dict[str, str] | None = None,
    ) -> None:
        room, verb = name.split("/")
        super().__init__(scope, camel(verb))
        self.timeout = timeout
        self._platform = platform
        settings, code = platform.settings, platform.code
        log_name = "/" + settings.path(name)
        log = logs.LogGroup(
            self,
            "Log",
            log_group_name=log_name,
            retention=LOGS_KEPT,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=settings.named(room, verb.replace("_", "-")),
            code=code.room(room),
            handler=f"{verb}.handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            # The emulator runs functions on whatever processor it has itself, and takes either name.
            architecture=lambda_.Architecture.X86_64 if settings.local else lambda_.Architecture.ARM_64,
            layers=[code.crowdship, code.light, *([code.solver] if solver else [])],
            timeout=Duration.seconds(timeout),
            memory_size=memory,
            role=self.role,
            log_group=log,
            tracing=lambda_.Tracing.DISABLED if settings.local else lambda_.Tracing.ACTIVE,
            recursive_loop=lambda_.RecursiveLoop.ALLOW if calls_itself else None,
            environment={
                "STAGE": settings.stage,
                "LOG_LEVEL": "INFO",
                "POWERTOOLS_SERVICE_NAME": room,
                "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
                **({"POWERTOOLS_TRACE_DISABLED": "true"} if settings.local else {}),
                **platform.clock.environment,
                **(environment or {}),
            },
        )
        accept(self, "L1", "The whole project moves to the next Python at once (.python-version)")
        accept_wildcard(
            self,
            "*",
            "X-Ray takes traces under no resource name; tests/unit/infra allows no other such action",
        )
        for table in reads:
            platform.data.tables[table].grant_read(self.role)
            self._tell_table(table)
        for table in writes:
            platform.data.tables[table].grant_read_write(self.role)
            self._tell_table(table)
        for table, actions in (only or {}).items():
            platform.data.tables[table].grant_only(self.role, actions)
            self._tell_table(table)
        if maps:
            self._may_read_maps()
            if "traffic" not in {*writes, *(only or {})}:
                platform.data.tables["traffic"].grant_only(self.role, ("GetItem",))
                self._tell_table("traffic")
        if alarming:
            errors = self.function.metric_errors(period=Duration.minutes(5))
            platform.alarms.above(self, "Errors", errors, 0, f"{name} failed; log group {log_name}")
        platform.functions[name] = self

    def _tell_table(self, table: str) -> None:
        self.tell(f"{table.upper()}_TABLE", self._platform.data.tables[table].table.table_name)

    def _may_read_maps(self) -> None:
        bucket = self._platform.data.maps
        self.tell("MAPS_BUCKET", bucket.bucket_name)
        self.may("s3:GetObject", on=[bucket.arn_for_objects("*")])
        accept_wildcard(self, bucket.arn_for_objects("*"), "Maps and their versions come and go without a deployment")
        if not self._platform.settings.local:
            provider = Stack.of(self).format_arn(service="geo-routes", account="", resource="provider/default")
            self.may("geo-routes:CalculateRouteMatrix", on=[provider])

    def tell(self, variable: str, value: str) -> None:
        """Set an environment variable."""
        self.function.add_environment(variable, value)

    def may(self, *actions: str, on: Iterable[str]) -> None:
        """Allow actions on named resources."""
        self.role.add_to_principal_policy(iam.PolicyStatement(actions=list(actions), resources=list(on)))

    def may_send_to(self, queue: sqs.IQueue, variable: str) -> None:
        """Allow sending to a queue, and tell its URL."""
        queue.grant_send_messages(self.role)
        self.tell(variable, queue.queue_url)

    def role_of_schedule(self) -> iam.Role:
        """Return a new role under which a schedule may call this function."""
        role = iam.Role(self, "Schedule", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"))
        self.function.grant_invoke(role)
        accept_wildcard(role, f"{self.function.function_arn}:*", "CDK grants a function together with its versions")
        return role

    def may_read_secret(self, secret: secretsmanager.ISecret, variable: str) -> None:
        """Allow reading a secret, and tell its ARN."""
        secret.grant_read(self.role)
        self.tell(variable, secret.secret_arn)

    def may_read_merchant_secrets(self) -> None:
        """Allow reading what merchants share with us: shop credentials."""
        self._may_with_secrets(self._platform.data.merchant_secrets, "GetSecretValue")

    def may_write_merchant_secrets(self) -> None:
        """Allow reading and storing what merchants share with us."""
        self._may_with_secrets(self._platform.data.merchant_secrets, "GetSecretValue", "CreateSecret", "PutSecretValue")

    def may_with_endpoint_secrets(self, *actions: str) -> None:
        """Allow single things with what signs webhooks."""
        self._may_with_secrets(self._platform.data.endpoint_secrets, *actions)

    def _may_with_secrets(self, arn: str, *actions: str) -> None:
        self.may(*(f"secretsmanager:{action}" for action in actions), on=[arn])
        accept_wildcard(self, arn, "Merchants, and with them their secrets, come and go without a deployment")

    def may_count_calls(self) -> None:
        """Allow counting the calls of merchants' keys, which whoever checks them does."""
        self._platform.data.tables["usage"].grant_only(self.role, ("GetItem", "UpdateItem"))
        self._tell_table("usage")

    def may_send_mail(self) -> None:
        """Allow mail from our one address."""
        sender = self._platform.settings.sender_email
        self.tell("SENDER_EMAIL", sender)
        identity = f"arn:{Aws.PARTITION}:ses:{Aws.REGION}:{Aws.ACCOUNT_ID}:identity/{sender}"
        self.may("ses:SendEmail", "ses:SendRawEmail", on=[identity])

    def metric(self, name: str, statistic: str) -> cloudwatch.Metric:
        """Return one of Lambda's own metrics of this function."""
        return self.function.metric(name, statistic=statistic, period=Duration.minutes(5))
