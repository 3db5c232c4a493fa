"""Access to the platform that runs on this machine, for tests, scenarios and tools."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.clock import CLOCK_FILE, LOCAL, ClockFile

DESCRIPTION = LOCAL / "stack.json"


class NotRunningError(Exception):
    """No platform is running; the message says how to start it."""


@dataclass(frozen=True)
class RunningStack:
    """The description of the running stack.

    Attributes
    ----------
    api_url
        Address of the HTTP API, without a slash at the end.
    endpoint_url
        Address of all AWS services of the emulator.
    region, account
        AWS region and account of the stack in the emulator.
    outputs
        The outputs of the CloudFormation stack.
    clock
        The business time, which may run fast and be set forward.

    Examples
    --------
    >>> stack = RunningStack.load()
    >>> stack.client("dynamodb").list_tables()["TableNames"]
    """

    api_url: str
    endpoint_url: str
    region: str
    account: str
    outputs: dict[str, str]
    clock: ClockFile

    @classmethod
    def load(cls, path: Path = DESCRIPTION) -> RunningStack:
        """Read the description that ``make up`` wrote.

        Raises
        ------
        NotRunningError
            If there is no description.
        """
        try:
            told = json.loads(path.read_text())
        except FileNotFoundError:
            raise NotRunningError("the platform is not running: start it with `make up`") from None
        return cls(
            api_url=told["api_url"],
            endpoint_url=told["endpoint_url"],
            region=told["region"],
            account=told["account"],
            outputs=told["outputs"],
            clock=ClockFile(path.parent / CLOCK_FILE.name),
        )

    @property
    def pages_url(self) -> str:
        """Address of the pages for a browser; other programs don't know hosts below ``localhost``."""
        return self.outputs["PagesUrl"]

    def behind_link(self, tracking_url: str) -> str:
        """Return the address of the API that the page behind a customer's link asks."""
        return f"{self.api_url}/v1/track/{tracking_url.rpartition('/')[2]}"

    def sim_now(self) -> float:
        """Return the business time, as seconds since 1970."""
        return self.clock.sim_now()

    def wall_seconds(self, sim_seconds: float) -> float:
        """Return the wall seconds in which some business seconds pass."""
        return sim_seconds / self.clock.speed

    def sleep_sim(self, seconds: float) -> None:
        """Wait some business seconds."""
        time.sleep(self.wall_seconds(seconds))

    def client(self, service: str) -> Any:
        """Return a boto3 client of a service of the emulator."""
        return emulator_client(service, self.endpoint_url, self.region)


def emulator_client(service: str, endpoint_url: str, region: str = "us-east-1") -> Any:
    """Return a boto3 client of an emulator; credentials of this machine are not used."""
    import boto3
    from botocore.config import Config

    # There are few retries: the emulator is on this machine, and a retried create would hide the first answer.
    config = Config(retries={"max_attempts": 1}, inject_host_prefix=False, max_pool_connections=50)
    return boto3.client(
        service,
        endpoint_url=endpoint_url,
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=config,
    )
