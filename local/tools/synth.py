"""Write the templates of a stage for AWS, and check them: ``make synth STAGE=prod``.

They are in ``build/synth/<stage>/<stack>.template.json``. cdk-nag checks them as they are written, cfn-lint afterwards,
with the exceptions in ``.cfnlintrc.yaml``: the emulator accepts properties that do not exist, and AWS refuses them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from local import layers
from local.tools.release import STAGES

ROOT = layers.ROOT
TARGET = ROOT / "build" / "synth"


def layers_for_templates() -> Path:
    """Return the folder of the layers: the built ones, or empty ones, as templates contain only their hashes."""
    if layers.are_built("arm64"):
        return layers.BUILD
    stand_ins = TARGET / "layers"
    for layer in layers.LAYERS:
        (stand_ins / "arm64" / layer).mkdir(parents=True, exist_ok=True)
    return stand_ins


def synthesise(stage: str) -> Path:
    """Write the templates of a stage and return their folder.

    Raises
    ------
    subprocess.CalledProcessError
        If the CDK app failed, or a rule of cdk-nag is broken; what it printed has been shown.
    """
    folder = TARGET / stage
    shutil.rmtree(folder, ignore_errors=True)
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    context |= {"stage": stage, "layers": str(layers_for_templates())}
    environment = {**os.environ, "CDK_CONTEXT_JSON": json.dumps(context), "CDK_OUTDIR": str(folder)}
    subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, check=True)
    return folder


def lint(folder: Path) -> int:
    """Check templates and return how cfn-lint ended: 0 if it found nothing."""
    templates = sorted(str(path) for path in folder.glob("*.template.json"))
    command = [str(Path(sys.executable).parent / "cfn-lint"), "--", *templates]
    return subprocess.run(command, cwd=ROOT).returncode


def main(stage: str = "") -> int:
    """Write and check the templates of a stage; return the exit status."""
    if stage not in STAGES:
        choices = ", ".join(f"STAGE={one}" for one in STAGES)
        print(f"synth: {stage or 'nothing'!r} is no stage in AWS; use one of {choices}", file=sys.stderr)
        return 2
    try:
        folder = synthesise(stage)
    except subprocess.CalledProcessError as error:
        return error.returncode
    found = lint(folder)
    print(f"  {folder.relative_to(ROOT)}: {'cfn-lint found nothing' if not found else 'see what cfn-lint found'}")
    return found


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
