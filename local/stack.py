"""Bring the whole platform up on this machine, and down again.

Usage::

    python -m local.stack up [--clock-speed N]
    python -m local.stack status | down
    python -m local.stack logs [PART OF A FUNCTION'S NAME]

``up`` needs the project's environment; ``status`` and ``down`` work with any Python from 3.9.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from local import layers
from local.clock import CLOCK_FILE, LOCAL, TOOLS, Clock, ClockFile
from local.emulator.server import (
    LOG_FILE,
    PID_FILE,
    StackError,
    ensure_emulator,
    forget,
    is_alive,
    running_emulator,
    stop_group,
)
from local.running import DESCRIPTION, NotRunningError, RunningStack, emulator_client

ROOT = layers.ROOT
ASSEMBLY = ROOT / "build" / "cdk.out-local"
ASSEMBLY_MARK = ROOT / "build" / "cdk.out-local.mark"
REGION, ACCOUNT = "us-east-1", "000000000000"
# The sources of the deployed stack.
SOURCES = ("app.py", "cdk.json", "infra", "functions", "layers", "events", "web/edge", "requirements/dev.txt")
COLOURS = itertools.cycle(range(31, 37))
UNTOLD = ("START RequestId", "END RequestId", "REPORT RequestId")


@contextmanager
def alone() -> Iterator[None]:
    """Hold the lock that lets only one process at a time bring a platform of this folder up or down."""
    LOCAL.mkdir(parents=True, exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# -- the emulator ------------------------------------------------------------------------------------------


# -- what is deployed --------------------------------------------------------------------------------------


def fingerprint() -> str:
    """Return a hash of all sources of the deployed stack."""
    digest = hashlib.sha256()
    for source in SOURCES:
        path = ROOT / source
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    for layer in layers.LAYERS:
        digest.update(layers.fingerprint("native", layer).encode())
    return digest.hexdigest()


def synthesise(mark: str) -> None:
    """Run the CDK app, unless its output for the same sources is there."""
    if ASSEMBLY.is_dir() and ASSEMBLY_MARK.is_file() and ASSEMBLY_MARK.read_text() == mark:
        return
    print("  synthesising the stack (up to a minute, only after changes) ...", flush=True)
    context = json.loads((ROOT / "cdk.json").read_text()).get("context", {})
    environment = {
        **os.environ,
        "CDK_CONTEXT_JSON": json.dumps({**context, "stage": "local"}),
        "CDK_DEFAULT_ACCOUNT": ACCOUNT,
        "CDK_DEFAULT_REGION": REGION,
        "CDK_OUTDIR": str(ASSEMBLY),
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    }
    shutil.rmtree(ASSEMBLY, ignore_errors=True)
    command = [str(ROOT / ".venv/bin/python"), "app.py"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(ASSEMBLY, ignore_errors=True)
        raise StackError(f"the CDK app failed:\n{done.stdout}{done.stderr}".rstrip())
    ASSEMBLY_MARK.write_text(mark)


def set_clock(speed: float | None, no_earlier_than: float | None = None) -> None:
    """Let the running clock go on at the speed asked for; a new platform's clock starts with wall time."""
    file = ClockFile()
    clock = file.present if file.path.exists() else Clock.starting_now(speed or 1.0)
    file.set(clock.at_speed(speed or clock.speed).no_earlier_than(no_earlier_than))


def description(port: int, outputs: dict[str, str], mark: str, pages_mark: str) -> dict[str, Any]:
    """Return the content of ``stack.json``."""
    endpoint = f"http://127.0.0.1:{port}"
    if "ApiId" not in outputs:
        raise StackError(f"the stack has no output ApiId, only {', '.join(sorted(outputs)) or 'none'}")
    return {
        "endpoint_url": endpoint,
        "api_url": f"{endpoint}/_aws/execute-api/{outputs['ApiId']}/$default",
        "region": REGION,
        "account": ACCOUNT,
        "outputs": outputs,
        "deployed": mark,
        "pages": pages_mark,
    }


def take_maps_along(endpoint: str, bucket: str) -> None:
    """Upload the street maps under ``build/maps`` to their bucket."""
    made = sorted(folder.parent.name for folder in (ROOT / "build" / "maps").glob("*/current.json"))
    if made:
        from local.tools import maps

        print(f"  street maps: {', '.join(made)}", flush=True)
        for name in made:
            maps.upload(emulator_client("s3", endpoint, REGION), bucket, name)


