"""The HTTP API: every route, who may call it, and the function that answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

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
from infra.settings import Settings


class Auth(Enum):
    """How a caller proves who they are, and who looks."""

    JWT = "a Cognito access token, checked before the function is called; the function checks the group"
    KEY = "The function checks the merchant's API key: an HTTP API has none of its own"
    HMAC = "The function checks the shop's signature over the body"
    LINK = "The page is for whoever holds the link: the function checks the signed, expiring token in the path"


@dataclass(frozen=True)
class Route:
    """``METHOD /path`` and who answers."""

    on: str
    function: str
    auth: Auth = Auth.JWT

    @property
    def method(self) -> str:
        """The HTTP method."""
        return self.on.split()[0]

    @property
    def path(self) -> str:
        """The path with its parameters."""
        return self.on.split()[1]


STAFF = "/v1/staff"
DRIVER = "/v1/driver"

ROUTES = (
    # merchants' systems
    Route("POST /v1/deliveries", "intake/deliveries_api", Auth.KEY),
    Route("GET /v1/deliveries", "intake/deliveries_api", Auth.KEY),
    Route("GET /v1/deliveries/{delivery_id}", "intake/deliveries_api", Auth.KEY),
    Route("POST /v1/deliveries/{delivery_id}/cancel", "intake/deliveries_api", Auth.KEY),
    Route("POST /v1/sources/shopify/{merchant_id}/orders", "intake/shopify", Auth.HMAC),
    # customers
    Route("GET /v1/track/{token}", "tracking/track_api", Auth.LINK),
    # drivers
    Route(f"GET {DRIVER}/me", "drivers/duty_api"),
    Route(f"POST {DRIVER}/duty", "drivers/duty_api"),
    Route(f"DELETE {DRIVER}/duty", "drivers/duty_api"),
    Route(f"POST {DRIVER}/positions", "tracking/positions_api"),
    Route(f"GET {DRIVER}/offers", "dispatch/offers_api"),
    Route(f"POST {DRIVER}/offers/{{offer_id}}/accept", "dispatch/offers_api"),
    Route(f"POST {DRIVER}/offers/{{offer_id}}/decline", "dispatch/offers_api"),
    Route(f"GET {DRIVER}/route", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/depart", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/arrive", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/pick-up", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/deliver", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/fail", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/give-back", "proof/stops_api"),
    Route(f"POST {DRIVER}/deliveries/{{delivery_id}}/proofs", "proof/stops_api"),
    Route(f"GET {DRIVER}/earnings", "settlement/earnings_api"),
    # staff
    Route(f"GET {STAFF}/merchants", "merchants/staff_api"),
    Route(f"POST {STAFF}/merchants", "merchants/staff_api"),
    Route(f"GET {STAFF}/merchants/{{merchant_id}}", "merchants/staff_api"),
    Route(f"POST {STAFF}/merchants/{{merchant_id}}/keys", "merchants/staff_api"),
    Route(f"DELETE {STAFF}/merchants/{{merchant_id}}/keys/{{key_id}}", "merchants/staff_api"),
    Route(f"POST {STAFF}/merchants/{{merchant_id}}/endpoints", "merchants/staff_api"),
    Route(f"PUT {STAFF}/merchants/{{merchant_id}}/shopify", "merchants/staff_api"),
    Route(f"GET {STAFF}/zones", "drivers/staff_api"),
    Route(f"GET {STAFF}/zones/{{zone_id}}", "drivers/staff_api"),
    Route(f"PUT {STAFF}/zones/{{zone_id}}", "drivers/staff_api"),
    Route(f"GET {STAFF}/drivers", "drivers/staff_api"),
    Route(f"POST {STAFF}/drivers", "drivers/staff_api"),
    Route(f"GET {STAFF}/drivers/{{driver_id}}", "drivers/staff_api"),
    Route(f"PATCH {STAFF}/drivers/{{driver_id}}", "drivers/staff_api"),
    Route(f"GET {STAFF}/zones/{{zone_id}}/board", "dispatch/staff_api"),
    Route(f"GET {STAFF}/deliveries/{{delivery_id}}", "dispatch/staff_api"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/assign", "dispatch/staff_api"),
    Route(f"POST {STAFF}/deliveries/{{delivery_id}}/cancel", "dispatch/staff_api"),
    Route(f"GET {STAFF}/ledger/trial-balance", "settlement/staff_api"),
    Route(f"POST {STAFF}/settlements", "settlement/staff_api"),
    Route(f"GET {STAFF}/settlements/{{period}}", "settlement/staff_api"),
    Route(f"GET {STAFF}/settlements/{{period}}/statements", "settlement/staff_api"),
)

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
        for route in ROUTES:
            added = self.http_api.add_routes(
                path=route.path,
                methods=[apigateway.HttpMethod[route.method]],
                integration=answering[route.function],
                authorizer=self._authorizer if route.auth is Auth.JWT else None,
            )
            if route.auth is not Auth.JWT:
                accept(added[0], "APIG4", route.auth.value)
