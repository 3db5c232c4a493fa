"""Functions: their construction, permissions and environment."""

from collections.abc import Iterable, Mapping

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.parts.layers import code_of
from infra.parts.nag import accept, accept_wildcard
from infra.parts.platform import Platform
from infra.parts.reference import arn, camel
from infra.routes import ROUTES, Auth
from infra.settings import Settings

LOGS_KEPT = logs.RetentionDays.ONE_MONTH
WITH_KEY = {route.function for route in ROUTES if route.auth is Auth.KEY}
"""Functions that check merchants' keys."""

AUDITED = {route.function for route in ROUTES if route.is_audited}
"""Functions whose calls are noted in the audit trail."""


def function_elsewhere(scope: Construct, settings: Settings, name: str) -> lambda_.IFunction:
    """Return the function ``<audience>/<subject>`` of another stack, by its name, which never changes."""
    return lambda_.Function.from_function_attributes(
        scope,
        camel(name),
        function_arn=arn("lambda", f"function:{settings.function_name(name)}"),
        same_environment=True,
    )


class RoomFunction(Construct):
    """The Lambda function ``functions/<audience>/<subject>.py``, with a role of its own that starts with no rights.

    A function that answers a route with a merchant's key may count that key's calls. One by which staff change
    something may add to the audit trail.

    Parameters
    ----------
    scope : Construct
        The room; its metrics are the room's.
    platform : Platform
        The platform of the stack; the function adds itself to ``platform.functions``.
    name : str
        ``<audience>/<subject>``.
    reads, writes : iterable of str
        Tables it reads, and tables it reads and writes. Their names are in ``<TABLE>_TABLE``.
    only : mapping of str to tuple of str, optional
        Tables on which it may do single actions, by DynamoDB's names of these.
    timeout : int
        Seconds.
    memory : int
        MB; 1769 MB come with a whole processor.
    maps : bool
        Whether it computes travel times; it then may read street maps and learned traffic.
    finance : bool
        Whether it writes PDF files, plots or workbooks, or asks Stripe; it then gets the finance layer.
    solver : bool
        Whether it plans; it then gets the solver layer, which makes every cold start longer.
    calls_itself : bool
        Whether it calls itself through a queue; Lambda would otherwise stop such a loop after about 16 rounds.
    alarming : bool
        Whether its failures raise an alarm.
    environment : dict, optional
        Further environment variables.
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
        finance: bool = False,
        solver: bool = False,
        calls_itself: bool = False,
        alarming: bool = True,
        environment: dict[str, str] | None = None,
    ) -> None:
        audience, subject = name.split("/")
        super().__init__(scope, camel(name))
        self.timeout = timeout
        self._platform = platform
        settings, layers = platform.settings, platform.layers
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
            function_name=settings.function_name(name),
            code=code_of(audience),
            handler=f"{subject}.handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            # The emulator runs functions on its own processor and accepts either name.
            architecture=lambda_.Architecture.X86_64 if settings.local else lambda_.Architecture.ARM_64,
            layers=[
                layers.crowdship,
                layers.light,
                *([layers.finance] if finance else []),
                *([layers.solver] if solver else []),
            ],
            timeout=Duration.seconds(timeout),
            memory_size=memory,
            role=self.role,
            log_group=log,
            tracing=lambda_.Tracing.DISABLED if settings.local else lambda_.Tracing.ACTIVE,
            recursive_loop=lambda_.RecursiveLoop.ALLOW if calls_itself else None,
            environment={
                "STAGE": settings.stage,
                "LOG_LEVEL": "INFO",
                "POWERTOOLS_SERVICE_NAME": scope.node.id.lower(),
                "POWERTOOLS_METRICS_NAMESPACE": settings.namespace,
                # Answers and texts of errors may name people; a trace has neither.
                "POWERTOOLS_TRACER_CAPTURE_RESPONSE": "false",
                "POWERTOOLS_TRACER_CAPTURE_ERROR": "false",
                **({"POWERTOOLS_TRACE_DISABLED": "true"} if settings.local else {}),
                **platform.clock_environment,
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
            platform.table(table).grant_read(self.role)
            self._tell_table(table)
        for table in writes:
            platform.table(table).grant_read_write(self.role)
            self._tell_table(table)
        for table, actions in (only or {}).items():
            platform.table(table).grant_only(self.role, actions)
            self._tell_table(table)
        if maps:
            self._may_read_maps()
            if "traffic" not in {*writes, *(only or {})}:
                platform.table("traffic").grant_only(self.role, ("GetItem",))
                self._tell_table("traffic")
        if name in WITH_KEY:
            self._may_count_calls()
        if name in AUDITED:
            # Nothing but PutItem: no function changes or deletes an entry.
            platform.table("audit").grant_only(self.role, ("PutItem",))
            self._tell_table("audit")
        if alarming:
            errors = self.function.metric_errors(period=Duration.minutes(5))
            platform.alarms.above(self, "Errors", errors, 0, f"{name} failed; log group {log_name}")
        platform.functions[name] = self

    def _tell_table(self, table: str) -> None:
        self.tell(f"{table.upper()}_TABLE", self._platform.table(table).table_name)

    def _may_read_maps(self) -> None:
        bucket = self._platform.reference("MapsBucket")
        objects = f"arn:{Aws.PARTITION}:s3:::{bucket}/*"
        self.tell("MAPS_BUCKET", bucket)
        self.may("s3:GetObject", on=[objects])
        accept_wildcard(self, objects, "Maps and their versions come and go without a deployment")
        if not self._platform.settings.local:
            provider = f"arn:{Aws.PARTITION}:geo-routes:{Aws.REGION}::provider/default"
            self.may("geo-routes:CalculateRouteMatrix", on=[provider])

    def tell(self, variable: str, value: str) -> None:
        """Set an environment variable."""
        self.function.add_environment(variable, value)

    def may(self, *actions: str, on: Iterable[str]) -> None:
        """Allow actions on named resources."""
        self.role.add_to_principal_policy(iam.PolicyStatement(actions=list(actions), resources=list(on)))

    def may_send_to(self, queue: sqs.IQueue, variable: str) -> None:
        """Allow sending to a queue, and set the variable to its URL."""
        queue.grant_send_messages(self.role)
        self.tell(variable, queue.queue_url)

    def role_of_schedule(self) -> iam.Role:
        """Return a new role under which a schedule may call this function."""
        role = iam.Role(self, "Schedule", assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"))
        self.function.grant_invoke(role)
        accept_wildcard(role, f"{self.function.function_arn}:*", "CDK grants a function together with its versions")
        return role

    def tell_failures(self, queue: sqs.IQueue) -> None:
        """Send what a schedule or a rule asked of this function to a queue if it failed for good, after three tries.

        Calls by a state machine are not concerned: the machine hears of their failures itself.
        """
        if not self._platform.settings.local:
            self.function.configure_async_invoke(on_failure=destinations.SqsDestination(queue))

    def may_read_secret(self, secret_arn: str, variable: str) -> None:
        """Allow reading a secret, and set the variable to its ARN."""
        self.may("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", on=[secret_arn])
        self.tell(variable, secret_arn)

    def may_read_merchant_secrets(self) -> None:
        """Allow reading the shop credentials of merchants."""
        self._may_with_secrets("merchants", "GetSecretValue")

    def may_write_merchant_secrets(self) -> None:
        """Allow reading and storing the shop credentials of merchants."""
        self._may_with_secrets("merchants", "GetSecretValue", "CreateSecret", "PutSecretValue")

    def may_with_endpoint_secrets(self, *actions: str) -> None:
        """Allow single actions on the secrets that sign webhooks."""
        self._may_with_secrets("endpoints", *actions)

    def _may_with_secrets(self, kind: str, *actions: str) -> None:
        """Allow actions on secrets that are created while the platform runs, ``crowdship/<stage>/<kind>/...``."""
        secrets = arn("secretsmanager", f"secret:{self._platform.settings.path(kind)}/*")
        self.may(*(f"secretsmanager:{action}" for action in actions), on=[secrets])
        accept_wildcard(self, secrets, "Merchants, and with them their secrets, come and go without a deployment")

    def _may_count_calls(self) -> None:
        """Allow counting the calls of merchants' keys, which each function that checks a key does."""
        self._platform.table("usage").grant_only(self.role, ("GetItem", "UpdateItem"))
        self._tell_table("usage")

    def may_send_mail(self) -> None:
        """Allow sending mail from the stage's address."""
        sender = self._platform.settings.sender_email
        self.tell("SENDER_EMAIL", sender)
        mails = self._platform.settings.named("mails")
        by = [arn("ses", f"identity/{sender}"), arn("ses", f"configuration-set/{mails}")]
        self.may("ses:SendEmail", "ses:SendRawEmail", on=by)

    def metric(self, name: str, statistic: str) -> cloudwatch.Metric:
        """Return one of Lambda's own metrics of this function."""
        return self.function.metric(name, statistic=statistic, period=Duration.minutes(5))