def up(speed: float | None = None, no_earlier_than: float | None = None) -> RunningStack:
    """Bring the platform up, or update a running one to the present sources.

    Parameters
    ----------
    speed
        Business seconds per wall second. None keeps the present speed; a new platform then has 1.
    no_earlier_than
        A moment of business time, as seconds since 1970; an earlier clock is set forward to it.

    Raises
    ------
    StackError
        If it fails; the message says what to do.
    """
    try:
        from local import pages
        from local.deploy import DeployError, deploy
    except ImportError:
        raise StackError("this is not the project's Python: use `make up`") from None

    with alone():
        running = ensure_emulator()
        set_clock(speed, no_earlier_than)
        mark = fingerprint()
        told = json.loads(DESCRIPTION.read_text()) if DESCRIPTION.exists() else {}
        try:
            pages.lay_ground()
            pages_mark = pages.fingerprint()
            pages.build(pages_mark)
        except pages.PagesError as error:
            raise StackError(str(error)) from None
        if (told.get("deployed"), told.get("pages")) == (mark, pages_mark):
            return RunningStack.load()
        synthesise(mark)
        endpoint = f"http://127.0.0.1:{running['port']}"
        try:
            outputs = deploy(
                lambda service: emulator_client(service, endpoint, REGION),
                ASSEMBLY,
                {"ClockFile": str(CLOCK_FILE), "Endpoint": endpoint},
                account=ACCOUNT,
                region=REGION,
                report=lambda text: print(f"  {text}", flush=True),
            )
        except DeployError as error:
            raise StackError(str(error)) from None
        take_maps_along(endpoint, outputs["MapsBucket"])
        if told.get("pages") != pages_mark:
            count = pages.upload(emulator_client("s3", endpoint, REGION), outputs["PagesBucket"])
            print(f"  uploaded {count} files of the pages", flush=True)
        told = description(running["port"], outputs, mark, pages_mark)
        DESCRIPTION.write_text(json.dumps(told, indent=2) + "\n")
        return RunningStack.load()


def down() -> bool:
    """Stop the platform and everything it started; return whether one was running."""
    with alone():
        try:
            pid = json.loads(PID_FILE.read_text())["pid"]
        except (FileNotFoundError, ValueError):
            return False
        was_alive = is_alive(pid)
        stop_group(pid)
        forget()
        return was_alive


# -- what a person sees ------------------------------------------------------------------------------------


def show(stack: RunningStack) -> None:
    """Print the addresses of the platform."""
    print(f"\n  API       {stack.api_url}")
    for name, address in sorted(stack.outputs.items()):
        if address.startswith(stack.api_url + "/"):
            print(f"  {name:9} {address}")
    print(f"  pages     {stack.pages_url}   a customer's is /t/<token>: `tracking_url` of a delivery")
    print(f"  AWS       {stack.endpoint_url}   e.g. aws --endpoint-url {stack.endpoint_url} s3 ls")
    if stack.clock.speed != 1:
        print(f"  clock     {stack.clock.speed:g} times as fast as wall time")
    print("  logs      make logs [FUNCTION=...]      stop: make down\n")


def status() -> int:
    """Print the state of the platform; return 1 if it does not run."""
    running = running_emulator()
    if not running:
        print("  not running: start it with `make up`")
        return 1
    minutes = (time.time() - running["started"]) / 60
    print(f"  running for {minutes:.0f} min, process {running['pid']}, log {LOG_FILE.relative_to(ROOT)}")
    with suppress(NotRunningError):
        show(RunningStack.load())
    return 0


def log_groups(stack: RunningStack, part: str) -> dict[str, str]:
    """Return the log groups of all functions whose name contains ``part``, each with a coloured name to print."""
    pages = stack.client("lambda").get_paginator("list_functions").paginate()
    groups = {}
    for function in itertools.chain.from_iterable(page["Functions"] for page in pages):
        name = function["FunctionName"]
        group = function.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{name}"
        if part.lower() in name.lower() or part.lower() in group.lower():
            groups[group] = f"\033[{next(COLOURS)}m{name}\033[0m"
    return groups


def follow_logs(part: str) -> None:
    """Print the logs of functions until interrupted."""
    stack = RunningStack.load()
    logs = stack.client("logs")
    groups = log_groups(stack, part)
    if not groups:
        raise StackError(f"no function has {part!r} in its name")
    since = {group: int(time.time() * 1000) - 60_000 for group in groups}
    while True:
        for group, name in groups.items():
            with suppress(logs.exceptions.ResourceNotFoundException):
                events = logs.filter_log_events(logGroupName=group, startTime=since[group])["events"]
                for event in events:
                    if not event["message"].startswith(UNTOLD):
                        print(f"{name} {event['message'].rstrip()}", flush=True)
                    since[group] = event["timestamp"] + 1
        time.sleep(1)


def main() -> int:
    """Run the command of the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="local.stack", description="The whole platform on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    upper = commands.add_parser("up", help="start it, or update it to the present sources")
    upper.add_argument("--clock-speed", type=float, help="business seconds per wall second")
    commands.add_parser("down", help="stop it")
    commands.add_parser("status", help="print whether it runs")
    commands.add_parser("logs", help="follow the functions' logs").add_argument("part", nargs="?", default="")
    chosen = parser.parse_args()
    try:
        if chosen.command == "up":
            show(up(chosen.clock_speed))
        elif chosen.command == "down":
            print("  stopped" if down() else "  was not running")
        elif chosen.command == "status":
            return status()
        else:
            follow_logs(chosen.part)
    except (StackError, NotRunningError, layers.LayerError, ValueError) as error:
        print(f"stack: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, BrokenPipeError):  # the reader of the output has ended
        # The output may be closed, so what is still in the buffer is discarded.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
