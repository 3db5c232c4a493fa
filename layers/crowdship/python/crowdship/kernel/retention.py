"""Retention: how long each class of data is kept, from when, and what deletes it. Pure.

The periods are here and nowhere else in this package; ``docs/privacy.md`` has the same table, which a test compares.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

CONTACTS = timedelta(days=90)
DRIVER_NOTES = timedelta(days=90)
COMMENTS = timedelta(days=90)
MESSAGES = timedelta(days=90)
SHOP_MESSAGES = timedelta(days=30)
SHOP_ORDERS = timedelta(days=90)
QUOTES = timedelta(days=30)
ADDRESSES = timedelta(days=90)
POSITIONS = timedelta(days=30)
OFFER_LINES = timedelta(days=2)
DECISIONS = timedelta(days=30)
EXPORTS = timedelta(days=7)
BANK_FILES = timedelta(days=6 * 366)
CORRECTIONS = timedelta(days=731)
SUBSCRIPTIONS = timedelta(days=90)
EVENT_LOG = timedelta(days=30)
AUDIT = timedelta(days=731)
CONDUCT = timedelta(days=1096)
CLAIMS = timedelta(days=1096)
ANSWERS = timedelta(days=1)
KEY_USES = timedelta(days=400)
PICTURES = timedelta(days=400)
DOCUMENTS = timedelta(days=1096)
LOGS = timedelta(days=30)
EXTRA_PAY = timedelta(days=400)
EXTRA_PAY_WORK = timedelta(days=40)
PAY_FLOORS = timedelta(days=1096)
COUNTED_DELIVERIES = timedelta(days=62)
SIMULATIONS = timedelta(days=400)
ZONE_FACTS = timedelta(days=40)
ZONE_DAYS = timedelta(days=800)
MAIL_RUNS = timedelta(days=400)
EXCEPTIONS = timedelta(days=40)

REPORTS = timedelta(days=1826)
"""A claim about a report can be brought for five years (15 U.S.C. 1681p); a clear check leaves no report."""

TAX_FORMS = timedelta(days=1461)
"""Years for which the payer keeps a W-9 after the last payment (IRS, Publication 1281)."""

TAX_RETURNS = timedelta(days=1461)
"""Years for which the payer keeps what it filed where tax was withheld (IRS, General Instructions, part H)."""

TAX_FILES = timedelta(days=1826)
"""A driver's copy is made up to a year before its last correction is filed."""

TAX_UPLOADS = timedelta(days=90)
"""A file with whole numbers is needed until the agency has taken it; it is made of the vault's records again."""

HOLD_AT_MOST = timedelta(days=365)
"""Longest time for which a hold on pay keeps what its decision needs, counted from the end of the delivery."""


class Means(StrEnum):
    """Means by which data of a class is deleted."""

    TTL = "DynamoDB TTL"
    LIFECYCLE = "S3 lifecycle"
    LOG_GROUP = "log group"
    ERASURE = "erasure"


@dataclass(frozen=True)
class DataClass:
    """A class of data that says something about people.

    Parameters
    ----------
    name : str
        The words of the table in the documents.
    where : str
        The table, bucket or service.
    kept : timedelta or None
        The period; None if the data stays until a person is erased, or for good.
    since : str
        The moment from which the period counts.
    means : Means or None
        None if nothing deletes it: it holds ids and amounts, and nothing that names a person.
    """

    name: str
    where: str
    kept: timedelta | None
    since: str
    means: Means | None


