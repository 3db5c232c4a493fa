from typing import Any

import pytest

from crowdship.sessions.passwords import LENGTH
from crowdship.sessions.tickets import IDLE_OF_STAFF, LONGEST
from infra.routes import ACCOUNT_LIMIT, MERCHANTS, ROUTES, Auth
from tests.unit.infra.conftest import Synthesised, synthesise

# Action -> why no resource can be named. Nothing else may be allowed on '*'.
UNNAMEABLE = {
    "xray:PutTraceSegments": "traces have no ARN",
    "xray:PutTelemetryRecords": "traces have no ARN",
    "xray:GetSamplingRules": "sampling rules are read as a whole",
    "xray:GetSamplingTargets": "sampling rules are read as a whole",
    "dynamodb:ListStreams": "Lambda looks a table's stream up in the list of all",
    "logs:CreateLogDelivery": "log deliveries have no ARN",
    "logs:GetLogDelivery": "log deliveries have no ARN",
    "logs:UpdateLogDelivery": "log deliveries have no ARN",
    "logs:DeleteLogDelivery": "log deliveries have no ARN",
    "logs:ListLogDeliveries": "log deliveries have no ARN",
    "logs:PutResourcePolicy": "log deliveries have no ARN",
    "logs:DescribeResourcePolicies": "log deliveries have no ARN",
    "logs:DescribeLogGroups": "log deliveries have no ARN",
    "sns:CheckIfPhoneNumberIsOptedOut": "a phone number has no ARN",
    "sns:OptInPhoneNumber": "a phone number has no ARN",
}
PUBLIC = {
    "POST /v1/sources/bigcommerce/{merchant_id}/orders",
    "POST /v1/sources/shopify/{merchant_id}/orders",
    "POST /v1/sources/woocommerce/{merchant_id}/orders",
    "POST /v1/sources/webhook/{merchant_id}/orders",
    "POST /v1/providers/screening/reports",
    "POST /v1/providers/stripe/events",
    "GET /v1/track/{token}",
    "POST /v1/track/{token}/rating",
    "POST /v1/track/{token}/tip",
    "PUT /v1/track/{token}/instructions",
    "GET /v1/track/{token}/messages",
    "POST /v1/track/{token}/messages",
    "POST /v1/track/{token}/messages/read",
    "GET /v1/track/{token}/proof/{kind}",
    "POST /v1/track/{token}/call",
}
APPLYING = {"GET /v1/applications/zones", "POST /v1/applications"}
SIGNING_IN = {
    "POST /v1/session",
    "POST /v1/session/answer",
    "POST /v1/session/refresh",
    "DELETE /v1/session",
    "POST /v1/session/forgotten",
    "POST /v1/session/forgotten/confirm",
}
WITH_KEY = {
    "POST /v1/quotes",
    "GET /v1/quotes/{quote_id}",
    "POST /v1/jobs",
    "GET /v1/jobs/{job_id}",
    "POST /v1/deliveries/bulk",
    "POST /v1/deliveries",
    "POST /v1/deliveries/import",
    "GET /v1/deliveries",
    "GET /v1/days/{day}/deliveries",
    "GET /v1/deliveries/{delivery_id}",
    "PATCH /v1/deliveries/{delivery_id}",
    "POST /v1/deliveries/{delivery_id}/cancel",
    "GET /v1/deliveries/{delivery_id}/proof/verify",
    "POST /v1/deliveries/{delivery_id}/ready",
    "POST /v1/deliveries/{delivery_id}/tip",
    "POST /v1/deliveries/{delivery_id}/redeliver",
    "GET /v1/account/sources/{source}",
    "PATCH /v1/account/sources/{source}",
    "GET /v1/account/sources/{source}/messages",
    "POST /v1/account/sources/{source}/messages/{message_id}/retry",
    "GET /v1/claims",
    "POST /v1/claims",
    "GET /v1/invoices",
    "GET /v1/account",
    "PATCH /v1/account",
    "PUT /v1/account/logo",
    "DELETE /v1/account/logo",
    "GET /v1/account/keys",
    "POST /v1/account/keys",
    "POST /v1/account/keys/{key_id}/rotate",
    "DELETE /v1/account/keys/{key_id}",
    "GET /v1/events",
    "GET /v1/deliveries/{delivery_id}/notices",
    "POST /v1/deliveries/{delivery_id}/notices/lift",
    "GET /v1/account/templates",
    "PUT /v1/account/templates/{kind}/{language}/{channel}",
    "DELETE /v1/account/templates/{kind}/{language}/{channel}",
    "POST /v1/account/templates/{kind}/{language}/{channel}/preview",
    "POST /v1/account/templates/{kind}/{language}/{channel}/test",
    "GET /v1/account/endpoints",
    "POST /v1/account/endpoints",
    "GET /v1/account/endpoints/{endpoint_id}",
    "PATCH /v1/account/endpoints/{endpoint_id}",
    "DELETE /v1/account/endpoints/{endpoint_id}",
    "POST /v1/account/endpoints/{endpoint_id}/rotate-secret",
    "POST /v1/account/endpoints/{endpoint_id}/test",
    "GET /v1/account/endpoints/{endpoint_id}/attempts",
    "POST /v1/account/endpoints/{endpoint_id}/replay",
    "GET /v1/account/endpoints/{endpoint_id}/replays/{replay_id}",
}


