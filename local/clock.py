"""The platform's business time on this machine: one file sets it for all functions, workflows and programs."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent / ".local"
"""Folder of what setup installs, the same for all platforms of this folder."""

LOCAL = TOOLS / "platforms" / os.environ["PLATFORM"] if os.environ.get("PLATFORM") else TOOLS
"""State of the platform that ``PLATFORM=`` names, so that several run side by side; the usual one has no name."""

CLOCK_FILE = LOCAL / "clock.json"


@dataclass(frozen=True)
class Clock:
    """A business time that may run faster than wall time.

    Attributes
    ----------
    speed
        Business seconds per wall second; above 0.
    anchor_wall, anchor_business
        The same moment in wall time and in business time, as seconds since 1970.
    """

    speed: float = 1.0
    anchor_wall: float = 0.0
    anchor_business: float = 0.0

    def __post_init__(self) -> None:
        """Check that the clock runs forward."""
        if self.speed <= 0:
            raise ValueError(f"a clock's speed must be above 0, not {self.speed}")

    def sim_now(self) -> float:
        """Return the business time, as seconds since 1970."""
        return self.anchor_business + (time.time() - self.anchor_wall) * self.speed

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

    @classmethod
    def starting_now(cls, speed: float = 1.0) -> Clock:
        """Return a clock whose business time is the wall time at this moment."""
        now = round(time.time(), 3)
        return cls(speed, now, now)


class ClockFile:
    """The file that holds the clock of a running platform; it is read again whenever it was written."""

    def __init__(self, path: Path = CLOCK_FILE) -> None:
        self.path = path
        self._read_at = -1
        self._clock = Clock()

    @property
    def present(self) -> Clock:
        """The clock as it was set last; wall time if it never was."""
        try:
            written_at = self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return Clock()
        if written_at != self._read_at:
            self._clock = Clock(**json.loads(self.path.read_text()))
            self._read_at = written_at
        return self._clock

    @property
    def speed(self) -> float:
        """Business seconds per wall second."""
        return self.present.speed

    def sim_now(self) -> float:
        """Return the business time, as seconds since 1970."""
        return self.present.sim_now()

    def set(self, clock: Clock) -> None:
        """Set the clock of everything that runs."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(vars(clock)) + "\n")
        fresh.replace(self.path)

    def jump(self, ahead: timedelta) -> None:
        """Set the clock forward: everything that waits for the time between is due at once.

        Raises
        ------
        ValueError
            If the time is not ahead; business time never goes back.
        """
        if ahead <= timedelta(0):
            raise ValueError(f"a clock jumps forward only, not by {ahead}")
        self.set(self.present.no_earlier_than(self.sim_now() + ahead.total_seconds()))
