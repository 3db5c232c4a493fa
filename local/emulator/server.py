"""The emulator as a process of this machine: found, started on a free port, stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

from local.clock import CLOCK_FILE, LOCAL, TOOLS
from local.layers import ROOT
from local.running import DESCRIPTION

PID_FILE = LOCAL / "emulator.json"
LOG_FILE = LOCAL / "emulator.log"
USUAL_PORT = 4566
LONGEST_START = 60.0
"""Seconds until a started emulator has to answer."""

GRACE = 5.0
"""Seconds that a process has to end by itself."""


class StackError(Exception):
    """The platform cannot be brought up; the message says what to do."""


def is_healthy(port: int, timeout: float = 2.0) -> bool:
    """Return whether the emulator answers on a port."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health", timeout=timeout) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def is_alive(pid: int) -> bool:
    """Return whether a process lives."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def running_emulator() -> dict[str, Any] | None:
    """Return pid, port and start of our emulator, or None if it does not run."""
    try:
        told: dict[str, Any] = json.loads(PID_FILE.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return told if is_alive(told["pid"]) and is_healthy(told["port"], timeout=10) else None


def is_free(port: int) -> bool:
    """Return whether nobody listens on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def any_free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def choose_port() -> int:
    """Return the port of ``PORT=``; without it the usual port, or a free one if that is taken."""
    asked = os.environ.get("PORT")
    if not asked:
        return USUAL_PORT if is_free(USUAL_PORT) else any_free_port()
    if not asked.isdigit() or not 0 < int(asked) < 65536:
        raise StackError(f"PORT={asked} is not a port: give a number from 1 to 65535, or none for a free one")
    if not is_free(int(asked)):
        raise StackError(f"port {asked} is taken: give another with PORT=, or none for a free one")
    return int(asked)


def spawn_emulator(port: int, state: Path, log: Path) -> subprocess.Popen[bytes]:
    """Start the emulator in a session of its own and wait until it answers."""
    python = TOOLS / "emulator" / "bin" / "python"
    if not python.exists():
        raise StackError("the emulator is not installed: run `make setup` first")
    state.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(python), "-m", "local.emulator", str(port), str(state)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + LONGEST_START
    while not is_healthy(port):
        if process.poll() is not None or time.monotonic() > deadline:
            stop_group(process.pid)
            said = log.read_text().strip().splitlines()
            raise StackError(f"the emulator did not start ({said[-1] if said else 'it said nothing'}): see {log}")
        time.sleep(0.05)
    return process


def stop_group(pid: int) -> None:
    """End a process group with SIGTERM, and with SIGKILL if it lives on."""
    for number, patience in ((signal.SIGTERM, GRACE), (signal.SIGKILL, 1.0)):
        with suppress(ProcessLookupError):
            os.killpg(pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            try:
                os.killpg(pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.05)


def ensure_emulator() -> dict[str, Any]:
    """Return the running emulator; start it if needed."""
    running = running_emulator()
    asked = os.environ.get("PORT")
    if running:
        if asked and asked != str(running["port"]):
            raise StackError(f"it already runs on port {running['port']}: `make down` first, or leave out PORT=")
        return running
    forget()
    port = choose_port()
    process = spawn_emulator(port, LOCAL / "state", LOG_FILE)
    running = {"pid": process.pid, "port": port, "started": time.time()}
    PID_FILE.write_text(json.dumps(running))
    return running


def forget() -> None:
    """Remove the files that describe a platform that no longer runs."""
    for path in (PID_FILE, DESCRIPTION, CLOCK_FILE):
        path.unlink(missing_ok=True)
