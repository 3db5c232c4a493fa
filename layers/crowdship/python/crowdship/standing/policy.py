"""Policies of deactivation: dated versions that staff publish, and which of them a decision may rest on. Pure."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate, Value
from crowdship.standing.grounds import ConductGround

PolicyText = Annotated[str, StringConstraints(min_length=20, max_length=20_000, strip_whitespace=True)]


def _sorted(grounds: tuple[ConductGround, ...]) -> tuple[ConductGround, ...]:
    if len(set(grounds)) < len(grounds):
        raise ValueError("name each ground once")
    return tuple(sorted(grounds))


Grounds = Annotated[tuple[ConductGround, ...], Field(min_length=1), AfterValidator(_sorted)]


class ConductPolicyInput(Value):
    """A new version of the policy, with the grounds that it has."""

    text: PolicyText
    grounds: Grounds


class ConductPolicy(Aggregate):
    """A version of the policy; it never changes. Its text is public and names nobody.

    Parameters
    ----------
    version : int
        1, 2, 3 ...
    digest : str
        SHA-256 of the text and the grounds.
    """

    version: int = Field(ge=1)
    text: PolicyText
    grounds: Grounds
    published_at: Moment
    published_by: str
    digest: str

    @classmethod
    def published(cls, asked: ConductPolicyInput, version: int, by: str, at: datetime) -> Self:
        """Return a new version."""
        stated = "\n".join((*asked.grounds, asked.text))
        digest = hashlib.sha256(stated.encode()).hexdigest()
        named = {"version": version, "published_at": at, "published_by": by, "digest": digest}
        return cls(id=policy_id(version), text=asked.text, grounds=asked.grounds, **named)

    def enforceable_from(self, days: int) -> datetime:
        """Return the moment from which a decision may rest on it, where it has to be published for so many days."""
        return self.published_at + timedelta(days=days)


def policy_id(version: int) -> str:
    """Return the id of a version."""
    return f"policy-{version}"


def policy_for(policies: Iterable[ConductPolicy], ground: ConductGround, days: int, at: datetime) -> ConductPolicy:
    """Return the newest version that was enforceable at a moment.

    Raises
    ------
    Conflict
        ``no_policy`` if none was published for long enough, ``not_in_policy`` if that version lacks the ground.
    """
    known = sorted(policies, key=lambda one: one.version)
    old_enough = [one for one in known if one.enforceable_from(days) <= at]
    if not old_enough:
        when = min((one.enforceable_from(days) for one in known), default=None)
        told = f"the earliest is enforceable from {when:%Y-%m-%dT%H:%M:%SZ}" if when else "publish one"
        raise Conflict("no_policy", f"No policy was published for {days} days; {told}.", "/ground")
    policy = old_enough[-1]
    if ground not in policy.grounds:
        detail = (
            f"Version {policy.version}, which is in force, has no ground {ground}; it has {', '.join(policy.grounds)}."
        )
        raise Conflict("not_in_policy", detail, "/ground")
    return policy
