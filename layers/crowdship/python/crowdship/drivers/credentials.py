"""Credentials: facts about a driver that some goods demand, such as an age, a certificate or a passed training."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from crowdship.kernel.clock import Day
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Value

CredentialName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
"""The name of a credential, for example ``alcohol_certificate``."""


class Credential(Value):
    """A fact about a driver that was checked, and the last day on which it counts.

    Parameters
    ----------
    name : str
        Which fact: ``age_21``, ``alcohol_certificate``, ``pharmacy_training``.
    valid_until : date or None
        The last day; None if it does not run out.
    """

    name: CredentialName
    valid_until: Day | None = None

    def counts(self, on: date) -> bool:
        """Return whether it counts on a day."""
        return self.valid_until is None or self.valid_until >= on


def _once(credentials: tuple[Credential, ...]) -> tuple[Credential, ...]:
    by_name = {one.name: one for one in credentials}
    if len(by_name) < len(credentials):
        raise ValueError("name each credential once")
    return tuple(by_name[name] for name in sorted(by_name))


MOST = 60
"""The most credentials of a driver."""

Credentials = Annotated[tuple[Credential, ...], Field(max_length=MOST), AfterValidator(_once)]
"""A driver's credentials, each name once, in the order of their names."""


def with_credential(credentials: Iterable[Credential], granted: Credential) -> tuple[Credential, ...]:
    """Return credentials with one more, which takes the place of another of its name.

    Raises
    ------
    Conflict
        ``too_many_credentials``, if there is no room for it.

    Examples
    --------
    >>> with_credential((Credential(name="age_21"),), Credential(name="age_21", valid_until=date(2027, 1, 1)))
    (Credential(name='age_21', valid_until=datetime.date(2027, 1, 1)),)
    """
    kept = [one for one in credentials if one.name != granted.name]
    if len(kept) >= MOST:
        detail = f"The driver has {len(kept)} credentials, and that is the most; take one away that nothing demands."
        raise Conflict("too_many_credentials", detail)
    return tuple(sorted([*kept, granted], key=lambda one: one.name))


def without_credential(credentials: Iterable[Credential], name: str) -> tuple[Credential, ...]:
    """Return credentials without the one of a name."""
    return tuple(one for one in credentials if one.name != name)
