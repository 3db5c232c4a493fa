"""Collectors: for each class of data about drivers the function that gathers what is held on one of them.

A room that keeps a new class of data about drivers adds a line to ``COLLECTORS``; a test holds the lines to the classes
of ``kernel/retention.py``.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from crowdship.adapters.audit import trail
from crowdship.adapters.audit.entries import AuditFilters
from crowdship.blocks import service as blocks
from crowdship.claims import service as claims
from crowdship.claims.views import DriverClaims
from crowdship.contact import emergencies, messages
from crowdship.data_rights import corrections
from crowdship.deliveries import service as deliveries
from crowdship.deliveries.filters import Filters
from crowdship.deliveries.model import Delivery
from crowdship.dispatch.decisions import service as decisions
from crowdship.dispatch.offers import service as offering
from crowdship.documents import service as documents
from crowdship.drivers.model import Driver
from crowdship.incentives import service as incentives
from crowdship.kernel import retention
from crowdship.kernel.clock import Clock
from crowdship.kernel.cursors import every_page
from crowdship.kernel.errors import Gone
from crowdship.kernel.events import Value
from crowdship.notify.push import service as pushes
from crowdship.onboarding import service as onboarding
from crowdship.onboarding.tax import masked
from crowdship.pay_floors import queries as pay_floors
from crowdship.payouts import queries as payouts
from crowdship.performance import service as performance
from crowdship.proof import service as proof
from crowdship.routes import service as routing
from crowdship.standing import service as standing
from crowdship.tax import held as tax
from crowdship.tracking import service as tracking
from crowdship.training import service as training
from crowdship.vault import service as vault
from crowdship.vault.applicants import (
    BankAccount,
    ConnectedAccount,
    Identity,
    ScreeningReport,
    Statement,
    TaxForm,
    assessment_token,
    bank_account_token,
    connected_account_token,
    dispute_token,
    identity_token,
    report_token,
    tax_form_token,
)

MOST_DAYS = 1100
"""The most days, back from today, whose deliveries and earnings are read: three years."""

AT_ONCE = 100

OF_DELIVERY = {"id", "zone_id", "state", "created_at", "requirements", "goods", "priority", "hold", "doubts"}
"""The fields of a delivery that say something of its driver; the customer's are the customer's."""


@dataclass(frozen=True)
class Gathering:
    """A driver, and the moment for which everything is gathered."""

    driver: Driver
    clock: Clock

    @property
    def now(self) -> datetime:
        """The moment of the export."""
        return self.clock.now()

    def days(self, most: int = MOST_DAYS) -> Iterator[date]:
        """Yield the days of the driver's life here, the newest first."""
        today = self.now.date()
        lived = (today - self.driver.created_at.date()).days
        yield from (today - timedelta(days=back) for back in range(-1, min(lived, most) + 1))


@dataclass(frozen=True)
class Collector:
    """A part of an export.

    Parameters
    ----------
    section : str
        Name of the file, without its ending.
    classes : tuple of str
        Names of the classes of ``kernel/retention.py`` that it covers.
    collect : callable
        Returns what is held, to be written as JSON.
    """

    section: str
    classes: tuple[str, ...]
    collect: Callable[[Gathering], Any]


def _person(of: Gathering) -> Any:
    try:
        person = vault.person(of.driver.person_token)
    except Gone:
        return {"erased": True}
    return person.model_dump(mode="json", exclude={"id", "sequence"})


def _driver(of: Gathering) -> Any:
    return of.driver.model_dump(mode="json", exclude={"sequence", "person_token"})


def _positions(of: Gathering) -> Any:
    newest = tracking.newest([of.driver.id]).get(of.driver.id)
    trail_of = {str(day): tracking.trail_of(of.driver.id, day) for day in of.days(retention.POSITIONS.days + 1)}
    return {
        "newest": newest and newest.model_dump(mode="json"),
        "by_day": {day: _dumped(fixes) for day, fixes in trail_of.items() if fixes},
    }


def _offers(of: Gathering) -> Any:
    """Return the offers that asked the driver in what is kept, without other drivers."""
    told = []
    for offer in offering.listed_for(of.driver.id):
        mine = next((one for one in offer.candidates if one.driver_id == of.driver.id), None)
        answer = next((one for one in offer.declines if one.driver_id == of.driver.id), None)
        told.append(
            {
                "offer_id": offer.id,
                "made_at": offer.made_at.isoformat(),
                "expires_at": offer.expires_at.isoformat(),
                "delivery_ids": offer.delivery_ids,
                "pay": offer.pay.model_dump(mode="json"),
                "score": mine and mine.model_dump(mode="json"),
                "declined": answer and answer.model_dump(mode="json"),
                "accepted": offer.driver_id == of.driver.id,
            }
        )
    return told


