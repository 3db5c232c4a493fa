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


READINGS = "READ#"
"""Beginning of the names of lists of readings."""


class AuditEntry(Value):
    """A call of staff that asked for a change, or that showed personal data.

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
        The body without personal data and texts that people write; fields that are left out are not kept. Of a reading
        it is the number of records of a list, and the purpose if the caller named one.
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

    @property
    def is_reading(self) -> bool:
        """True if the call changed nothing and showed personal data."""
        return self.action.startswith("GET ")

    @property
    def lists(self) -> tuple[str, ...]:
        """The names of the lists that lead to the entry."""
        lists = user_list(self.by, self.day), *map(subject_list, self.subjects)
        return tuple(reading_list(name) if self.is_reading else name for name in lists)

    @property
    def home(self) -> str:
        """The list that has the entry itself."""
        return reading_list(day_list(self.day)) if self.is_reading else day_list(self.day)


class AuditPage(Value):
    """Entries of the audit trail, the newest first, and where to go on."""

    entries: tuple[AuditEntry, ...]
    next_after: str | None


class AuditFilters(Value):
    """The entries that a caller wants listed."""

    subject: str | None = None
    by: str | None = None
    day: Day | None = None
    readings: bool = False

    @property
    def list_name(self) -> str:
        """The list that has these entries: changes, or readings of personal data.

        There are many more readings than changes, and who looks for one is not helped by the other.

        Raises
        ------
        Unprocessable
            If no list has them; the message says which filters are right.
        """
        match self.subject, self.by, self.day:
            case str(), None, None:
                return self._of_kind(subject_list(self.subject or ""))
            case None, str(), day if day:
                return self._of_kind(user_list(self.by or "", str(day)))
            case None, None, day if day:
                return self._of_kind(day_list(str(day)))
        detail = "Give subject alone, or day alone, or by together with day."
        raise Unprocessable("no_such_list", detail, "/query/day" if self.by and not self.day else "/query/subject")

    def _of_kind(self, name: str) -> str:
        return reading_list(name) if self.readings else name


def written_key(at: datetime) -> str:
    """Return a moment as positions have it."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"


def subject_list(subject: str) -> str:
    """Return the name of the list of one thing's entries."""
    return f"SUBJECT#{subject}"


def user_list(user: str, day: str) -> str:
    """Return the name of the list of one person's entries of a day."""
    return f"BY#{user}#{day}"


def reading_list(name: str) -> str:
    """Return the name of the list of readings beside a list of changes."""
    return f"{READINGS}{name}"


def day_list(day: str) -> str:
    """Return the name of the list of a day's entries."""
    return f"DAY#{day}"
