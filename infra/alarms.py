"""Alarms on our own metrics: the metrics that have one, and the others with the reason."""

from dataclasses import dataclass

FOR_ALL = ("platform",)
"""Used in place of a room for a metric that any room may emit; it is counted under one name, so that one alarm watches
it.
"""


@dataclass(frozen=True)
class Watched:
    """One of our metrics that raises an alarm when it is above a limit.

    Parameters
    ----------
    metric : str
        The metric's name.
    rooms : tuple of str
        The rooms whose functions emit it; each room gets its own alarm.
    means : str
        The alarm's description: what happened, and what to do.
    limit : float
        The highest value of a period that raises no alarm.
    statistic : str
        ``Sum`` or ``Maximum`` of a period.
    minutes : int
        Length of a period.
    """

    metric: str
    rooms: tuple[str, ...]
    means: str
    limit: float = 0
    statistic: str = "Sum"
    minutes: int = 5


WATCHED = (
    Watched(
        "EmergencyRaised",
        ("contact",),
        "A driver pressed the emergency button. Call the driver back now: the console, or GET /v1/staff/emergencies, "
        "has the name, the phone and the place; it stays there until somebody handles it with a note.",
        minutes=1,
    ),
    Watched(
        "RoundFaults",
        ("dispatch",),
        "A tick skipped a delivery or an offer because of an error; see the tick's log.",
    ),
    Watched(
        "ZonesOverdue",
        ("dispatch",),
        "A zone with open work had no round when one was due; the sweep started it. See events/wake's log.",
        statistic="Maximum",
    ),
    Watched(
        "DeliveriesNotBooked",
        ("settlement",),
        "The daily check booked closed deliveries whose events never arrived: events are lost on their way.",
    ),
    Watched(
        "TrialBalanceDifference",
        ("settlement",),
        "The ledger does not balance: debits and credits differ. Payouts stop until the cause is known.",
        statistic="Maximum",
    ),
    Watched(
        "PayFloorsNearDeadline",
        ("payfloors",),
        "Pay periods are not reckoned, and what drivers are short of the least that law lets them earn has to be paid "
        "within two days. See the queue floors-dead and docs/operations.md.",
        statistic="Maximum",
        minutes=15,
    ),
    Watched(
        "TaxNoticesNearlyDue",
        ("tax",),
        "Letters about taxpayer numbers must be mailed within 15 business days after the agency's list, and few are "
        "left. The console's view Tax lists them under notice_due; print, mail, and record the day there.",
        statistic="Maximum",
    ),
    Watched(
        "TaxFormsNearlyDue",
        ("tax",),
        "Forms 1099-NEC of last year are nearly late: drivers have no copies, or no file for the agency is there. The "
        "console's view Tax shows what is left; see docs/tax.md.",
        statistic="Maximum",
    ),
    Watched(
        "TaxFormsDifference",
        ("tax",),
        "The forms of a year are not what the books paid out. Nothing is filed until they agree; the log of "
        "tasks/tax_year has the figures. See docs/tax.md.",
        statistic="Maximum",
    ),
    Watched(
        "OpenItemsOverdue",
        ("settlement",),
        "Money is on an in-between account for longer than it should: a payout no bank confirmed, pay on hold, tax not "
        "deposited. GET /v1/staff/ledger/open-items names each with its cause.",
        statistic="Maximum",
    ),
    Watched(
        "EndpointDisabled",
        ("notify",),
        "A merchant's webhook endpoint was disabled: it answered 410 or failed for five days. The merchant was told; "
        "the log of tasks/send_webhook names the endpoint.",
    ),
    Watched(
        "OwnRefusal",
        ("notify",),
        "SES or SNS refuses messages for a reason of ours: a sender that is not verified, a sandbox, a "
        "paused account, a quota. They wait and are tried again, up to an hour apart, while somebody needs them.",
    ),
    Watched(
        "PushRefused",
        ("notify",),
        "Push services refuse requests as such: a wrong signature, a wrong form. Drivers get no pushes and look for "
        "offers by themselves. The log of events/push has the statuses.",
        limit=20,
        minutes=15,
    ),
    Watched(
        "PushFailed",
        ("notify",),
        "Push services do not answer, or ask to slow down. Pushes are tried again while they are worth it; drivers "
        "look for offers by themselves. The log of events/push has the statuses.",
        limit=50,
        minutes=15,
    ),
    Watched(
        "SourceMessagesIgnored",
        ("intake",),
        "More than a hundred messages of shops in an hour were ignored. The merchants have been told; the log "
        "of merchant/sources has the codes, docs/sources.md what they mean.",
        limit=100,
        minutes=60,
    ),
    Watched(
        "ScreeningOverdue",
        ("onboarding",),
        "The provider of background checks has not reported within a week, or refused an order. The console's list of "
        "applications has it; order the check again there, or ask the provider.",
    ),
    Watched(
        "ScreeningReportsRefused",
        ("onboarding",),
        "Reports of background checks were refused: wrong signature, an old one, another person or check, or a "
        "contradiction. The log of provider/screening has the codes; see docs/onboarding.md.",
        limit=4,
        minutes=15,
    ),
    Watched(
        "PayoutsReturned",
        ("insight",),
        "More than twenty payouts that had arrived came back within a day: look for a wrong file, or a fraud.",
        limit=20,
        minutes=24 * 60,
    ),
    Watched(
        "PayoutsUndecided",
        ("payouts",),
        "Payouts were made more than six hours ago and are neither sent nor refused. The console lists them as "
        "instructed or pending; the log of tasks/payouts says what the provider answers.",
        statistic="Maximum",
    ),
    Watched(
        "PayoutsContradicted",
        ("payouts",),
        "A provider tells of a payout what can't be: paid after it came back, or money that it could not take back. "
        "Nothing was booked; payout_contradicted in the log names the payout. Compare it with the provider's books.",
    ),
    Watched(
        "PayoutNewsUnmatched",
        ("payouts",),
        "A provider told of payouts that are not known here: another stage's endpoint, or a lost table.",
        limit=5,
        minutes=60,
    ),
    Watched(
        "ApplicationsStandingStill",
        ("onboarding",),
        "Applications whose workflow has something to do stand still; the sweep started them again. If that lasts, the "
        "log of tasks/onboarding says why.",
        limit=10,
        statistic="Maximum",
        minutes=15,
    ),
    Watched(
        "MapsNotUsable",
        FOR_ALL,
        "A street map could not be read, or Amazon Location does not answer: great-circle times are used. See the "
        "room's log.",
    ),
    Watched(
        "SignInsRefused",
        ("sessions",),
        "More than 300 wrong passwords or codes in five minutes: somebody guesses. Each user name and address "
        "is limited; see docs/sign-in.md.",
        limit=300,
    ),
    Watched(
        "ProofNotIntact",
        ("proof",),
        "A verification found a proof that is not as it was captured. The room's log names the delivery; see "
        "docs/operations.md before anything is paid or charged for it.",
    ),
    Watched(
        "SafetyStopsLapsed",
        ("standing",),
        "An emergency suspension lifted because nobody reviewed it in five days. Decide the case in the console, under "
        "Conduct, or dismiss it.",
        minutes=15,
    ),
    Watched(
        "AppealsOverdue",
        ("standing",),
        "A driver's appeal was not answered in the time that the law gives. Another person than the one who decided "
        "answers it now: the console, under Conduct, has it.",
        minutes=15,
    ),
    Watched(
        "ClaimsLapsed",
        ("claims",),
        "Nobody decided a claim in time: time decided it as the fault matrix says. The console's list of claims has "
        "those that come next; decide them there.",
        minutes=15,
    ),
    Watched(
        "InvoicesDelayed",
        ("invoicing",),
        "A merchant's span ended more than three days ago and one of its days is not settled, so it is not billed. "
        "Start the settlement of that day; the next sweep bills the span.",
        minutes=60,
    ),
    Watched(
        "AuditFaults",
        FOR_ALL,
        "The audit table does not answer: changes by staff are refused, or stand without their outcome.",
    ),
    Watched(
        "CallsNotCounted",
        FOR_ALL,
        "The table of usage does not answer: calls with merchants' keys are allowed without being counted.",
    ),
)
"""Our metrics that have an alarm."""

