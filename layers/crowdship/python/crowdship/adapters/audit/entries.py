"""Entries of the audit trail, and the lists in which they are found."""

import re
from datetime import datetime
from typing import Any

from pydantic import Field

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.events import Value

POSITION = re.compile(r"[0-9T:.Z-]{20,32}#aud_[0-9a-z]{1,40}", re.ASCII)
"""The form of a position in a list: the moment and the entry."""


class AuditEntry(Value):
    """A call of staff that asked for a change.

    Parameters
    ----------
    by : str
        Sign-in name of the caller.
    action : str
        The route, for example ``POST /v1/staff/deliveries/{delivery_id}/assign``.
    subjects : tuple of str
        Ids in the path, in the body, and of what the call created.
    outcome : int or None
        HTTP status of the answer. Null if the call never ended: it may or may not have changed something.
    request : dict
        The body without personal data and texts that people write; fields that are left out are not kept.
    """

    entry_id: str
    at: Moment
    by: str
    action: str
    subjects: tuple[str, ...]
    outcome: int | None = None
    request: dict[str, Any] = Field(default_factory=dict)

    @property
    def position(self) -> str:
        """The place of the entry in every list."""
        return f"{written_key(self.at)}#{self.entry_id}"

    @property
    def day(self) -> str:
        """The UTC day of the entry."""
        return self.position[:10]


class AuditPage(Value):
    """Entries of the audit trail, the newest first, and where to go on."""

    entries: tuple[AuditEntry, ...]
    next_after: str | None


class AuditFilters(Value):
    """The entries that a caller wants listed."""

    subject: str | None = None
    by: str | None = None
    day: Day | None = None

    @property
    def list_name(self) -> str:
        """The list that has these entries.

        Raises
        ------
        Unprocessable
            If no list has them; the message says which filters are right.
        """
        match self.subject, self.by, self.day:
            case str(), None, None:
                return subject_list(self.subject or "")
            case None, str(), day if day:
                return user_list(self.by or "", str(day))
            case None, None, day if day:
                return day_list(str(day))
        detail = "Give subject alone, or day alone, or by together with day."
        raise Unprocessable("no_such_list", detail, "/query/day" if self.by and not self.day else "/query/subject")


def written_key(at: datetime) -> str:
    """Return a moment as positions have it."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"


def subject_list(subject: str) -> str:
    """Return the name of the list of one thing's entries."""
    return f"SUBJECT#{subject}"


def user_list(user: str, day: str) -> str:
    """Return the name of the list of one person's entries of a day."""
    return f"BY#{user}#{day}"


def day_list(day: str) -> str:
    """Return the name of the list of a day's entries."""
    return f"DAY#{day}"
