"""Alarms on metrics of ours: which wake somebody, and which do not and why."""

from dataclasses import dataclass

FOR_ALL = ("platform",)
"""In place of a room: what any room may meet is counted under one name, so that one alarm watches all of them."""


@dataclass(frozen=True)
class Watched:
    """A metric of ours that wakes somebody when it is above a limit.

    Parameters
    ----------
    metric : str
        Its name.
    rooms : tuple of str
        Whose functions emit it; each room gets an alarm of its own.
    means : str
        What has happened, and what to do.
    limit : float
        The highest value of a period that is in order.
    statistic : str
        ``Sum`` or ``Maximum`` of a period.
    minutes : int
        The period.
    """

    metric: str
    rooms: tuple[str, ...]
    means: str
    limit: float = 0
    statistic: str = "Sum"
    minutes: int = 5


WATCHED = (
    Watched(
        "RoundFaults",
        ("dispatch",),
        "A tick had to leave a delivery or an offer aside because of an error; see the tick's log.",
    ),
    Watched(
        "ZonesOverdue",
        ("dispatch",),
        "A zone with open work was not looked at when it was due; the sweep asked again. See events/wake's log.",
        statistic="Maximum",
    ),
    Watched(
        "DeliveriesNotBooked",
        ("settlement",),
        "Closed deliveries were booked by the daily check, as no event had come: events are lost on their way.",
    ),
    Watched(
        "TrialBalanceDifference",
        ("settlement",),
        "The ledger does not balance: debits and credits differ. No payouts until it is known why.",
        statistic="Maximum",
    ),
    Watched(
        "EndpointDisabled",
        ("notify",),
        "A merchant's webhook endpoint was disabled: it answered 410 or failed for five days. The merchant has mail; "
        "the log of tasks/send_webhook names the endpoint.",
    ),
    Watched(
        "NoticeRefused",
        ("notify",),
        "SES or SNS refuses messages for a reason of ours: a sender that is not verified, a sandbox, a "
        "paused account, a limit. They are tried again for a quarter of an hour, then wait in notices-dead.",
    ),
    Watched(
        "SourceMessagesIgnored",
        ("intake",),
        "Shops sent more than a hundred messages in an hour that made nothing. The merchants have been told; the log "
        "of merchant/sources has the codes, docs/sources.md what they mean.",
        limit=100,
        minutes=60,
    ),
    Watched(
        "MapsNotUsable",
        FOR_ALL,
        "A street map could not be read, or Amazon Location does not answer: great circles stand in. The room's log "
        "says why.",
    ),
    Watched(
        "CallsNotCounted",
        FOR_ALL,
        "The table of usage did not answer: calls of merchants' keys are let in uncounted.",
    ),
)
"""Metrics of ours that have an alarm."""

UNWATCHED = {
    "AddressRefused": "the address's own fault: the merchant sees it, and another channel is used where there is one",
    "AlertsRaised": "dispatchers have it on their zone's board",
    "CallsOverLimit": "the caller is told with each answer, and can do something about it",
    "ClickToDoorMinutes": "a figure of the business, for the dashboard",
    "DeliveriesCancelled": "somebody meant it",
    "DeliveriesCreated": "a figure of the business, for the dashboard",
    "DeliveriesDelivered": "a figure of the business, for the dashboard",
    "DeliveriesExpired": "the merchant is told; how many are too many depends on the zone's drivers",
    "DeliveriesFailed": "the merchant is told, and the driver brings it back",
    "DeliveriesReassigned": "a figure of the business, for the dashboard",
    "DriversOnDuty": "drivers choose when they drive",
    "EmailSent": "a figure of the business, for the dashboard",
    "ObservationsLearned": "what fails is in lessons-dead, which has an alarm",
    "OffersAccepted": "a figure of the business, for the dashboard",
    "OffersDeclined": "drivers may decline",
    "OffersExpired": "drivers may be silent",
    "OffersMade": "a figure of the business, for the dashboard",
    "OnTime": "a figure of the business, for the dashboard",
    "OpenDeliveries": "a figure of the business, for the dashboard",
    "PayHeld": "staff have it on their list of held pay, and decide there",
    "PayoutsFailed": "finance has it in the day's report, and what was refused stays owed",
    "PayoutsSent": "a figure of the business, for the dashboard",
    "PolishDurationMs": "one that takes too long is an error of its function, which has an alarm",
    "PostingsMade": "what fails is in postings-dead, which has an alarm",
    "SecondsToFirstOffer": "a figure of the business, for the dashboard",
    "SmsOptedOut": "the customer meant it; the merchant sees it, and another channel is used where there is one",
    "SmsSent": "a figure of the business, for the dashboard",
    "TickDurationMs": "one that takes too long is an error of its function, which has an alarm",
    "WebhookDead": "its message is in webhooks-dead, which has an alarm",
    "WebhookDelivered": "a figure of the business, for the dashboard",
    "WebhookRetried": "the endpoint's fault; if it lasts, EndpointDisabled rings",
}
"""Metrics of ours that wake nobody, each with the reason."""