def test_no_rule_of_aws_solutions_is_broken_without_a_reason(prod: Synthesised) -> None:
    assert prod.findings() == []


def test_nobody_may_do_everything_with_anything(prod: Synthesised) -> None:
    assert [who for who, statement in prod.statements() if "*" in statement["Action"]] == []


def test_whatever_is_allowed_on_all_resources_has_no_resource_to_name(prod: Synthesised) -> None:
    on_all = {
        action
        for _, statement in prod.statements()
        if "*" in statement.get("Resource", [])
        for action in statement["Action"]
    }

    assert on_all <= UNNAMEABLE.keys()


def test_only_sms_are_allowed_by_exclusion_and_never_to_a_topic(prod: Synthesised) -> None:
    excluding = [statement for _, statement in prod.statements() if "NotResource" in statement]

    assert [statement["Action"] for statement in excluding] == [["sns:Publish"]] * 4
    assert {statement["NotResource"]["Fn::Join"][1][-1] for statement in excluding} == {":sns:*:*:*"}


def test_no_queue_and_no_bucket_is_asked_in_the_clear(prod: Synthesised) -> None:
    refused = {"Bool": {"aws:SecureTransport": "false"}}
    for kind, named in (("SQS::Queue", "Queues"), ("S3::Bucket", "Bucket")):
        policies = prod.all(f"AWS::{kind}Policy").values()
        safe = {
            target["Ref"]
            for policy in policies
            if any(
                one["Effect"] == "Deny" and one.get("Condition") == refused and one["Principal"] == {"AWS": "*"}
                for one in policy["PolicyDocument"]["Statement"]
            )
            for target in (policy[named] if isinstance(policy[named], list) else [policy[named]])
        }
        assert safe == prod.all(f"AWS::{kind}").keys()


def test_no_function_may_read_a_whole_table(prod: Synthesised) -> None:
    assert not [who for who, statement in prod.statements() if "dynamodb:Scan" in statement["Action"]]


def test_every_function_has_a_role_of_its_own(prod: Synthesised) -> None:
    roles = [str(function["Role"]) for function in prod.functions.values()]

    assert len(set(roles)) == len(roles)


def test_the_vaults_key_opens_only_through_its_table(prod: Synthesised) -> None:
    uses = [statement for _, statement in prod.statements() if any(a.startswith("kms:") for a in statement["Action"])]

    assert uses
    for statement in uses:
        assert "kms:ViaService" in statement["Condition"]["StringEquals"]


