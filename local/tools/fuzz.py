"""Fuzzing: thousands of requests made up from docs/openapi.json, sent to the running platform: ``make fuzz``.

The callers are a merchant, a driver, staff and nobody, each with made-up ids and with ids that exist. No answer may be
a server error, a status or header that the document does not name, or a body that breaks its schema.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from local.city.api import Caller, fixed
from local.layers import ROOT
from local.running import NotRunningError, RunningStack
from local.tools.credentials import credentials

DOCUMENT = ROOT / "docs" / "openapi.json"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
SETTLED = "2026-01-01"
"""A day whose settlement is empty."""


@dataclass(frozen=True)
class Run:
    """The result of one caller's requests.

    Parameters
    ----------
    cases : int
        Number of requests sent.
    failures : tuple of str
        Title of each kind of failure, with its operations.
    """

    caller: str
    ids: str
    operations: int
    cases: int
    failures: tuple[str, ...]
    output: str


def known_ids(given: Mapping[str, str]) -> dict[str, str]:
    """Return ids that exist on the platform, by the name of their path parameter."""
    merchant = Caller(given["API"], fixed(given["KEY"]))
    merchant_id = given["KEY"].split(".")[0]
    place = {"lat": 41.01, "lon": -87.01}
    contact = {"name": "Kim Customer", "phone": "+13125550111", "address": "2 Main Street"}
    order = {"external_id": f"fuzz-{uuid4().hex[:12]}", "dropoff": {"contact": contact, "point": place}}
    delivery = merchant.post("/v1/deliveries", order, **{"Idempotency-Key": uuid4().hex})
    quote = merchant.post("/v1/quotes", {"dropoff": {"point": place}}, **{"Idempotency-Key": uuid4().hex})
    dropoffs = [{**order, "external_id": f"{order['external_id']}-{number}"} for number in range(2)]
    job = merchant.post("/v1/jobs", {"dropoffs": dropoffs}, **{"Idempotency-Key": uuid4().hex})
    endpoint = merchant.post("/v1/account/endpoints", {"url": "https://shop.example/hooks"})
    return {
        "merchant_id": merchant_id,
        "quote_id": quote["id"],
        "job_id": job["id"],
        "endpoint_id": endpoint["endpoint_id"],
        "delivery_id": delivery["id"],
        "zone_id": "hello",
        "period": SETTLED,
        "token": delivery["tracking_url"].rpartition("/")[2],
    }


def fuzz(stack: RunningStack, examples: int, seconds: int, seed: int | None = None) -> Iterator[Run]:
    """Send made-up requests, caller by caller.

    Parameters
    ----------
    examples : int
        The most requests of each kind and operation.
    seconds : int
        Time for each caller; a caller whose time is over has tried fewer.
    """
    for caller in ("KEY", "DRIVER", "STAFF", None):
        for real in (False, True):
            given = credentials(stack)  # new ones, as the caller before may have revoked or ended what it could
            ids = known_ids(given) if real else {}
            yield _run(given["API"], caller, given.get(caller or ""), ids, examples, seconds, seed)


def _run(
    api: str,
    caller: str | None,
    credential: str | None,
    ids: Mapping[str, str],
    examples: int,
    seconds: int,
    seed: int | None,
) -> Run:
    with tempfile.TemporaryDirectory() as work:
        report, config = Path(work) / "report.json", Path(work) / "schemathesis.toml"
        lines = [f"{json.dumps('path.' + name)} = {json.dumps(value)}" for name, value in ids.items()]
        config.write_text("\n".join(["[parameters]", *lines, ""]))
        command = [str(ROOT / ".venv/bin/st"), "--config-file", str(config), "--no-color", "run", str(DOCUMENT)]
        command += ["--url", api, "--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"]
        command += ["--max-examples", str(examples), "--max-time", str(seconds), "--workers", "2", "--no-shrink"]
        command += ["--continue-on-failure", "--report", "json", "--report-json-path", str(report)]
        command += ["--warnings", "off", "--suppress-health-check", "all"]
        if credential:
            command += ["--header", f"Authorization: Bearer {credential}"]
        if seed is not None:
            command += ["--seed", str(seed)]
        environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(command, capture_output=True, text=True, cwd=work, env=environment)
        if not report.exists():
            raise RuntimeError(f"schemathesis did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        told: dict[str, Any] = json.loads(report.read_text())
    found = [f"{failure['title']}: {', '.join(failure['operations'])}" for failure in told["failures"]]
    found += [f"not tried: {error}" for error in told["errors"]]
    return Run(
        caller={"KEY": "merchant", "DRIVER": "driver", "STAFF": "staff"}.get(caller or "", "nobody"),
        ids="real" if ids else "made up",
        operations=told["operations"]["tested"],
        cases=told["test_cases"]["generated"],
        failures=tuple(found),
        output=done.stdout,
    )


def main() -> int:
    """Fuzz the running platform and print the results; return 1 if anything failed."""
    parser = argparse.ArgumentParser(prog="local.tools.fuzz", description="Made-up requests to the running platform.")
    parser.add_argument("--examples", type=int, default=50, help="the most requests of each kind and operation")
    parser.add_argument("--seconds", type=int, default=120, help="for each caller")
    parser.add_argument("--seed", type=int, help="to repeat a run")
    chosen = parser.parse_args()
    console = Console()
    table = Table("caller", "ids", "operations", "requests", "broken")
    failed = False
    try:
        for run in fuzz(RunningStack.load(), chosen.examples, chosen.seconds, chosen.seed):
            console.print(f"  {run.caller}, ids {run.ids}: {run.cases} requests, {len(run.failures)} kinds of failure")
            table.add_row(run.caller, run.ids, f"{run.operations}", f"{run.cases:,}", "\n".join(run.failures) or "-")
            if run.failures:
                failed = True
                print(run.output)
    except NotRunningError as error:
        print(error, file=sys.stderr)
        return 1
    console.print(table)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