CLASSES = (
    DataClass("contacts of a delivery, PIN, recipient", "vault", CONTACTS, "end of the drop-off window", Means.TTL),
    DataClass("drivers' notes on a delivery", "vault", DRIVER_NOTES, "last note", Means.TTL),
    DataClass("customers' comments", "vault", COMMENTS, "comment", Means.TTL),
    DataClass("texts of messages and handled emergencies", "vault, contact", MESSAGES, "message, handling", Means.TTL),
    DataClass("shops' messages without effect", "vault, intake", SHOP_MESSAGES, "message", Means.TTL),
    DataClass("digests of shops' orders", "intake", SHOP_ORDERS, "newest message", Means.TTL),
    DataClass("quotes with their points", "intake", QUOTES, "end of the quote", Means.TTL),
    DataClass("points of addresses, by digest", "places", ADDRESSES, "look-up", Means.TTL),
    DataClass("name, phone, e-mail and plate of a driver", "vault, drivers, Cognito", None, "", Means.ERASURE),
    DataClass("identity, bank and connected account of a driver", "vault, onboarding", None, "", Means.ERASURE),
    DataClass("tax form of a driver", "vault", TAX_FORMS, "erasure of the driver", Means.TTL),
    DataClass("yearly tax forms as filed", "vault", TAX_RETURNS, "filing", Means.TTL),
    DataClass("copies of tax forms, letters about numbers", "tax bucket", TAX_FILES, "writing", Means.LIFECYCLE),
    DataClass("files for the tax agency", "tax bucket", TAX_UPLOADS, "writing", Means.LIFECYCLE),
    DataClass("payments, notices and forms of a payee, by id", "tax", None, "", None),
    DataClass("report of a background check, dispute, assessment", "vault", REPORTS, "report", Means.TTL),
    DataClass("pictures of a driver's documents", "documents bucket", DOCUMENTS, "upload", Means.LIFECYCLE),
    DataClass("what a driver's documents were, and decisions", "documents", None, "", Means.ERASURE),
    DataClass("words to a driver about a document", "vault", MESSAGES, "decision", Means.TTL),
    DataClass("a driver's attempts at quizzes", "training", None, "", None),
    DataClass("positions of a driver's day", "tracking", POSITIONS, "position", Means.TTL),
    DataClass("newest position of a driver", "tracking", None, "", Means.ERASURE),
    DataClass("lines of a driver's offers", "dispatch", OFFER_LINES, "end of the offer", Means.TTL),
    DataClass("decisions of rounds, with drivers' ids and scores", "dispatch", DECISIONS, "round", Means.TTL),
    DataClass("exports of a driver's data", "exports bucket", EXPORTS, "export", Means.LIFECYCLE),
    DataClass("requests for correction", "vault, data_rights", CORRECTIONS, "request, decision", Means.TTL),
    DataClass("push subscriptions", "notify", SUBSCRIPTIONS, "last sending by the app", Means.TTL),
    DataClass("event log, webhooks' and notices' attempts", "notify", EVENT_LOG, "event", Means.TTL),
    DataClass("pictures of a proof, also replaced ones", "proof bucket", PICTURES, "upload", Means.LIFECYCLE),
    DataClass("answers under an Idempotency-Key", "idempotency", ANSWERS, "answer", Means.TTL),
    DataClass("days on which keys were used", "usage", KEY_USES, "use", Means.TTL),
    DataClass("audit trail", "audit", AUDIT, "call", Means.TTL),
    DataClass("words of a case about a driver's conduct", "vault", CONDUCT, "the words", Means.TTL),
    DataClass("words of a claim about a delivery", "vault", CLAIMS, "the words", Means.TTL),
    DataClass("claims without words, refunds", "claims", None, "", None),
    DataClass("invoices and payments of merchants", "invoicing, invoices bucket", None, "", None),
    DataClass("cases about conduct without words, scorecards", "standing, drivers", None, "", None),
    DataClass("logs", "CloudWatch", LOGS, "line", Means.LOG_GROUP),
    DataClass("deliveries with two points, routes, proofs", "deliveries, routes, proof", None, "", None),
    DataClass("drivers' work and duties for extra pay", "incentives", EXTRA_PAY_WORK, "end of it", Means.TTL),
    DataClass("extra pay, blocks with bookings", "incentives, blocks", EXTRA_PAY, "end of the span", Means.TTL),
    DataClass("deliveries counted for the tiers of a contract", "tariffs", COUNTED_DELIVERIES, "hand-over", Means.TTL),
    DataClass("drivers' engaged work, and pay floors", "pay_floors", PAY_FLOORS, "end of it", Means.TTL),
    DataClass("facts of orders for a zone's sums, with drivers' ids", "insight", ZONE_FACTS, "order", Means.TTL),
    DataClass("exceptions that finance is told of", "insight", EXCEPTIONS, "noting", Means.TTL),
    DataClass("days of zones in sums", "insight", ZONE_DAYS, "day", Means.TTL),
    DataClass("finance's mails: recipients, when sent", "insight", MAIL_RUNS, "due moment", Means.TTL),
    DataClass("ledger, statements, payouts", "settlement, payouts", None, "", None),
    DataClass("bank files with account numbers", "payouts bucket", BANK_FILES, "pay run", Means.LIFECYCLE),
)
"""All classes; a class without period and means stays, because the books need it and it names nobody."""
