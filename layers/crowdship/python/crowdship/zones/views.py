"""Views of zones, as the API answers them to staff."""

from datetime import datetime
from typing import Self

from pydantic import Field

from crowdship.kernel.clock import Day
from crowdship.kernel.events import Value
from crowdship.law.book import LAW, When
from crowdship.law.model import EVERYWHERE, Rule, RulePlace, Status
from crowdship.zones.law import jurisdictions_in
from crowdship.zones.model import Zone, ZoneSettings
from crowdship.zones.pauses import Pause


class ZoneView(Value):
    """A zone, how many H3 cells of resolution 8 it covers, and the pause that stands now."""

    id: str
    settings: ZoneSettings
    cells: int
    pause: Pause | None

    @classmethod
    def of(cls, zone: Zone, now: datetime) -> Self:
        """Return the view of a zone."""
        return cls(id=zone.id, settings=zone.settings, cells=len(zone.cells), pause=zone.pause_at(now))


class ZoneList(Value):
    """All zones."""

    zones: tuple[ZoneView, ...]


class JurisdictionView(Value):
    """A jurisdiction that counts in a zone; one that no rule names has no name."""

    code: str
    name: str | None


class RuleView(Value):
    """A row of the tables of law."""

    rule: str
    text: str
    figure: str = Field(description="As the table has it; empty only if the rule is not applicable")
    unit: str
    place: RulePlace = Field(
        description="Whose jurisdictions count: those of the pickup, the drop-off, both, or the zone"
    )
    jurisdiction: str
    begins: Day
    ends: Day | None = Field(description="First day on which it is no longer in force")
    status: Status
    source: str
    note: str
    holds: bool = Field(description="Whether this row holds where all of the zone's jurisdictions count: the strictest")

    @classmethod
    def of(cls, rule: Rule, holds: bool) -> Self:
        """Return the view of a row."""
        return cls(
            rule=rule.name,
            text=rule.kind.text,
            figure=rule.written,
            unit=rule.unit,
            place=rule.kind.place,
            jurisdiction=rule.jurisdiction,
            begins=rule.start,
            ends=rule.end,
            status=rule.status,
            source=rule.source,
            note=rule.note,
            holds=holds,
        )


class LawView(Value):
    """The rules of law in force in a zone: every row of each jurisdiction that its area touches or that it names."""

    zone_id: str
    on: Day | None = Field(description="The day that was asked for; null for this moment")
    jurisdictions: tuple[JurisdictionView, ...]
    rules: tuple[RuleView, ...]

    @classmethod
    def of(cls, zone: Zone, on: Day | None, now: datetime) -> Self:
        """Return the law of a zone on a day, or at this moment."""
        codes, when = jurisdictions_in(zone.settings), on or now
        known = LAW.jurisdictions
        rows = LAW.all_in_force((*codes, EVERYWHERE), when)
        return cls(
            zone_id=zone.id,
            on=on,
            jurisdictions=tuple(
                JurisdictionView(code=code, name=known[code].name if code in known else None) for code in codes
            ),
            rules=tuple(RuleView.of(row, _holds(row, codes, when)) for row in rows),
        )


def _holds(row: Rule, codes: tuple[str, ...], when: When) -> bool:
    strictest = LAW.strictest(row.name, codes, when)
    return strictest is not None and row.jurisdiction in strictest.jurisdiction.split(", ")
