"""The web application firewall in front of the pages."""

from dataclasses import dataclass

from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.settings import Settings


@dataclass(frozen=True)
class RateRule:
    """The most requests that one address may send to some paths in five minutes.

    Parameters
    ----------
    name : str
        The name of the rule and of its metric.
    starts_with : str
        The beginning of the paths.
    limit : int
        Requests in five minutes. Mobile networks put hundreds of phones behind one address.
    """

    name: str
    starts_with: str
    limit: int


RATES = (
    RateRule("SignIn", "/v1/session", 300),
    RateRule("TrackingPages", "/v1/track/", 2_000),
    RateRule("Api", "/v1/", 20_000),
    RateRule("Files", "/", 10_000),
)
"""Each path counts for itself: calls of the public page use up nothing of what drivers and dispatchers may call."""

MANAGED = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)

ONLY_COUNTED = {"AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",)}
"""Rules of these groups that refuse nothing: positions that a phone has buffered are more than 8 KB."""

TOO_MANY = "TooManyRequests"


class Firewall(Construct):
    """Managed rules of AWS, and a rate for each part of the site; too many requests are answered 429.

    Attributes
    ----------
    arn : str
        The ARN of the web ACL, for the distribution.
    """

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(scope, "Firewall")
        managed = [_managed(name, priority) for priority, name in enumerate(MANAGED)]
        rates = [_rate(rule, len(MANAGED) + priority) for priority, rule in enumerate(RATES)]
        acl = waf.CfnWebACL(
            self,
            "Acl",
            name=settings.named("pages"),
            scope="CLOUDFRONT",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visible("Pages"),
            rules=[*managed, *rates],
            custom_response_bodies={
                TOO_MANY: waf.CfnWebACL.CustomResponseBodyProperty(
                    content_type="TEXT_PLAIN", content="Too many requests; try again in a minute."
                )
            },
        )
        self.arn = acl.attr_arn


def _visible(metric: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    # Sampled requests would hold the tokens of tracking links.
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=metric, sampled_requests_enabled=False
    )


def _managed(name: str, priority: int) -> waf.CfnWebACL.RuleProperty:
    return waf.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        statement=waf.CfnWebACL.StatementProperty(
            managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS",
                name=name,
                rule_action_overrides=[
                    waf.CfnWebACL.RuleActionOverrideProperty(
                        name=rule, action_to_use=waf.CfnWebACL.RuleActionProperty(count={})
                    )
                    for rule in ONLY_COUNTED.get(name, ())
                ],
            )
        ),
        visibility_config=_visible(name),
    )


def _rate(rule: RateRule, priority: int) -> waf.CfnWebACL.RuleProperty:
    below = waf.CfnWebACL.ByteMatchStatementProperty(
        field_to_match=waf.CfnWebACL.FieldToMatchProperty(uri_path={}),
        positional_constraint="STARTS_WITH",
        search_string=rule.starts_with,
        text_transformations=[waf.CfnWebACL.TextTransformationProperty(priority=0, type="NORMALIZE_PATH")],
    )
    return waf.CfnWebACL.RuleProperty(
        name=rule.name,
        priority=priority,
        action=waf.CfnWebACL.RuleActionProperty(
            block=waf.CfnWebACL.BlockActionProperty(
                custom_response=waf.CfnWebACL.CustomResponseProperty(
                    response_code=429,
                    custom_response_body_key=TOO_MANY,
                    response_headers=[waf.CfnWebACL.CustomHTTPHeaderProperty(name="Retry-After", value="60")],
                )
            )
        ),
        statement=waf.CfnWebACL.StatementProperty(
            rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP",
                limit=rule.limit,
                evaluation_window_sec=300,
                scope_down_statement=waf.CfnWebACL.StatementProperty(byte_match_statement=below),
            )
        ),
        visibility_config=_visible(rule.name),
    )