def _decisions(of: Gathering) -> Any:
    return _dumped(decisions.everything_about(of.driver.id, of.clock))


def _deliveries_of(of: Gathering) -> Iterator[Delivery]:
    for day in of.days():
        asked = Filters(driver_id=of.driver.id, day=day)
        yield from every_page(partial(deliveries.listed, asked, limit=AT_ONCE))


def _deliveries(of: Gathering) -> Any:
    def told(delivery: Delivery) -> dict[str, Any]:
        mine = [step for step in delivery.timeline if step.actor == of.driver.id]
        return {
            **delivery.model_dump(mode="json", include=OF_DELIVERY),
            "your_steps": _dumped(mine),
            "pay": _dumped(delivery.price.pay),
        }

    return [told(delivery) for delivery in _deliveries_of(of)]


def _pictures(of: Gathering) -> Any:
    """Return the list of pictures that the driver took; the pictures show customers' doors and stay."""
    listed = []
    for delivery in _deliveries_of(of):
        record = proof.record_of(delivery, of.driver.id)
        if record.driver_id != of.driver.id:
            continue
        for image in (*record.replaced, *record.images):
            listed.append(
                {"delivery_id": delivery.id, "kind": image.kind, "sha256": image.sha256, "bytes": image.bytes}
            )
    return listed


def _earnings(of: Gathering) -> Any:
    days = (payouts.earnings(of.driver.id, day) for day in of.days())
    return [found.model_dump(mode="json") for found in days if found.lines or found.payouts]


def _browsers(of: Gathering) -> Any:
    return [
        {"endpoint": one.endpoint, "created_at": one.created_at.isoformat()} for one in pushes.of_driver(of.driver.id)
    ]


def _changes_by_staff(of: Gathering) -> Any:
    """Return what staff changed about the driver and when; who did it is that person's data."""
    told: list[dict[str, Any]] = []
    for readings in (False, True):
        cursor: str | None = None
        while True:
            page = trail.listed(AuditFilters(subject=of.driver.id, readings=readings), cursor, AT_ONCE)
            told += [one.model_dump(mode="json", exclude={"by", "subjects"}) for one in page.entries]
            cursor = page.next_after
            if cursor is None:
                break
    return told


def _onboarding(of: Gathering) -> Any:
    """Return the application and what was given with it; a file may be lost, so tax and account numbers are masked."""
    driver_id = of.driver.id
    application_id = onboarding.application_id(driver_id)
    application = onboarding.find(application_id)
    kept = {
        "identity": vault.record(identity_token(driver_id), Identity),
        "tax_form": vault.record(tax_form_token(driver_id), TaxForm),
        "bank_account": vault.record(bank_account_token(driver_id), BankAccount),
        "connected_account": vault.record(connected_account_token(driver_id), ConnectedAccount),
        "report": vault.record(report_token(application_id), ScreeningReport),
        "dispute": vault.record(dispute_token(application_id), Statement),
        "assessment": vault.record(assessment_token(application_id), Statement),
    }
    told = {name: one and one.model_dump(mode="json", exclude={"id", "sequence"}) for name, one in kept.items()}
    for name, number in (("tax_form", "tin"), ("bank_account", "account_number")):
        if one := told[name]:
            told[name] = {**one, number: masked(one[number])}
    mine = application and application.model_dump(mode="json", exclude={"sequence", "addresses", "decided_by"})
    return {"application": mine, **told}


def _conduct(of: Gathering) -> Any:
    """Return the scorecard and the cases with their words; who of the staff decided is that person's data."""
    _, words = standing.held(of.driver.id)
    return {
        "scorecard": performance.held(of.driver.id).model_dump(mode="json", exclude={"sequence"}),
        "standing": standing.of_own(of.driver.id, of.clock).model_dump(mode="json"),
        "words": words,
    }


def _claims(of: Gathering) -> Any:
    """Return the claims that the driver is or was asked about, with the words; who decided is that person's data."""
    found, words = claims.held(of.driver.id)
    return DriverClaims.of(found, words, of.now).model_dump(mode="json")


