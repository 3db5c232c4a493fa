"""Install everything crowdship needs under this folder: ``make setup``.

It runs on any Python from 3.9 and uses only the standard library. A step is not repeated until its sources change.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from local import layers

ROOT = layers.ROOT
LOCAL = ROOT / ".local"
STAMPS = LOCAL / "stamps"
PYTHON = (ROOT / ".python-version").read_text().strip()
UV = "0.9.0"


class SetupError(Exception):
    """Something is missing; the message says in one line what to do."""


def run(command: list[str], problem: str, quiet: bool = True) -> str:
    """Run a program and return its standard output."""
    environment = {
        "UV_SYSTEM_CERTS": "1",  # company networks may have certificates of their own
        **os.environ,
        "VIRTUAL_ENV": "",
        "UV_NO_PROGRESS": "1",
        "UV_PYTHON_PREFERENCE": "system",
    }
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    except OSError as error:
        raise SetupError(f"{problem}: {error}") from None
    if done.returncode:
        said = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise SetupError(f"{problem}: {said[-1] if said else 'no reason given'}")
    return done.stdout


class Step:
    """One thing to install, skipped while its stamp says that nothing has changed."""

    def __init__(self, name: str, sources: list[Path], result: Path, extra: str = "") -> None:
        self.name, self.sources, self.result, self.extra = name, sources, result, extra

    def mark(self) -> str:
        """Return a hash of everything that the result depends on."""
        content = b"|".join(source.read_bytes() for source in self.sources) + self.extra.encode()
        return hashlib.sha256(content).hexdigest()

    def done(self) -> bool:
        """Return whether there is nothing to do."""
        stamp = STAMPS / self.name
        return self.result.exists() and stamp.is_file() and stamp.read_text() == self.mark()

    def finish(self) -> None:
        """Write the stamp of a finished step."""
        STAMPS.mkdir(parents=True, exist_ok=True)
        (STAMPS / self.name).write_text(self.mark())


def say(text: str) -> None:
    """Print a line at once, also through a pipe."""
    print(f"  {text}", flush=True)


def is_right_python(python: str) -> bool:
    """Return whether a program is a Python of the Lambda runtime's version."""
    question = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-c", question], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.stdout.strip() == PYTHON


def install_uv() -> str:
    """Return uv, the installer, from its own small environment or from the machine."""
    home = LOCAL / "uv"
    uv = home / "bin" / "uv"
    if uv.exists():
        return str(uv)
    say("installing uv, the installer, into .local/uv")
    try:
        run([sys.executable, "-m", "venv", "--clear", str(home)], "cannot make an environment")
        run(
            [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv>=" + UV],
            "cannot install uv; is the network reachable? Last words",
        )
    except SetupError:
        shutil.rmtree(home, ignore_errors=True)
        found = shutil.which("uv")
        if found:
            return found
        raise
    return str(uv)


def find_python(uv: str) -> str:
    """Return a Python of the Lambda runtime's version, found on the machine or brought by uv."""
    for name in (sys.executable, "python" + PYTHON, "python3"):
        path = shutil.which(name)
        if path and is_right_python(path):
            return path
    say(f"no Python {PYTHON} on PATH: asking uv to find or bring one")
    missing = f"there is no Python {PYTHON} here and none can be fetched: install it, then run this again"
    try:
        run([uv, "python", "find", PYTHON], missing)
    except SetupError:
        run([uv, "python", "install", PYTHON], missing)
    return run([uv, "python", "find", PYTHON], missing).strip()


def make_environment(uv: str, python: str, folder: Path, requirements: Path) -> None:
    """Make a virtual environment with exactly these requirements."""
    if not is_right_python(str(folder / "bin" / "python")):
        run([uv, "venv", "--quiet", "--clear", "--python", python, str(folder)], f"cannot make {folder}")
    command = [uv, "pip", "sync", "--quiet", "--python", str(folder / "bin" / "python"), str(requirements)]
    run(command, "cannot install the packages; is the network reachable? Last words")


def make_importable(folder: Path, code: Path) -> None:
    """Let an environment's Python import the shared package, which the tools need as the functions do."""
    (place,) = folder.glob("lib/python*/site-packages")
    link = place / "crowdship.pth"
    if not link.exists() or link.read_text() != f"{code}\n":
        link.write_text(f"{code}\n")


def install_node_modules() -> None:
    """Install the CDK's command line, and the tools that build and test the pages."""
    parts = {"node": (ROOT, "the CDK's command line"), "web": (ROOT / "web", "the tools of the pages")}
    for name, (folder, tools) in parts.items():
        step = Step(name, [folder / "package-lock.json"], folder / "node_modules")
        if step.done():
            continue
        if not shutil.which("npm"):
            raise SetupError("npm is missing, and the pages cannot be built without it: install it with Node.js")
        target = step.result.relative_to(ROOT)
        say(f"installing {tools} into {target}")
        command = ["npm", "ci", "--prefix", str(folder), "--silent", "--no-audit", "--no-fund"]
        run(command, f"npm cannot install into {target}; is the network reachable?")
        step.finish()


def install() -> None:
    """Install everything that is not installed yet."""
    if not shutil.which("node"):
        raise SetupError("Node.js is missing, and the CDK cannot work without it: install version 20 or newer")
    requirements = ROOT / "requirements"
    ours = Step("venv", [requirements / "dev.txt"], ROOT / ".venv/bin/python", PYTHON)
    theirs = Step("emulator", [requirements / "emulator.txt"], LOCAL / "emulator/bin/python", PYTHON)
    due = [step for step in (ours, theirs) if not step.done()]
    if due:
        uv = install_uv()
        python = find_python(uv)
        if ours in due:
            say("installing the project's packages into .venv")
            make_environment(uv, python, ROOT / ".venv", requirements / "dev.txt")
            ours.finish()
        if theirs in due:
            say("installing the AWS emulator into .local/emulator")
            make_environment(uv, python, LOCAL / "emulator", requirements / "emulator.txt")
            theirs.finish()
    make_importable(ROOT / ".venv", ROOT / "layers" / "crowdship" / "python")
    if not layers.are_built("native"):
        layers.build_all(install_uv(), ["native"])
    install_node_modules()


def main() -> int:
    """Install, or print in one line what is missing; return the exit status."""
    began = time.monotonic()
    try:
        install()
    except (SetupError, layers.LayerError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    took = time.monotonic() - began
    if took > 1:
        say(f"ready after {took:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
