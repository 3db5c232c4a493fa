"""The audit's guards, each with its law, its evidence and whether it holds. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from crowdship.dispatch.classification.views import (
    ClassificationAudit,
    EvidenceScope,
    GuardEvidence,
    GuardLaw,
    GuardView,
)
from crowdship.dispatch.scoring import SCORE_PARTS
from crowdship.drivers.model import Driver, DriverKind
from crowdship.law.model import Rule
from crowdship.zones.classification import SENTENCES, Guard
from crowdship.zones.model import Zone

ESTIMATES = frozenset({"dispatch.offers.acceptance_probability", "dispatch.weights.refusal_s"})
"""Settings about how likely an offer is taken, which is estimated from the offer and no answer given before."""

ABOUT_REFUSALS = ("accept", "declin", "refus", "unanswered")
"""Parts of names by which a field about refusals would be found."""


def audit(
    zone: Zone, crew: Sequence[Driver], law: Iterable[Rule], now: datetime, *, complete: bool
) -> ClassificationAudit:
    """Return the audit of a zone.

    Parameters
    ----------
    crew : sequence of Driver
        All drivers whose home is the zone or who are on duty there.
    law : iterable of Rule
        The rules in force in the zone's jurisdictions.
    complete : bool
        False if not all drivers could be read.
    """
    crowd = [driver for driver in crew if driver.kind is DriverKind.CROWD]
    rows = [rule for rule in law if rule.name in list(Guard) and rule.applies]
    evidence = {
        Guard.NO_REQUIRED_HOURS: _hours(zone, crowd),
        Guard.NO_REQUIRED_ACCEPTANCE: _acceptance(zone),
        Guard.NO_EXCLUSIVITY: _exclusivity(zone, crowd),
    }
    guards = tuple(
        GuardView(
            guard=guard,
            says=f"{SENTENCES[guard]}.",
            holds=all(one.holds for one in found),
            law=tuple(GuardLaw.of(rule) for rule in rows if rule.name == guard),
            evidence=tuple(found),
        )
        for guard, found in evidence.items()
    )
    return ClassificationAudit(
        zone_id=zone.id,
        as_of=now,
        crowd_drivers=len(crowd),
        dedicated_drivers=len(crew) - len(crowd),
        complete=complete,
        holds=complete and all(guard.holds for guard in guards),
        guards=guards,
    )


def _names(settings: Mapping[str, Any], within: str) -> Iterator[str]:
    """Yield the settings whose names tell of acceptance or refusals, but for the terms that are listed anyway."""
    for name, value in settings.items():
        path = f"{within}{name}"
        if path == "dispatch.crowd":
            continue
        if any(part in name for part in ABOUT_REFUSALS):
            yield path
        if isinstance(value, Mapping):
            yield from _names(value, f"{path}.")


def _hours(zone: Zone, crowd: Sequence[Driver]) -> list[GuardEvidence]:
    hours, held = zone.settings.dispatch.crowd.weekly_hours, [driver.id for driver in crowd if driver.shifts]
    return [
        GuardEvidence.setting("dispatch.crowd.weekly_hours", hours, holds=hours == 0),
        GuardEvidence.records("crowd_drivers_with_shifts", len(crowd), held),
    ]


def _acceptance(zone: Zone) -> list[GuardEvidence]:
    terms = zone.settings.dispatch.crowd
    percent, pause = terms.acceptance_percent, terms.decline_pause_minutes
    other = sorted(set(_names(zone.settings.model_dump(), "")) - ESTIMATES)
    kept = [name for name in Driver.model_fields if any(part in name for part in ABOUT_REFUSALS)]
    return [
        GuardEvidence.setting("dispatch.crowd.acceptance_percent", percent, holds=percent == 0),
        GuardEvidence.setting("dispatch.crowd.decline_pause_minutes", pause, holds=pause == 0),
        GuardEvidence(
            scope=EvidenceScope.SETTING,
            about="other_settings_about_refusals",
            found=", ".join(other) or "none",
            holds=not other,
        ),
        GuardEvidence(
            scope=EvidenceScope.CODE,
            about="driver_fields_about_refusals",
            found=", ".join(kept) or "none",
            holds=not kept,
        ),
        # ``did_not_answer`` counts an unanswered offer for the same delivery alone, so that it finds another driver.
        GuardEvidence(scope=EvidenceScope.CODE, about="score_parts", found=", ".join(SCORE_PARTS), holds=True),
    ]


def _exclusivity(zone: Zone, crowd: Sequence[Driver]) -> list[GuardEvidence]:
    exclusive = zone.settings.dispatch.crowd.exclusive
    bound = [driver.id for driver in crowd if driver.merchant_id is not None]
    return [
        GuardEvidence.setting("dispatch.crowd.exclusive", exclusive, holds=not exclusive),
        GuardEvidence.records("crowd_drivers_bound_to_a_merchant", len(crowd), bound),
    ]
