"""Notices to drivers about payouts: a push, and a mail where the driver has to do something."""

import tomllib
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Self

from crowdship.kernel.events import DomainEvent
from crowdship.kernel.money import Money
from crowdship.notify.channel import Channel
from crowdship.notify.notices import Audience, Facts, Notice, PushForm
from crowdship.notify.rendering import PACKAGE
from crowdship.payouts.bank.codes import ACCOUNT_REFUSED

KEPT = timedelta(days=1)
"""A phone that was off for longer is not told of a payout; the app shows it, and what needs an act is mailed."""

LANGUAGES = ("en", "es", "de")


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((PACKAGE / "notify/drivers/payouts.toml").read_text(encoding="utf-8"))


class PayoutFacts(Facts):
    """Fields of a mail about a payout that did not arrive, or that waits.

    Parameters
    ----------
    what : str
        ``failed``, ``returned``, ``held`` or ``account_corrected``.
    act : str
        What the driver has to do: ``account``, or ``nothing``.
    """

    what: str
    act: str
    amount: str
    period: str

    @classmethod
    def of(cls, event: DomainEvent) -> Self:
        """Return the fields that an event tells."""
        data = event.data
        needs_account = data["code"] in ACCOUNT_REFUSED or data["code"] in {"account_refused", "no_bank_account"}
        return cls(
            what=event.type.partition(".")[2],
            act="account" if needs_account else "nothing",
            amount=str(Money.model_validate(data["amount"])) if "amount" in data else "",
            period=data.get("period", ""),
        )

    def fields(self, now: Any) -> dict[str, Any]:
        """Return the subject and the texts in all languages."""
        words = [_words()[language] for language in LANGUAGES]
        told = {"amount": self.amount, "period": self.period}
        texts = [(one[self.what].format(**told), one["act"][self.act]) for one in words]
        return {"subject": " / ".join(one["subject"] for one in words), "texts": texts}


def _is_due(event: DomainEvent, about: object, now: datetime) -> bool:
    return now - event.time <= KEPT


def _pushed(name: str) -> Notice[None]:
    """Return the push about an event, whose words the app finds for its name."""
    return Notice(
        name=f"payout_{name}",
        event=f"payout.{name}",
        audience=Audience.DRIVER,
        channels=(Channel.PUSH,),
        is_due=_is_due,
        push=PushForm(
            kind="payout",
            fields=lambda event: {"id": event.data["payout_id"], "what": f"payout_{name}"},
            until=lambda event: event.time + KEPT,
            topic=lambda event: event.subject,
        ),
    )


def _mailed(name: str) -> Notice[None]:
    """Return the mail about an event; it is due however late it is."""
    return Notice(
        name=f"payout_{name}_mail",
        event=f"payout.{name}",
        audience=Audience.DRIVER,
        channels=(Channel.EMAIL,),
    )


PAYOUTS: tuple[Notice[None], ...] = (
    _pushed("paid"),
    _pushed("failed"),
    _pushed("returned"),
    _pushed("canceled"),
    _pushed("held"),
    _pushed("account_corrected"),
    _mailed("failed"),
    _mailed("returned"),
    _mailed("held"),
    _mailed("account_corrected"),
)
"""All notices about payouts."""
