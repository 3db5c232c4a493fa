"""Views of the audit of contractors' classification, for staff."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.law.model import Rule, Status
from crowdship.zones.classification import Guard

LISTED = 20
"""The most drivers listed whose record breaks a guard."""


class EvidenceScope(StrEnum):
    """Kinds of evidence: a setting of the zone, the records of drivers, or what the code itself has."""

    SETTING = "setting"
    RECORDS = "records"
    CODE = "code"


class GuardEvidence(Value):
    """A setting, or records, that bear on a guard.

    Parameters
    ----------
    found : str
        What was found.
    checked : int or None
        Records that were looked at.
    driver_ids : tuple of str
        Drivers whose record breaks the guard, 20 at most.
    """

    scope: EvidenceScope
    about: str
    found: str
    holds: bool
    checked: int | None = None
    driver_ids: tuple[str, ...] = ()

    @classmethod
    def setting(cls, about: str, value: object, *, holds: bool) -> Self:
        """Return the evidence of a setting of the zone."""
        return cls(scope=EvidenceScope.SETTING, about=about, found=str(value).lower(), holds=holds)

    @classmethod
    def records(cls, about: str, checked: int, breaking: Sequence[str]) -> Self:
        """Return the evidence of drivers' records, of which none may break the guard."""
        ids = tuple(sorted(breaking)[:LISTED])
        found = str(len(breaking))
        scope, holds = EvidenceScope.RECORDS, not breaking
        return cls(scope=scope, about=about, found=found, holds=holds, checked=checked, driver_ids=ids)


class GuardLaw(Value):
    """A row of the law's table that asks for a guard."""

    jurisdiction: str
    since: Day
    status: Status
    source: str

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """Return the view of a row."""
        return cls(jurisdiction=rule.jurisdiction, since=rule.start, status=rule.status, source=rule.source)


class GuardView(Value):
    """A guard: the law that asks for it, the evidence, and whether it holds.

    Where ``law`` is empty, no law that is known asks for it, and the platform keeps it all the same.
    """

    guard: Guard
    says: str
    holds: bool
    law: tuple[GuardLaw, ...]
    evidence: tuple[GuardEvidence, ...]


class ClassificationAudit(Value):
    """The demands on contractors of a zone, guard by guard; the audit holds if every guard does.

    Parameters
    ----------
    complete : bool
        False if the zone has more drivers than could be read; then nothing is proved.
    """

    zone_id: str
    as_of: Moment
    crowd_drivers: int
    dedicated_drivers: int
    complete: bool
    holds: bool
    guards: tuple[GuardView, ...]
