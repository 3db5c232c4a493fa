"""Access to the platform that runs on this machine, for tests, scenarios and tools."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOCAL = Path(__file__).resolve().parent.parent / ".local"
DESCRIPTION = LOCAL / "stack.json"


class NotRunningError(Exception):
    """No platform is running; the message says how to start it."""


@dataclass(frozen=True)
class Clock:
    """The platform's business time, which may run faster than wall time.

    Attributes
    ----------
    speed
        Business seconds per wall second; above 0.
    anchor_wall, anchor_sim
        The same moment in wall time and in business time, as seconds since 1970.
    """

    speed: float = 1.0
    anchor_wall: float = 0.0
    anchor_sim: float = 0.0

    def __post_init__(self) -> None:
        """Check that the clock runs forward."""
        if self.speed <= 0:
            raise ValueError(f"a clock's speed must be above 0, not {self.speed}")

    def sim_now(self) -> float:
        """Return the business time, as seconds since 1970."""
        return self.anchor_sim + (time.time() - self.anchor_wall) * self.speed

    def at_speed(self, speed: float) -> Clock:
        """Return a clock that goes on from now at another speed; the same clock if the speed does not change."""
        if speed == self.speed:
            return self
        return Clock(speed, round(time.time(), 3), round(self.sim_now(), 3))

    def no_earlier_than(self, sim: float | None) -> Clock:
        """Return a clock that goes on from a future moment; the same clock if the moment is None or past."""
        if sim is None or sim <= self.sim_now():
            return self
        return Clock(self.speed, round(time.time(), 3), round(sim, 3))

    def parameters(self) -> dict[str, str]:
        """Return the clock as parameters of the local stage's template."""
        return {
            "ClockSpeed": f"{self.speed:g}",
            "ClockAnchorWall": f"{self.anchor_wall:.3f}",
            "ClockAnchorSim": f"{self.anchor_sim:.3f}",
        }

    @classmethod
    def starting_now(cls, speed: float = 1.0) -> Clock:
        """Return a clock whose business time is the wall time at this moment."""
        now = round(time.time(), 3)
        return cls(speed, now, now)


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
        The business time.

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
    clock: Clock = field(default_factory=Clock)

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
            clock=Clock(**told["clock"]),
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
