"""Exceptions to rules of cdk-nag; each is made next to the construct that needs it, with its reason."""

import json
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import Construct


def accept(construct: Construct, rule: str, reason: str) -> None:
    """Accept that a construct breaks an AwsSolutions rule.

    Parameters
    ----------
    construct : Construct
        The construct that breaks the rule; all below it may break it too.
    rule : str
        The rule without its prefix: ``SQS3``.
    reason : str
        The reason, as an auditor would want to read it.
    """
    Validations.of(construct).acknowledge(Acknowledgment(id=f"AwsSolutions-{rule}", reason=reason))


def accept_wildcard(construct: Construct, resource: str, reason: str) -> None:
    """Accept that a role may use all resources whose ARN matches ``resource``."""
    accept(construct, f"IAM5[Resource::{_as_nag_writes(Stack.of(construct).resolve(resource))}]", reason)


def _as_nag_writes(value: Any) -> str:
    """Return a resolved ARN as it stands in the id of a finding: ``<LogicalId.Arn>/*``."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(map(_as_nag_writes, parts))
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
        case dict():
            return json.dumps(value, separators=(",", ":"))
    return str(value)