def _dumped(values: Iterable[Value]) -> list[dict[str, Any]]:
    return [one.model_dump(mode="json") for one in values]


COLLECTORS = (
    Collector("person", ("name, phone, e-mail and plate of a driver",), _person),
    Collector("driver", (), _driver),
    Collector(
        "documents",
        (
            "pictures of a driver's documents",
            "what a driver's documents were, and decisions",
            "words to a driver about a document",
        ),
        lambda of: documents.folder(of.driver.id, of.clock).model_dump(mode="json"),
    ),
    Collector(
        "training",
        ("a driver's attempts at quizzes",),
        lambda of: training.trainings(of.driver.id, None, of.clock).model_dump(mode="json"),
    ),
    Collector(
        "onboarding",
        (
            "identity, bank and connected account of a driver",
            "tax form of a driver",
            "report of a background check, dispute, assessment",
        ),
        _onboarding,
    ),
    Collector(
        "conduct",
        ("words of a case about a driver's conduct", "cases about conduct without words, scorecards"),
        _conduct,
    ),
    Collector(
        "tax",
        (
            "yearly tax forms as filed",
            "copies of tax forms, letters about numbers",
            "files for the tax agency",
            "payments, notices and forms of a payee, by id",
        ),
        lambda of: tax.held_on(of.driver.id),
    ),
    Collector("claims", ("words of a claim about a delivery", "claims without words, refunds"), _claims),
    Collector("positions", ("positions of a driver's day", "newest position of a driver"), _positions),
    Collector("offers", ("lines of a driver's offers",), _offers),
    Collector("decisions", ("decisions of rounds, with drivers' ids and scores",), _decisions),
    Collector("deliveries", ("deliveries with two points, routes, proofs",), _deliveries),
    Collector("route", (), lambda of: routing.of(of.driver.id).model_dump(mode="json", exclude={"stops"})),
    Collector("pictures", ("pictures of a proof, also replaced ones",), _pictures),
    Collector(
        "extra_pay",
        ("drivers' work and duties for extra pay", "extra pay, blocks with bookings"),
        lambda of: {**incentives.held_on(of.driver.id), "blocks": blocks.held_on(of.driver.id, of.clock)},
    ),
    Collector(
        "pay_floors",
        ("drivers' engaged work, and pay floors",),
        lambda of: pay_floors.held_on(of.driver.id),
    ),
    Collector("earnings", ("ledger, statements, payouts",), _earnings),
    Collector(
        "messages",
        ("texts of messages and handled emergencies",),
        lambda of: {
            "messages": _dumped(messages.written_with(of.driver.id)),
            "emergencies": _dumped(emergencies.raised_by(of.driver.id)),
        },
    ),
    Collector("browsers", ("push subscriptions",), _browsers),
    Collector("changes_by_staff", ("audit trail",), _changes_by_staff),
    Collector(
        "requests",
        ("requests for correction",),
        lambda of: corrections.own(of.driver.id).model_dump(mode="json")["corrections"],
    ),
)
"""All parts of an export."""

NOT_OF_DRIVERS = {
    "invoices and payments of merchants": "a merchant's",
    "contacts of a delivery, PIN, recipient": "about customers and shops",
    "drivers' notes on a delivery": "about customers and their doors, written for whoever delivers there",
    "customers' comments": "a customer's words; staff read them out on request",
    "shops' messages without effect": "about customers",
    "digests of shops' orders": "about customers",
    "quotes with their points": "about customers",
    "points of addresses, by digest": "about customers",
    "event log, webhooks' and notices' attempts": "ids, times and outcomes, which the other parts have as well",
    "answers under an Idempotency-Key": "of merchants",
    "days on which keys were used": "of merchants",
    "deliveries counted for the tiers of a contract": "of merchants",
    "logs": "ids and outcomes, gone within 30 days",
    "facts of orders for a zone's sums, with drivers' ids": "copied from deliveries, which are in the export",
    "exceptions that finance is told of": "ids, amounts and codes of payouts, which are in the export",
    "days of zones in sums": "sums of many orders, about nobody",
    "finance's mails: recipients, when sent": "about staff",
    "exports of a driver's data": "a copy of what is exported",
    "bank files with account numbers": "lines of many drivers; account and payouts are exported from their tables",
}
"""Classes of data that an export leaves out, each with the reason."""
