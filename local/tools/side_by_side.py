"""Run the tests of the deployed platform and those of the pages side by side, each on a platform of its own.

The former mostly wait and the latter mostly compute, so together they take little longer than one of them.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from threading import Thread

PYTHON = sys.executable
SUITES: Mapping[str, tuple[str, ...]] = {
    "deployed": (PYTHON, "-u", "-m", "pytest", "tests/deployed"),
    "pages": (PYTHON, "-u", "-m", "local.e2e"),
}
"""The command of each suite by the name of its platform."""


def run(name: str, command: tuple[str, ...], failed: list[str]) -> None:
    """Run a suite on the platform of its name, print its lines with the name before them, and take the platform down.

    Parameters
    ----------
    failed : list of str
        Gets the name if the suite fails.
    """
    environment = {**os.environ, "PLATFORM": name}
    suite = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    for line in suite.stdout or ():
        print(f"{name:8} | {line.rstrip()}", flush=True)
    if suite.wait():
        failed.append(name)
    subprocess.run((PYTHON, "-m", "local.stack", "down"), env=environment, stdout=subprocess.DEVNULL)


def main() -> int:
    """Run all suites; return 1 if one of them failed."""
    failed: list[str] = []
    threads = [Thread(target=run, args=(name, command, failed)) for name, command in SUITES.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        print(f"failed: {', '.join(sorted(failed))}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
