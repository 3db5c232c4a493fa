"""The CDK app: ``npx cdk synth --context stage=sandbox`` writes a stage's templates; ``make deploy`` is the way to AWS.

Without the CDK's command line: ``CDK_OUTDIR=cdk.out CDK_CONTEXT_JSON='{"stage": "local"}' python app.py``.
"""

import json
import os
import sys
from pathlib import Path

from aws_cdk import App, Environment, Validations
from cdk_nag import AwsSolutionsChecks

from infra.deployment import Deployment
from infra.settings import Settings

LOCAL = Environment(account="000000000000", region="us-east-1")


def main() -> None:
    """Write the templates."""
    # The command line reads cdk.json by itself; whoever runs this file directly gets the same templates.
    app = App(context=json.loads((Path(__file__).parent / "cdk.json").read_text())["context"])
    try:
        settings = Settings.from_context(app.node)
    except ValueError as error:
        sys.exit(f"crowdship: {error}")
    aws = Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION"))
    Deployment(app, settings, LOCAL if settings.local else aws)
    if not settings.local:  # the emulator speaks plain HTTP and traces nothing, which the rules forbid
        Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


if __name__ == "__main__":
    main()
