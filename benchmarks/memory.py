"""Memory of the local platform: at the start, under load, and after two idle minutes.

What counts is PSS, in which memory that processes share, as workers share the packages they were forked with, is
counted once. Linux only.

    python -m benchmarks.memory [--orders N]
"""

import argparse
import re
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from benchmarks.api import Case, Client, asking, run
from benchmarks.calls import Life
from benchmarks.support.report import Finding, conclude, console, show
from benchmarks.support.stage import drain, stage
from local.emulator.server import running_emulator
from local.scenarios.scene import Scene

ORDERS = 8
REST_S = 130.0
"""Workers that have nothing to do for a minute end, at the next look around."""

KINDS = ("emulator", "nurseries", "zygotes", "workers")


@dataclass(frozen=True)
class Process:
    """One process: who it is, and its share of the memory in bytes."""

    pid: int
    parent: int
    session: int
    command: str
    pss: int


def processes(session: int) -> list[Process]:
    """Return the processes of a session."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The second field is the name in brackets, and may hold anything.
            parent, _, of_session = (folder / "stat").read_text().rpartition(")")[2].split()[1:4]
            if int(of_session) != session:
                continue
            command = (folder / "cmdline").read_text().replace("\0", " ")
            pss = pss_of((folder / "smaps_rollup").read_text())
        except (OSError, ValueError):
            continue  # it ended meanwhile
        found.append(Process(int(folder.name), int(parent), int(of_session), command, pss))
    return found


def pss_of(rollup: str) -> int:
    """Return the bytes of PSS in what the kernel tells of a process.

    Raises
    ------
    ValueError
        If it tells none.
    """
    told = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    if told is None:
        raise ValueError("there is no line 'Pss:'")
    return int(told.group(1)) * 1024


def by_kind(found: list[Process], emulator: int) -> dict[str, tuple[int, int]]:
    """Return count and bytes of the emulator, its nurseries, the functions' zygotes these bore, and their workers."""
    totals: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    nurseries = {process.pid for process in found if process.parent == emulator}
    for process in found:
        if "emulator/worker" in process.command:
            elders = {emulator: "nurseries", **dict.fromkeys(nurseries, "zygotes")}
            kind = elders.get(process.parent, "workers")
        else:
            kind = "emulator"
        count, size = totals[kind]
        totals[kind] = (count + 1, size + process.pss)
    return dict(totals)


def work(scene: Scene, life: Life, orders: int) -> None:
    """Let some orders be delivered, and many ask at once."""
    for _ in range(orders):
        life.end(life.begin())
    key = scene.town.register.merchants["shop"].api_key
    delivery = scene.order()
    case = Case("read", asking("GET", f"/v1/deliveries/{delivery['id']}", {"Authorization": f"Bearer {key}"}))
    run(case, [Client(scene.stack.api_url) for _ in range(8)], 160)
    scene.staff.post(f"/v1/staff/deliveries/{delivery['id']}/cancel", {"reason": "other"})
    drain(scene.stack)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.memory", description=str(__doc__).splitlines()[0])
    parser.add_argument("--orders", type=int, default=ORDERS)
    orders = parser.parse_args().orders
    running = running_emulator()
    if running is None:
        raise SystemExit("the platform is not running: start it with `make up`")
    pid = running["pid"]
    states = {"as found": by_kind(processes(pid), pid)}
    with stage("memory") as scene:
        work(scene, Life(scene), orders)
        states[f"after {orders} orders and 8 clients at once"] = by_kind(processes(pid), pid)
    time.sleep(REST_S)
    states["two idle minutes later"] = by_kind(processes(pid), pid)

    rows = []
    totals = {}
    for state, kinds in states.items():
        cells = [f"{kinds.get(kind, (0, 0))[1] / 2**20:.0f} ({kinds.get(kind, (0, 0))[0]})" for kind in KINDS]
        totals[state] = sum(size for _, size in kinds.values()) / 2**20
        rows.append((state, *cells, f"{totals[state]:.0f}"))
    columns = ("state", *(f"{kind}, MB (count)" for kind in KINDS), "all, MB")
    show("memory of the local platform, PSS", columns, rows)
    findings = [Finding(f"memory of the local platform, {state}", f"{size:.0f} MB") for state, size in totals.items()]
    conclude("memory", findings, {"states": states})
    console.print()


if __name__ == "__main__":
    main()