UNWATCHED = {
    "AddressRefused": "the address is at fault: the merchant sees it, and another channel is used where there is one",
    "AlertsRaised": "dispatchers have it on their zone's board",
    "CallsOverLimit": "each answer tells the caller, who can slow down",
    "ClickToDoorMinutes": "a figure of the business, for the dashboard",
    "DeliveriesCancelled": "cancelling is a normal act",
    "DeliveriesCreated": "a figure of the business, for the dashboard",
    "DeliveriesDelivered": "a figure of the business, for the dashboard",
    "DeliveriesExpired": "the merchant is told, and the number that is normal depends on the zone's drivers",
    "DeliveriesFailed": "the merchant is told, and the driver returns the goods",
    "DeliveriesReassigned": "a figure of the business, for the dashboard",
    "DocumentRefusedOnArrival": "the driver sees why and sends another picture",
    "DriversOnDuty": "drivers choose when they drive",
    "EmailSuppressed": "mails to the address bounced or were complained about, which the merchant sees",
    "EmailSent": "a figure of the business, for the dashboard",
    "ExtraPayTakenBackAlready": "staff had taken back what an event takes back; the books are right, the log names it",
    "FinanceMailsRefused": "the queue tries it again, and the planner each hour; mailings-dead has an alarm",
    "FinanceMailsSent": "what was not sent is in mailings-dead, which has an alarm",
    "InvoicesFlagged": "finance sees it in the console's list of invoices, and talks to the merchant or writes it off",
    "MailsBounced": "the address is suppressed, which the merchant sees and can lift",
    "MailsComplained": "the address is suppressed, which the merchant sees; SES warns of a rate that is too high",
    "MailsDelayed": "the provider goes on trying; one that gives up reports a bounce",
    "ObservationsLearned": "failed ones are in observations-dead, which has an alarm",
    "OffersAccepted": "a figure of the business, for the dashboard",
    "OffersDeclined": "drivers may decline",
    "OffersExpired": "drivers may be silent",
    "OffersMade": "a figure of the business, for the dashboard",
    "OnTime": "a figure of the business, for the dashboard",
    "OpenDeliveries": "a figure of the business, for the dashboard",
    "OldestOpenItem": "its age is shown; OpenItemsOverdue counts those that are late, and has an alarm",
    "PayFloorTrueUps": "a figure of the business; failed ones are in floors-dead, which has an alarm",
    "TinMatchingUnavailable": "the sweep asks again a quarter of an hour later; nothing is withheld meanwhile",
    "PayHeld": "staff see it in their list of held pay, and decide there",
    "PayoutsFailed": "finance sees it in the day's report, and a refused payout stays owed",
    "PayoutsHeld": "staff see it in the list of payouts that are held, and the driver is told",
    "PayoutsPaid": "a figure of the business, for the dashboard",
    "PayoutsSent": "a figure of the business, for the dashboard",
    "PinLocked": "shop and dispatchers are told at once, and dispatchers can complete the order by hand",
    "PolishDurationMs": "one that takes too long is an error of its function, which has an alarm",
    "PostingsMade": "failed ones are in postings-dead, which has an alarm",
    "PushGone": "a browser left: its subscription is forgotten, and the app subscribes anew when it is opened",
    "PushSent": "a figure of the business, for the dashboard",
    "SecondsToFirstOffer": "a figure of the business, for the dashboard",
    "SignInsOverLimit": "the person is told when to try again; SignInsRefused has an alarm",
    "SmsRepliesIgnored": "a reply that is neither STOP nor START is for nobody; the page has ways to write",
    "SmsStarts": "a customer's choice",
    "SmsStops": "a customer's choice, which the merchant sees",
    "SmsOptedOut": "the customer chose it; the merchant sees it, and another channel is used where there is one",
    "SmsSent": "a figure of the business, for the dashboard",
    "StripeEventsIgnored": "Stripe tells of more than payouts; the log has the type of each",
    "TickDurationMs": "one that takes too long is an error of its function, which has an alarm",
    "WebhookDead": "its message is in webhooks-dead, which has an alarm",
    "WebhookDelivered": "a figure of the business, for the dashboard",
    "WebhookRetried": "the endpoint is at fault; if that lasts, EndpointDisabled has an alarm",
    "WorkPaused": "the driver was reminded three times and is told; staff see it in the driver's folder",
}
"""Our metrics without an alarm, each with the reason."""