def test_addresses_are_looked_up_only_where_the_deployment_says_so(
    prod: Synthesised, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def allowed(stack: Synthesised) -> list[dict[str, Any]]:
        return [statement for _, statement in stack.statements() if "geo-places:Geocode" in statement["Action"]]

    assert not allowed(prod)
    assert prod.functions["merchant/sources"]["Environment"]["Variables"]["GEOCODER"] == "none"
    asking = synthesise("prod", tmp_path_factory.mktemp("layers"), geocoder="amazon")
    (statement,) = allowed(asking)
    assert statement["Action"] == ["geo-places:Geocode"]
    assert statement["Resource"][0]["Fn::Join"][1][-1] == "::provider/default"
    assert asking.findings() == []


def test_every_route_asks_for_a_token_unless_the_function_checks_the_caller(prod: Synthesised) -> None:
    routes = prod.all("AWS::ApiGatewayV2::Route").values()

    assert {route["RouteKey"] for route in routes} == {route.on for route in ROUTES}
    assert {
        route["RouteKey"] for route in routes if route["AuthorizationType"] == "NONE"
    } == PUBLIC | SIGNING_IN | APPLYING | WITH_KEY
    assert {route["AuthorizationType"] for route in routes} == {"NONE", "JWT"}


def test_the_route_table_says_how_each_open_route_knows_its_caller() -> None:
    assert {route.on for route in ROUTES if route.auth is Auth.KEY} == WITH_KEY
    assert {route.on for route in ROUTES if route.auth in (Auth.HMAC, Auth.LINK, Auth.PROVIDER)} == PUBLIC
    assert {route.on for route in ROUTES if route.auth is Auth.SESSION} == SIGNING_IN
    assert {route.on for route in ROUTES if route.auth is Auth.OPEN} == APPLYING


def test_only_routes_of_drivers_and_staff_need_a_token() -> None:
    with_token = {route.path.split("/")[2] for route in ROUTES if route.auth is Auth.JWT}

    assert with_token == {"driver", "staff", "session"}
    assert {route.on for route in ROUTES if route.auth is Auth.JWT and "/session" in route.on} == {
        "POST /v1/session/totp",
        "PUT /v1/session/totp",
    }


def test_nobody_signs_up_without_being_invited(prod: Synthesised) -> None:
    (pool,) = prod.all("AWS::Cognito::UserPool").values()

    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["DeletionProtection"] == "ACTIVE"


def test_passwords_have_the_same_rules_before_cognito_and_in_it(prod: Synthesised) -> None:
    (pool,) = prod.all("AWS::Cognito::UserPool").values()
    rules = pool["Policies"]["PasswordPolicy"]

    assert rules["MinimumLength"] == LENGTH
    assert all(rules[f"Require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"))


def test_a_drivers_session_lasts_as_long_as_the_token_behind_it(prod: Synthesised) -> None:
    (client,) = prod.all("AWS::Cognito::UserPoolClient").values()

    assert client["TokenValidityUnits"]["RefreshToken"] == "minutes"
    assert client["RefreshTokenValidity"] * 60 == LONGEST.total_seconds()
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["EnableTokenRevocation"] is True


def test_only_the_function_of_sessions_may_take_a_password_to_the_user_pool(prod: Synthesised) -> None:
    roles = {function["Role"]["Fn::GetAtt"][0]: name for name, function in prod.functions.items()}
    may: dict[str, set[str]] = {}
    for who, statement in prod.statements():
        asked = {action for action in statement["Action"] if action.startswith("cognito-idp:")}
        if asked:
            may.setdefault(roles[who], set()).update(asked)

    signs_in = {"cognito-idp:AdminInitiateAuth", "cognito-idp:AdminRespondToAuthChallenge"}
    assert may["user/session"] == signs_in
    assert not [name for name, actions in may.items() if name != "user/session" and actions & signs_in]


def test_nobody_signs_in_past_our_own_routes(prod: Synthesised) -> None:
    (client,) = prod.all("AWS::Cognito::UserPoolClient").values()

    assert set(client["ExplicitAuthFlows"]) == {"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}
    assert not client.get("AllowedOAuthFlows")


def test_an_access_token_lasts_half_an_hour_and_so_a_page_at_work_is_never_idle(prod: Synthesised) -> None:
    (client,) = prod.all("AWS::Cognito::UserPoolClient").values()

    assert (client["AccessTokenValidity"], client["TokenValidityUnits"]["AccessToken"]) == (30, "minutes")
    assert client["AccessTokenValidity"] * 60 < IDLE_OF_STAFF.total_seconds()


def test_the_access_log_keeps_no_tracking_token(prod: Synthesised) -> None:
    (stage,) = prod.all("AWS::ApiGatewayV2::Stage").values()

    assert "$context.path" not in stage["AccessLogSettings"]["Format"]


def test_each_kind_of_caller_has_a_throttle_of_its_own(prod: Synthesised) -> None:
    (stage,) = prod.all("AWS::ApiGatewayV2::Stage").values()
    told = stage["RouteSettings"]

    for route in ROUTES:
        limits = told.get(route.on, stage["DefaultRouteSettings"])
        assert (limits["ThrottlingRateLimit"], limits["ThrottlingBurstLimit"]) == (
            route.throttle.rate,
            route.throttle.burst,
        ), route.on
    merchants = {route.on for route in ROUTES if route.auth is Auth.KEY}
    assert told.keys() == {route.on for route in ROUTES} - merchants


def test_strangers_drivers_and_staff_together_leave_merchants_room() -> None:
    others = [route.throttle for route in ROUTES if route.auth is not Auth.KEY]

    assert sum(one.rate for one in others) + MERCHANTS.rate < ACCOUNT_LIMIT.rate
    assert sum(one.burst for one in others) + MERCHANTS.burst < ACCOUNT_LIMIT.burst


def test_who_proves_nothing_before_the_function_is_called_gets_less_than_merchants() -> None:
    strangers = [route.throttle for route in ROUTES if route.auth not in (Auth.KEY, Auth.JWT)]

    assert all(one.rate < MERCHANTS.rate and one.burst < MERCHANTS.burst for one in strangers)
    assert sum(one.rate for one in strangers) < MERCHANTS.rate


def test_a_stage_that_throttles_routes_is_made_after_them(prod: Synthesised) -> None:
    (last,) = (one for one in prod.templates.values() if _routes_of(one, "Stage"))
    (stage,) = _routes_of(last, "Stage").values()
    in_its_stack = {name for name in stage["DependsOn"] if name in _routes_of(last, "Route")}
    earlier = [
        route for one in prod.templates.values() if one is not last for route in _routes_of(one, "Route").values()
    ]
    made_before = [*(last["Resources"][name] for name in in_its_stack), *earlier]

    assert in_its_stack == _routes_of(last, "Route").keys()
    assert stage["Properties"]["RouteSettings"].keys() <= {one["Properties"]["RouteKey"] for one in made_before}
    assert prod.stacks[-1].stack_name.endswith("-Api")


def _routes_of(template: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the resources of a stack that are of a kind of API Gateway."""
    return {n: one for n, one in template["Resources"].items() if one["Type"] == f"AWS::ApiGatewayV2::{kind}"}


def test_who_signs_webhooks_reads_those_secrets_and_no_others(prod: Synthesised) -> None:
    roles = {function["Role"]["Fn::GetAtt"][0]: name for name, function in prod.functions.items()}
    may: dict[str, set[str]] = {}
    for who, statement in prod.statements():
        if "crowdship/prod/endpoints/" in str(statement.get("Resource")):
            may[roles[who]] = {action.removeprefix("secretsmanager:") for action in statement["Action"]}
            assert "crowdship/prod/merchants/" not in str(statement["Resource"])

    manages = {"GetSecretValue", "CreateSecret", "PutSecretValue", "DeleteSecret"}
    assert may == {
        "tasks/send_webhook": {"GetSecretValue"},
        "merchant/webhooks": manages,
        "console/webhooks": manages,
    }


def test_no_function_changes_or_deletes_an_entry_of_the_audit_trail(prod: Synthesised) -> None:
    (audit,) = {
        f["Environment"]["Variables"]["AUDIT_TABLE"]["Ref"]
        for f in prod.functions.values()
        if "AUDIT_TABLE" in f["Environment"]["Variables"]
    }
    roles = {function["Role"]["Fn::GetAtt"][0]: name for name, function in prod.functions.items()}
    may: dict[str, set[str]] = {}
    for who, statement in prod.statements():
        if f"'Ref': '{audit}'" in str(statement.get("Resource")):
            may.setdefault(roles[who], set()).update(statement["Action"])

    reading = may.pop("console/audit")
    assert may.pop("events/export") == reading
    assert reading == {f"dynamodb:{one}" for one in ("GetItem", "BatchGetItem", "Query", "ConditionCheckItem")}
    assert may == {route.function: {"dynamodb:PutItem"} for route in ROUTES if route.is_audited}


def test_the_audit_trail_can_be_restored_and_its_rows_expire(prod: Synthesised) -> None:
    tables = {name: t for name, t in prod.all("AWS::DynamoDB::Table").items() if "Audit" in name}
    (table,) = tables.values()

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["DeletionProtectionEnabled"] is True
