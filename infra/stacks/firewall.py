"""The stack of the firewall in front of the pages, in the one region in which AWS takes it."""

from aws_cdk import App, Environment

from infra.parts.firewall import Firewall
from infra.parts.reference import tell
from infra.parts.stage_stack import StageStack
from infra.settings import Settings

REGION = "us-east-1"
"""AWS takes the firewall of a CloudFront distribution in this region only, wherever the distribution's stack is."""


class FirewallStack(StageStack):
    """The firewall, with its ARN as the output ``FirewallArn``.

    CloudFormation reads no parameter of another region. ``make deploy`` copies the output into the region of the other
    stacks (``local/tools/firewall.py``), where the stack of the pages reads it as any other reference.
    """

    def __init__(self, app: App, settings: Settings, env: Environment | None = None) -> None:
        here = Environment(account=env.account if env else None, region=REGION)
        super().__init__(app, settings, "Firewall", "the firewall in front of the pages", here)
        tell(self, FirewallArn=Firewall(self, settings).arn)
