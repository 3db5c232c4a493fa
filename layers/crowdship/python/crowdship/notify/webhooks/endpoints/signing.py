"""Secrets that sign an endpoint's webhooks, and their rotation."""

from datetime import datetime, timedelta
from typing import Self

from pydantic import Field

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Value

MOST_SECRETS = 5
"""Secrets that sign at the same time; each adds a signature to the header."""


class SigningSecret(Value):
    """A secret that signs an endpoint's webhooks until a moment, or for good if that is None."""

    secret: str
    until: Moment | None = None


class Signing(Value):
    """The secrets of one endpoint, newest first, as Secrets Manager holds them."""

    version: int = 0
    signing: tuple[SigningSecret, ...] = ()

    def in_force(self, now: datetime) -> list[str]:
        """Return the secrets that sign now, newest first: two during the overlap of a rotation."""
        return [held.secret for held in self._held(now)]

    def _held(self, now: datetime) -> list[SigningSecret]:
        return [held for held in self.signing if held.until is None or now < held.until]

    def rotated(self, secret: str, now: datetime, overlap: timedelta) -> Self:
        """Return the secrets with a new one in front. Each of the others signs until the overlap ends, or its own end.

        Raises
        ------
        Conflict
            If too many secrets sign already.
        """
        ends = now + overlap
        before = [
            held.model_copy(update={"until": min(held.until or ends, ends)}) for held in self._held(now) if now < ends
        ]
        if len(before) >= MOST_SECRETS:
            detail = f"{len(before)} secrets sign already; wait until one has run out, or rotate with overlap_hours 0."
            raise Conflict("too_many_secrets", detail)
        return self.model_copy(update={"version": self.version + 1, "signing": (SigningSecret(secret=secret), *before)})


class RotationInput(Value):
    """The overlap in hours during which the old secret signs as well; 0 if strangers know it."""

    overlap_hours: int = Field(default=24, ge=0, le=168)
