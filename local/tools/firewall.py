"""Tell the region of a stage where the firewall of its pages is; ``make deploy`` does it after the firewall's stack.

The firewall lies in us-east-1, and CloudFormation reads no parameter of another region.
"""

from __future__ import annotations

import sys

import boto3

from infra.settings import Settings
from infra.stacks.firewall import REGION


def copy_arn(settings: Settings) -> str:
    """Write the firewall's ARN to the parameter that the stack of the pages reads, and return the ARN.

    Raises
    ------
    botocore.exceptions.ClientError
        If the firewall's stack is not there, or the credentials lack a right.
    """
    cloudformation = boto3.client("cloudformation", region_name=REGION)
    (stack,) = cloudformation.describe_stacks(StackName=settings.stack_name("Firewall"))["Stacks"]
    arn: str = next(output["OutputValue"] for output in stack["Outputs"] if output["OutputKey"] == "FirewallArn")
    name = settings.parameter("FirewallArn")
    boto3.client("ssm").put_parameter(Name=name, Value=arn, Type="String", Overwrite=True)
    return arn


def main(stage: str) -> int:
    """Copy the ARN for a stage; return the exit status."""
    print(f"  the pages of {stage} are behind {copy_arn(Settings(stage=stage))}", flush=True)  # type: ignore[arg-type]
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
