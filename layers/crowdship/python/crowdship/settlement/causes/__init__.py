"""Causes of postings: a module per topic has the typed causes, their readers and the posting that each leads to.

``POSTING_OF`` has an entry for each type of event that can cause a posting. A new topic is a module with its
``POSTINGS`` and a line here.
"""

from collections.abc import Callable, Mapping

from crowdship.kernel.events import DomainEvent
from crowdship.settlement.causes import claims, deliveries, extra_pay, invoices, pay_floors
from crowdship.settlement.ledger import Posting

POSTING_OF: Mapping[str, Callable[[DomainEvent], Posting | None]] = {
    **claims.POSTINGS,
    **deliveries.POSTINGS,
    **extra_pay.POSTINGS,
    **pay_floors.POSTINGS,
    **invoices.POSTINGS,
}
"""The posting of each type of event; None while nothing is due."""


def posting_for(event: DomainEvent) -> Posting | None:
    """Return the posting that an event causes; None while nothing is due, and for events that never cause one.

    A cancelled delivery is due by the shares that its event tells; if its goods come back, only once they are back.
    A delivery whose pay is held is due once a person has released it.

    Raises
    ------
    ValidationError
        If the event's data are not as its contract says.
    """
    rule = POSTING_OF.get(event.type)
    return rule(event) if rule else None
