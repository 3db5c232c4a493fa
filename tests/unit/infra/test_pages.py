"""The pages: who may read their files, what a browser may do with them, and how often anybody may ask."""

from typing import Any

from crowdship.adapters.edge import HEADER
from tests.unit.infra.conftest import Synthesised


def _distribution(stack: Synthesised) -> dict[str, Any]:
    (distribution,) = stack.all("AWS::CloudFront::Distribution").values()
    config: dict[str, Any] = distribution["DistributionConfig"]
    return config


def _headers(stack: Synthesised, name: str = "pages") -> dict[str, Any]:
    policies = stack.all("AWS::CloudFront::ResponseHeadersPolicy").values()
    configs = (policy["ResponseHeadersPolicyConfig"] for policy in policies)
    (config,) = (config for config in configs if config["Name"].endswith(f"-{name}"))
    return dict(config)


def _content_policy(stack: Synthesised, name: str = "pages") -> dict[str, str]:
    policy = _headers(stack, name)["SecurityHeadersConfig"]["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    assert "http" not in policy
    return dict(rule.split(" ", 1) for rule in policy.split("; "))


def test_a_page_may_ask_no_other_host_and_be_framed_by_none(prod: Synthesised, local: Synthesised) -> None:
    for stack in (prod, local):
        rules = _content_policy(stack)
        assert rules["default-src"] == "'self'"
        assert rules["frame-ancestors"] == "'none'"
        assert not [rule for rule in rules.values() if "unsafe" in rule]


def test_only_the_files_of_the_scanner_may_compile_webassembly(prod: Synthesised) -> None:
    behaviours = {one["PathPattern"]: one for one in _distribution(prod)["CacheBehaviors"]}
    assert _content_policy(prod, "scanner")["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert behaviours["/scan/*"]["ResponseHeadersPolicyId"] != behaviours["/v1/*"]["ResponseHeadersPolicyId"]


def test_a_browser_is_told_to_keep_the_token_of_a_link_to_itself(prod: Synthesised) -> None:
    security = _headers(prod)["SecurityHeadersConfig"]
    assert security["ReferrerPolicy"]["ReferrerPolicy"] == "no-referrer"
    assert security["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 31_536_000
    assert "Logging" not in _distribution(prod), "a log of addresses would hold the tokens"


def test_the_api_stands_on_the_origin_of_the_pages_and_is_never_cached(prod: Synthesised) -> None:
    (api,) = (one for one in _distribution(prod)["CacheBehaviors"] if one["PathPattern"] == "/v1/*")
    caching_disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert api["CachePolicyId"] == caching_disabled
    assert set(api["AllowedMethods"]) >= {"GET", "POST", "PATCH", "DELETE"}
    assert api["ViewerProtocolPolicy"] == "https-only"


def test_only_this_distribution_reads_the_files(prod: Synthesised) -> None:
    (bucket,) = (b for name, b in prod.all("AWS::S3::Bucket").items() if name.startswith("Files"))
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    statements = [
        statement
        for name, policy in prod.all("AWS::S3::BucketPolicy").items()
        if name.startswith("Files")
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    (readers,) = (statement for statement in statements if statement["Effect"] == "Allow")
    assert readers["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert "AWS:SourceArn" in readers["Condition"]["StringEquals"]


def test_the_tracking_page_has_a_limit_of_its_own(prod: Synthesised, local: Synthesised) -> None:
    (acl,) = prod.all("AWS::WAFv2::WebACL").values()
    rates = {
        rate["ScopeDownStatement"]["ByteMatchStatement"]["SearchString"]: rate["Limit"]
        for rule in acl["Rules"]
        if (rate := rule["Statement"].get("RateBasedStatement"))
    }
    assert rates["/v1/track/"] < rates["/v1/"]
    assert _distribution(prod)["WebACLId"]
    assert not local.all("AWS::WAFv2::WebACL"), "the emulator would take it and do nothing"


def test_the_function_that_signs_people_in_believes_the_address_that_cloudfront_names(prod: Synthesised) -> None:
    (api,) = (one for one in _distribution(prod)["Origins"] if "CustomOriginConfig" in one)
    (header,) = api["OriginCustomHeaders"]

    assert header["HeaderName"] == HEADER
    assert "resolve:secretsmanager" in str(header["HeaderValue"])
    assert "EDGE_SECRET_ARN" in prod.functions["user/session"]["Environment"]["Variables"]
