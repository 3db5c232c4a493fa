"""The HTTP API: every route, who may call it, and the function that answers."""

from collections.abc import Mapping

from aws_cdk import CfnParameter, Duration, Fn, RemovalPolicy, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.alarms import Alarms
from infra.functions import LOGS_KEPT, RoomFunction
from infra.identity import Identity
from infra.nag import accept
from infra.routes import ROUTES, Auth
from infra.settings import Settings

ACCESS_LOG = {
    "request_id": "$context.requestId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    # The route, not the path: a path may hold the token of a tracking page.
    "route": "$context.routeKey",
    "status": "$context.status",
    "caller": "$context.authorizer.claims.username",
    "latency_ms": "$context.responseLatency",
    "error": "$context.error.message",
    "integration_error": "$context.integrationErrorMessage",
}


STRANGERS = frozenset({Auth.HMAC, Auth.LINK})
"""Routes at which a caller proves nothing before the function looks."""

STRANGERS_PER_S, STRANGERS_AT_ONCE = 100, 300


class Api(Construct):
    """The API, without routes until the functions are there: some of them have to know its address."""

    def __init__(self, scope: Construct, settings: Settings, identity: Identity, alarms: Alarms) -> None:
        super().__init__(scope, "Api")
        self.http_api = apigateway.HttpApi(
            self,
            "Http",
            api_name="crowdship",
            create_default_stage=False,
            cors_preflight=apigateway.CorsPreflightOptions(
                allow_origins=list(settings.web_origins),
                allow_methods=[apigateway.CorsHttpMethod.ANY],
                allow_headers=["authorization", "content-type", "idempotency-key"],
                max_age=Duration.hours(1),
            ),
        )
        self._authorizer = authorizers.HttpUserPoolAuthorizer(
            "Users", identity.pool, user_pool_clients=[identity.client]
        )
        self._local = settings.local
        self._limits: dict[str, dict[str, int]] = {}
        self._add_stage()
        self.url = self._url(settings)
        alarms.above(
            self,
            "ServerErrors",
            self.http_api.metric_server_error(period=Duration.minutes(5), statistic="Sum"),
            0,
            "The API answered 5xx. Log group /crowdship/api says on which route, the function's log why.",
        )

    def _add_stage(self) -> None:
        log = logs.LogGroup(
            self,
            "AccessLog",
            log_group_name="/crowdship/api",
            retention=LOGS_KEPT,
            removal_policy=RemovalPolicy.DESTROY,
        )
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.http_api,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=500, burst_limit=1000),
        )
        access_log = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=log.log_group_arn, format=Stack.of(self).to_json_string(ACCESS_LOG)
        )
        resource = stage.node.default_child
        assert isinstance(resource, apigateway.CfnStage)
        resource.access_log_settings = access_log
        self._stage = resource

    def _url(self, settings: Settings) -> str:
        if not settings.local:
            return self.http_api.api_endpoint
        # The emulator serves all APIs under its own address, which only whoever starts it knows.
        endpoint = CfnParameter(
            Stack.of(self), "Endpoint", default="http://127.0.0.1:4566", description="Address of the emulator"
        )
        return Fn.join("", [endpoint.value_as_string, "/_aws/execute-api/", self.http_api.api_id, "/$default"])

    def connect(self, functions: Mapping[str, RoomFunction]) -> None:
        """Add all routes."""
        answering = {
            name: integrations.HttpLambdaIntegration(
                name,
                functions[name].function,
                # One permission for all routes of a function: a policy with one each would outgrow its limit.
                scope_permission_to_route=False,
            )
            for name in dict.fromkeys(route.function for route in ROUTES)
        }
        for name in dict.fromkeys(route.function for route in ROUTES if route.auth is Auth.KEY):
            functions[name].may_count_calls()
        for route in ROUTES:
            added = self.http_api.add_routes(
                path=route.path,
                methods=[apigateway.HttpMethod[route.method]],
                integration=answering[route.function],
                authorizer=self._authorizer if route.auth is Auth.JWT else None,
            )
            if route.auth is not Auth.JWT:
                accept(added[0], "APIG4", route.auth.value)
            if route.auth in STRANGERS and not self._local:
                self._limit(added[0], route.on)

    def _limit(self, route: apigateway.HttpRoute, on: str) -> None:
        """Let a route that strangers may call use up no more than its share of the whole API's limit."""
        assert isinstance(route.node.default_child, apigateway.CfnRoute)
        self._limits[on] = {"ThrottlingRateLimit": STRANGERS_PER_S, "ThrottlingBurstLimit": STRANGERS_AT_ONCE}
        self._stage.route_settings = self._limits
        self._stage.add_dependency(route.node.default_child)
