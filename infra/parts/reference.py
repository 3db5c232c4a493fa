"""References between stacks: by name if the name never changes, else through an SSM parameter.

CloudFormation exports are not used, because AWS refuses every update that changes or removes an export while another
stack imports it. A parameter may change at any time, and its readers get the new value at their next deployment.
"""

import re

from aws_cdk import Aws, CfnOutput, CfnParameter, Stack
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from infra.settings import Settings


def camel(name: str) -> str:
    """Return ``driver/offers`` as ``DriverOffers``, ``webhooks-dead`` as ``WebhooksDead``."""
    return "".join(part.capitalize() for part in re.split("[-_/]", name))


def arn(service: str, resource: str) -> str:
    """Return the ARN of a resource in this account and region, ``arn("sqs", "crowdship-prod-wake")``."""
    return f"arn:{Aws.PARTITION}:{service}:{Aws.REGION}:{Aws.ACCOUNT_ID}:{resource}"


def tell(stack: Stack, **outputs: str) -> None:
    """Give a stack outputs, for people and for the tools of this repository; no stack imports them."""
    for name, value in outputs.items():
        CfnOutput(stack, name, value=value)


class Published(Construct):
    """Values that other stacks refer to: each becomes a parameter of SSM and an output of the stack.

    Parameters
    ----------
    stack : Stack
        The stack that knows the values.
    settings : Settings
        The deployment.
    values : dict of str to str
        Values by name, in CamelCase: ``DeliveriesTable``. A name is used once in a stage.
    """

    def __init__(self, stack: Stack, settings: Settings, values: dict[str, str]) -> None:
        super().__init__(stack, "Published")
        for name, value in values.items():
            ssm.StringParameter(self, name, parameter_name=settings.parameter(name), string_value=value)
        tell(stack, **values)


def reference(scope: Construct, settings: Settings, name: str) -> str:
    """Return a value that another stack published, to be filled in when the stack of ``scope`` is deployed."""
    stack = Stack.of(scope)
    known = stack.node.try_find_child(name)
    if not isinstance(known, CfnParameter):
        known = CfnParameter(
            stack,
            name,
            type="AWS::SSM::Parameter::Value<String>",
            default=settings.parameter(name),
            description="Published by another stack of the stage",
        )
    return known.value_as_string
