"""The stacks of the API's routes: their authorisation, the functions that answer, and the stage that serves them."""

from collections.abc import Sequence

from aws_cdk import App, Aws, Duration, Environment, RemovalPolicy
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from infra.parts.alarm import Alarms
from infra.parts.function import LOGS_KEPT
from infra.parts.nag import accept
from infra.parts.reference import arn, camel, reference
from infra.parts.stage_stack import StageStack
from infra.routes import MERCHANTS, ROUTES, Auth, Route
from infra.settings import Settings

ACCESS_LOG = {
    "request_id": "$context.requestId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    # The route is logged, not the path, which may hold the token of a tracking page.
    "route": "$context.routeKey",
    "status": "$context.status",
    "caller": "$context.authorizer.claims.username",
    "latency_ms": "$context.responseLatency",
    "error": "$context.error.message",
    "integration_error": "$context.integrationErrorMessage",
}


CONSOLE = "console"
"""The folder of the functions that answer staff."""


class RoutesStack(StageStack):
    """Routes of some functions: their authorisation, and the integrations with the functions.

    Parameters
    ----------
    name : str
        The stack's name.
    routes : sequence of Route
        Its routes.
    """

    def __init__(
        self, app: App, settings: Settings, name: str, routes: Sequence[Route], env: Environment | None = None
    ) -> None:
        super().__init__(app, settings, name, f"routes of the API ({name})", env)
        self._settings = settings
        self._api_id = reference(self, settings, "ApiId")
        self.added = self._routes(routes)

    def _routes(self, routes: Sequence[Route]) -> list[apigateway.CfnRoute]:
        users = self._users()
        answering = {name: self._integration(name) for name in dict.fromkeys(route.function for route in routes)}
        added = []
        for route in routes:
            with_token = route.auth is Auth.JWT
            one = apigateway.CfnRoute(
                self,
                route.on,
                api_id=self._api_id,
                route_key=route.on,
                target=f"integrations/{answering[route.function].ref}",
                authorization_type="JWT" if with_token else "NONE",
                authorizer_id=users.ref if with_token else None,
            )
            if not with_token:
                accept(one, "APIG4", route.auth.value)
            added.append(one)
        return added

    def _users(self) -> apigateway.CfnAuthorizer:
        pool = reference(self, self._settings, "UserPoolId")
        return apigateway.CfnAuthorizer(
            self,
            f"{self.part}Users",
            api_id=self._api_id,
            name=f"{self.part}Users",
            authorizer_type="JWT",
            identity_source=["$request.header.Authorization"],
            jwt_configuration=apigateway.CfnAuthorizer.JWTConfigurationProperty(
                audience=[reference(self, self._settings, "UserPoolClientId")],
                issuer=f"https://cognito-idp.{Aws.REGION}.amazonaws.com/{pool}",
            ),
        )

    def _integration(self, function: str) -> apigateway.CfnIntegration:
        """Return the integration with the function ``<room>/<verb>``, and allow the API to call it."""
        name = camel(function.replace("/", "_"))
        # One permission for all routes of a function, because one for each would exceed the size limit of a policy.
        lambda_.CfnPermission(
            self,
            f"{name}Permission",
            action="lambda:InvokeFunction",
            function_name=self._settings.function_name(function),
            principal="apigateway.amazonaws.com",
            source_arn=arn("execute-api", f"{self._api_id}/*/*"),
        )
        return apigateway.CfnIntegration(
            self,
            name,
            api_id=self._api_id,
            integration_type="AWS_PROXY",
            integration_uri=arn("lambda", f"function:{self._settings.function_name(function)}"),
            payload_format_version="2.0",
        )


class ConsoleApiStack(RoutesStack):
    """The routes of staff, in a stack of their own because CloudFormation takes 500 resources in one."""

    def __init__(self, app: App, settings: Settings, env: Environment | None = None) -> None:
        super().__init__(app, settings, "ConsoleApi", [one for one in ROUTES if _is_of_console(one)], env)


class ApiStack(RoutesStack):
    """All other routes, and the stage that serves all; it is deployed last, when the functions and routes exist."""

    def __init__(self, app: App, settings: Settings, env: Environment | None = None) -> None:
        super().__init__(app, settings, "Api", [one for one in ROUTES if not _is_of_console(one)], env)
        stage = self._stage()
        for route in self.added:
            # The stage names the routes that it throttles, so these have to be created before it.
            stage.add_resource_dependency(route)
        api = apigateway.HttpApi.from_http_api_attributes(self, "Http", http_api_id=self._api_id)
        Alarms(self, settings).above(
            self,
            "ServerErrors",
            api.metric_server_error(period=Duration.minutes(5), statistic="Sum"),
            0,
            f"The API answered 5xx. Log group /{settings.path('api')} says on which route, the function's log why.",
        )

    def _stage(self) -> apigateway.CfnStage:
        log = logs.LogGroup(
            self,
            "AccessLog",
            log_group_name="/" + self._settings.path("api"),
            retention=LOGS_KEPT,
            removal_policy=RemovalPolicy.DESTROY,
        )
        return apigateway.CfnStage(
            self,
            "Stage",
            api_id=self._api_id,
            stage_name="$default",
            auto_deploy=True,
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=log.log_group_arn, format=self.to_json_string(ACCESS_LOG)
            ),
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=MERCHANTS.rate, throttling_burst_limit=MERCHANTS.burst
            ),
            route_settings={
                route.on: {"ThrottlingRateLimit": route.throttle.rate, "ThrottlingBurstLimit": route.throttle.burst}
                for route in ROUTES
                if route.throttle != MERCHANTS
            },
        )


def _is_of_console(route: Route) -> bool:
    return route.function.startswith(f"{CONSOLE}/")
