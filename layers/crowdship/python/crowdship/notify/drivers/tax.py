"""Notices to drivers about their tax: by mail, and by push. The app shows all of it as well.

They are due however late they are. A mail names no number, no name and no amount.
"""

from datetime import date, timedelta
from typing import Self

from crowdship.kernel.events import DomainEvent
from crowdship.notify.channel import Channel
from crowdship.notify.notices import Audience, Facts, Notice, PushForm

KEPT = timedelta(days=3)
"""A phone that was off for longer has the mail."""

EVENTS = (
    "tax.number_mismatched",
    "tax.number_refused",
    "tax.withholding_began",
    "tax.withholding_ended",
    "tax.form_furnished",
)
"""All events of which drivers are told."""


class TaxFacts(Facts):
    """Fields of a message about tax.

    Parameters
    ----------
    reason : str or None
        Why tax is or was withheld.
    kind : str or None
        ``first`` or ``second`` notice about the number.
    withhold_from : date or None
        The day from which tax is withheld without an answer.
    """

    reason: str | None = None
    kind: str | None = None
    withhold_from: date | None = None
    year: int | None = None
    corrected: bool = False
    by_mail: bool = False

    @classmethod
    def of(cls, event: DomainEvent) -> Self:
        """Return the fields that an event tells."""
        data = event.data
        begins = data.get("withhold_from")
        return cls(
            reason=data.get("reason"),
            kind=data.get("kind"),
            withhold_from=date.fromisoformat(begins) if begins else None,
            year=data.get("year"),
            corrected=bool(data.get("corrected")),
            by_mail=data.get("delivery") == "mail",
        )


def _name(event: str) -> str:
    return event.replace(".", "_")


def _mailed(event: str) -> Notice[None]:
    return Notice(name=_name(event), event=event, audience=Audience.DRIVER, channels=(Channel.EMAIL,))


def _pushed(event: str) -> Notice[None]:
    """Return the push about an event, whose words the app finds for its name."""
    name = _name(event)
    return Notice(
        name=f"{name}_push",
        event=event,
        audience=Audience.DRIVER,
        channels=(Channel.PUSH,),
        push=PushForm(
            kind="tax",
            fields=lambda event: {"id": event.data["driver_id"], "what": name},
            until=lambda event: event.time + KEPT,
            topic=lambda event: name,
        ),
    )


TAX: tuple[Notice[None], ...] = (*map(_mailed, EVENTS), *map(_pushed, EVENTS))
"""All notices about tax."""
