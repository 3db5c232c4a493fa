"""Words of the mail about a driver's standing, in each language."""

import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any, Self

from crowdship.kernel.events import DomainEvent
from crowdship.notify.notices import Facts
from crowdship.notify.rendering import PACKAGE
from crowdship.standing.case import Case

LANGUAGES = ("en", "es", "de")


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((PACKAGE / "notify/drivers/standing.toml").read_text(encoding="utf-8"))


class StandingFacts(Facts):
    """Fields of a message about a driver's standing.

    Parameters
    ----------
    level : str
        The driver's level after it.
    level_before : str
        The level that was decided.
    reasons : str or None
        The reasons in the words of the person who decided.
    """

    change: str
    level: str
    level_before: str
    effective_on: str | None
    until: str | None
    appeal_until: str | None
    reasons: str | None = None

    @classmethod
    def of(cls, event: DomainEvent, case: Case, reasons: str | None) -> Self:
        """Return the fields of an event about a case."""
        data = event.data
        decided = case.decision.level if case.decision else data["level"]
        moment = data["appeal_until"]
        return cls(
            change=data["change"],
            level=data["level"] or "good",
            level_before=str(decided or "good"),
            effective_on=data["effective_on"] if data["change"] == "decided" else None,
            until=data["until"],
            appeal_until=moment[:16].replace("T", " ") if moment else None,
            reasons=reasons,
        )

    def fields(self, now: Any) -> dict[str, Any]:
        """Return the subject and the texts in all languages, and the reasons as they were written."""
        return {
            "subject": " / ".join(_words()[language]["subject"] for language in LANGUAGES),
            "texts": [self._text(_words()[language]) for language in LANGUAGES],
            "reasons": self.reasons,
        }

    def _text(self, words: dict[str, Any]) -> dict[str, Any]:
        level = words["level"]
        fields = {**self.model_dump(), "level": level[self.level], "level_before": level[self.level_before]}
        headline = words["change"][self.change].format(**fields)
        return {"headline": headline, "lines": [words[name].format(**fields) for name in self._lines()]}

    def _lines(self) -> Iterator[str]:
        if self.change != "decided":
            return
        if self.effective_on:
            yield "effective_on"
        if self.until:
            yield "until"
        yield "appeal"
        if self.reasons:
            yield "reasons"
