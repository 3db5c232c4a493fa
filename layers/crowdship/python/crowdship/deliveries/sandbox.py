"""The test settings of a delivery: the outcome that its sandbox plays, and its progress."""

from enum import StrEnum
from typing import Self

from pydantic import Field

from crowdship.kernel.events import Value


class SandboxOutcome(StrEnum):
    """How a test delivery ends."""

    HAPPY = "happy"
    NO_DRIVER = "no_driver"
    DRIVER_CANCELS = "driver_cancels"
    AGE_CHECK_FAILS = "age_check_fails"
    DAMAGED = "damaged"
    LOST = "lost"
    RETURN = "return"
    CUSTOMER_AWAY = "customer_away"


class SandboxInput(Value):
    """Settings of a test delivery, which only test keys may send.

    Parameters
    ----------
    outcome : SandboxOutcome
        The end that the sandbox plays.
    step_seconds : int
        Seconds that each step takes.
    """

    outcome: SandboxOutcome = SandboxOutcome.HAPPY
    step_seconds: int = Field(default=2, ge=0, le=300)


class Sandbox(SandboxInput):
    """A test delivery's script and how many steps of it were played."""

    steps_done: int = 0

    def one_further(self) -> Self:
        """Return it after one more step."""
        return self.model_copy(update={"steps_done": self.steps_done + 1})
