"""What makes a delivery a test: which outcome its sandbox plays, and how far it is."""

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
    """What a merchant's test asks of the sandbox; only test keys may.

    Parameters
    ----------
    outcome : SandboxOutcome
        How the delivery is to end.
    step_seconds : int
        How long each step of it takes.
    """

    outcome: SandboxOutcome = SandboxOutcome.HAPPY
    step_seconds: int = Field(default=2, ge=0, le=300)


class Sandbox(SandboxInput):
    """A test delivery's script and how many steps of it were played."""

    steps_done: int = 0

    def one_further(self) -> Self:
        """Return it after one more step."""
        return self.model_copy(update={"steps_done": self.steps_done + 1})
