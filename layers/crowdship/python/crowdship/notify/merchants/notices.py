"""Notices to merchants."""

from datetime import datetime, timedelta
from typing import Self

from crowdship.invoicing.invoice import Invoice
from crowdship.kernel.events import DomainEvent
from crowdship.notify.channel import Channel
from crowdship.notify.notices import Audience, Facts, Notice
from crowdship.notify.rendering import Line
from crowdship.notify.webhooks.endpoints.model import DisabledBecause, Endpoint

USEFUL_FOR = timedelta(days=3)
"""A mail that a provider refuses for a reason of ours is tried again for this time."""


class EndpointFacts(Facts):
    """Fields of the message about an endpoint that was switched off.

    Parameters
    ----------
    because : DisabledBecause
        ``gone`` if the endpoint answered 410, ``failing`` if it took nothing for five days.
    """

    merchant_name: Line
    url: str
    because: DisabledBecause


def is_not_by_hand(event: DomainEvent) -> bool:
    """Return whether an endpoint was disabled for its answers, and not by the merchant or the staff."""
    return event.data["because"] != DisabledBecause.BY_HAND


def is_still_disabled(event: DomainEvent, endpoint: Endpoint, now: datetime) -> bool:
    """Return whether an endpoint is disabled since an event, and the event is recent."""
    return not endpoint.active and endpoint.event_ids[-1:] == [event.id] and now - event.time <= USEFUL_FOR


ENDPOINT_DISABLED: Notice[Endpoint] = Notice(
    name="endpoint_disabled",
    event="endpoint.disabled",
    audience=Audience.MERCHANT,
    channels=(Channel.EMAIL,),
    concerns=is_not_by_hand,
    is_due=is_still_disabled,
)


class InvoiceFacts(Facts):
    """Fields of the message about an invoice that is not paid.

    Parameters
    ----------
    step : int
        The number of the reminder, from 1.
    """

    merchant_name: Line
    number: str
    open: str
    due_on: str
    step: int
    flagged: bool

    @classmethod
    def of(cls, event: DomainEvent, invoice: Invoice) -> Self:
        """Return the fields of a reminder."""
        told = {name: event.data[name] for name in ("step", "flagged", "due_on")}
        return cls(merchant_name=invoice.name, number=invoice.number, open=str(invoice.open), **told)


def is_still_open(event: DomainEvent, invoice: Invoice, now: datetime) -> bool:
    """Return whether an invoice is not paid since an event, and the event is recent."""
    return invoice.open.amount > 0 and now - event.time <= USEFUL_FOR


INVOICE_OVERDUE: Notice[Invoice] = Notice(
    name="invoice_overdue",
    event="invoice.overdue",
    audience=Audience.MERCHANT,
    channels=(Channel.EMAIL,),
    is_due=is_still_open,
)
