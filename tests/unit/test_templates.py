"""Each template of the package is sent by somebody, and uses no field that it is not handed."""

from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from jinja2 import meta

from crowdship.drivers.standing import Level
from crowdship.insight.finance.model import MailKind
from crowdship.kernel.language import Language
from crowdship.notify import rendering
from crowdship.notify.channel import Channel
from crowdship.notify.customers.facts import DeliveryFacts
from crowdship.notify.customers.writing import CustomerTexts
from crowdship.notify.drivers.applications import ApplicationFacts
from crowdship.notify.drivers.claims import ClaimNotice
from crowdship.notify.drivers.facts import PaperFact, PapersFacts, RouteFacts
from crowdship.notify.drivers.payouts import PayoutFacts
from crowdship.notify.drivers.service import FACTS as OF_DRIVERS
from crowdship.notify.drivers.standing import StandingFacts
from crowdship.notify.drivers.tax import TaxFacts
from crowdship.notify.merchants.notices import EndpointFacts, InvoiceFacts
from crowdship.notify.notices import Audience
from crowdship.notify.registry import NOTICES
from crowdship.notify.texts import NoticeTexts
from crowdship.standing.values import Change
from crowdship.tax.model import NoticeKind, WithholdingReason
from crowdship.vault.applicants import ReportedRecord
from local.tools.finance_mails import mail

NOW = datetime(2026, 11, 23, 19, 12, tzinfo=UTC)
BARE = DeliveryFacts(
    merchant_name="Corner Bakery", customer_name="Ana", external_id="order-7", link="https://x.example/t"
)
FULL = BARE.model_copy(
    update={
        "eta": NOW + timedelta(minutes=12),
        "pin": "4821",
        "minimum_age": 21,
        "support": ("+13125550100", "a@b.example"),
    }
)
FILES = sorted(path.relative_to(rendering.PACKAGE).as_posix() for path in rendering.PACKAGE.rglob("*.j2"))


MERCHANTS = {
    "endpoint": tuple(
        EndpointFacts(merchant_name="Corner Bakery", url="https://shop.example/hook", because=because)
        for because in ("gone", "failing")
    ),
    "invoice": tuple(
        InvoiceFacts(
            merchant_name="Corner Bakery", number="INV-7", open="25.00 USD", due_on="2026-11-16", step=n, flagged=n > 2
        )
        for n in (1, 2, 3)
    ),
}
"""Facts of notices to merchants, by the first word of the event."""
INSURANCE = PaperFact(name="insurance", valid_until=NOW.date(), days=0)
PAPERS = tuple(
    PapersFacts(papers=(INSURANCE,) * number, paused=paused, kind="insurance")
    for number in (1, 2)
    for paused in (True, False)
)
RECORDS = (
    ReportedRecord(title="Speeding"),
    ReportedRecord(title="Theft", date=NOW.date(), place="Cook County, IL", outcome="Fined"),
)
DRIVERS = {
    "route": tuple(RouteFacts(stops=stops) for stops in (0, 1, 2)),
    "driver": PAPERS,
    "document": PAPERS,
    "standing": tuple(
        StandingFacts(
            change=change,
            level=level,
            level_before=level,
            effective_on="2026-12-08",
            until="2026-12-15",
            appeal_until="2026-12-23 19:58",
            reasons="You were elsewhere.",
        )
        for change, level in product(Change, Level)
    ),
    "tax": (
        *(TaxFacts(reason=reason) for reason in WithholdingReason),
        *(TaxFacts(kind=kind, withhold_from=NOW.date()) for kind in NoticeKind),
        *(TaxFacts(year=2026, corrected=one, by_mail=one) for one in (True, False)),
    ),
    "claim": tuple(
        ClaimNotice(what=what, answer_by="2026-12-01 12:00", held=held, taken=held)
        for what, held in product(("opened", "decided", "withdrawn"), (None, "5.00 USD"))
    ),
    "payout": tuple(
        PayoutFacts(what=what, act=act, amount="5.00 USD", period="2026-11-30")
        for what, act in product(("failed", "returned", "held", "account_corrected"), ("account", "nothing"))
    ),
    "application": (
        ApplicationFacts(reason="not eligible"),
        ApplicationFacts(
            provider="Clear Roads", records=RECORDS, decide_on=NOW.date(), assessment="Not long ago.", reason="x"
        ),
    ),
}
"""Facts of notices to drivers, by the first word of the event."""


def facts_of(notice):
    if notice.audience is Audience.CUSTOMER:
        return (BARE, FULL)
    facts = DRIVERS if notice.audience is Audience.DRIVER else MERCHANTS
    return facts[notice.event.partition(".")[0]]


TEXTS = {Channel.SMS: lambda texts: texts.sms(NOW), Channel.EMAIL: lambda texts: texts.letter(NOW)}


def send_everything():
    for notice in (*NOTICES, *(notice.instead for notice in NOTICES if notice.instead)):
        channels = TEXTS.keys() & notice.channels
        for channel, facts in product(channels, facts_of(notice) if channels else ()):
            texts = CustomerTexts(notice.name, facts) if notice.audience is Audience.CUSTOMER else None
            texts = texts or NoticeTexts(notice, facts)
            TEXTS[channel](texts)
    for kind in MailKind:
        mail(kind, Language.ENGLISH)


@pytest.fixture
def handed(monkeypatch):
    """The names of the fields that each template was handed, after everything was sent once."""
    found = {}

    def noting(template, fields):
        found.setdefault(template, set()).update(fields)
        return original(template, fields)

    original = rendering.rendered
    for module in (
        "crowdship.notify.rendering",
        "crowdship.notify.texts",
        "crowdship.notify.customers.writing",
        "crowdship.insight.finance.writing.page",
    ):
        monkeypatch.setattr(f"{module}.rendered", noting)
    send_everything()
    return found


def test_all_facts_of_drivers_are_tried():
    assert DRIVERS.keys() == OF_DRIVERS.keys()


def test_no_two_notices_of_an_audience_share_a_name():
    assert len({(notice.audience, notice.name) for notice in NOTICES}) == len(NOTICES)


def parsed(template):
    return rendering.environment().parse(Path(rendering.PACKAGE, template).read_text())


def test_every_template_is_sent_or_part_of_one_that_is(handed):
    parts = {part for template in FILES for part in meta.find_referenced_templates(parsed(template))}
    assert set(FILES) == handed.keys() | parts


def test_no_template_uses_a_field_that_it_is_not_handed(handed):
    for template, fields in handed.items():
        for part in (template, *meta.find_referenced_templates(parsed(template))):
            assert meta.find_undeclared_variables(parsed(part)) <= fields, part


@pytest.mark.parametrize("template", FILES)
def test_a_template_is_named_after_the_form_that_it_is_written_in(template):
    """The name decides whether values are escaped."""
    is_markup = "<html" in Path(rendering.PACKAGE, template).read_text()
    assert template.endswith(".html.j2") == is_markup
