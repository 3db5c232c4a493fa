"""Deploy a stage to the AWS account of your credentials: ``make deploy STAGE=sandbox``.

The stage has to be named, and production twice, because only the stage distinguishes one deployment from another.
"""

from __future__ import annotations

import os
import subprocess
import sys

from local.layers import ROOT

STAGES = ("sandbox", "prod")
CONFIRMED = ("prod",)
"""Stages whose name has to be given a second time, as ``CONFIRM=``."""


def refusal(stage: str, confirm: str) -> str | None:
    """Return why a stage is not deployed, or None if it may be.

    Parameters
    ----------
    stage, confirm : str
        The values of ``STAGE=`` and ``CONFIRM=``; empty if not given.
    """
    if stage == "local":
        return "the stage local runs on this machine: use `make up`"
    if stage not in STAGES:
        told = f"{stage!r} is no stage" if stage else "no stage is named, and there is no default"
        return f"{told}: say one of {', '.join(f'STAGE={one}' for one in STAGES)}"
    if stage in CONFIRMED and confirm != stage:
        return f"this would change {stage}; to do that, run make deploy STAGE={stage} CONFIRM={stage}"
    return None


def steps(stage: str) -> list[list[str]]:
    """Return the commands that deploy a stage, in order: layers, changes, firewall, all stacks, pages.

    The CDK deploys each stack after those it depends on, and asks before it widens permissions.
    """
    chosen = ["--context", f"stage={stage}"]
    return [
        [sys.executable, str(ROOT / "local" / "layers.py"), "arm64"],
        ["npx", "cdk", "diff", *chosen],
        ["npx", "cdk", "deploy", "--exclusively", "Firewall", *chosen],
        [sys.executable, "-m", "local.tools.firewall", stage],
        ["npx", "cdk", "deploy", "--all", *chosen],
        [sys.executable, "-m", "local.pages", stage],
    ]


def main(stage: str = "", confirm: str = "") -> int:
    """Deploy a stage, or print in one line why not; return the exit status."""
    if told := refusal(stage, confirm):
        print(f"deploy: {told}", file=sys.stderr)
        return 2
    for command in steps(stage):
        if failed := subprocess.run(command, cwd=ROOT, env=os.environ).returncode:
            return failed
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
