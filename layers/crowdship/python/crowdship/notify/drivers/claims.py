"""Notices to drivers about claims that may be laid on them: a mail in three languages, and a push."""

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any, Self

from crowdship.claims.claim import Claim
from crowdship.kernel.events import DomainEvent
from crowdship.notify.channel import Channel
from crowdship.notify.notices import Audience, Facts, Notice, PushForm
from crowdship.notify.rendering import PACKAGE

LANGUAGES = ("en", "es", "de")
KEPT = timedelta(days=3)
"""A phone that was off for longer has the mail."""


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((PACKAGE / "notify/drivers/claims.toml").read_text(encoding="utf-8"))


class ClaimNotice(Facts):
    """Fields of a message about a claim; no name and no address."""

    what: str
    answer_by: str
    held: str | None
    taken: str | None

    @classmethod
    def of(cls, event: DomainEvent, claim: Claim) -> Self:
        """Return the fields of an event about a claim."""
        taken = claim.decision.award.from_driver if claim.decision else None
        return cls(
            what=event.type.partition(".")[2],
            answer_by=f"{claim.answer_by:%Y-%m-%d %H:%M}" if claim.answer_by else "",
            held=str(claim.held) if claim.held else None,
            taken=str(taken) if taken and taken.amount else None,
        )

    def fields(self, now: Any) -> dict[str, Any]:
        """Return the subject, and the lines in each language."""
        return {
            "subject": " / ".join(_words()[language]["subject"] for language in LANGUAGES),
            "texts": [
                [_words()[language][name].format(**dict(self)) for name in self._lines()] for language in LANGUAGES
            ],
        }

    def _lines(self) -> Iterator[str]:
        if self.what == "opened":
            yield "opened"
            if self.held:
                yield "held"
        elif self.what == "decided":
            yield "decided" if self.taken else "free"
        else:
            yield "withdrawn"


def _asked(event: DomainEvent, claim: Claim) -> tuple[str, ...]:
    """Return the driver of a claim that may be laid on them; nobody else is told."""
    return (claim.driver_id,) if claim.driver_id and claim.answer_by else ()


PUSH = PushForm(
    kind="claim",
    fields=lambda event: {"id": event.subject},
    until=lambda event: event.time + KEPT,
    topic=lambda event: event.subject,
)

CLAIMS: tuple[Notice[Claim], ...] = tuple(
    Notice(
        name=f"claim_{what}{ending}",
        event=f"claim.{what}",
        audience=Audience.DRIVER,
        channels=(channel,),
        told=_asked,
        push=PUSH if channel is Channel.PUSH else None,
    )
    for what in ("opened", "decided", "withdrawn")
    for ending, channel in (("", Channel.EMAIL), ("_push", Channel.PUSH))
)
"""All notices about claims."""
