"""Fifty worked cases, each reckoned three ways: by hand in the table, by the code, and again from raw records."""

import csv
from collections import defaultdict
from datetime import UTC
from decimal import Decimal
from pathlib import Path

import pytest

from crowdship.kernel.money import Money
from crowdship.law.book import FOLDER, LAW, Book
from crowdship.law.model import Status
from crowdship.pay_floors import nyc
from crowdship.pay_floors.registry import SCHEMES
from crowdship.pay_floors.work import Reading, Span, Work, seconds_of, without
from tests.unit.pay_floors.cases import cases
from tests.unit.pay_floors.recalculation import owed

CASES = list(cases())
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "pay-floors.md"
PAY = FOLDER / "tables" / "pay.csv"


@pytest.fixture(scope="module")
def forum(tmp_path_factory):
    """Return the table of a law as the drivers' forum had it: a minimum wage of 15.00, and 0.30 a mile."""
    folder = tmp_path_factory.mktemp("law")
    (folder / "tables").mkdir()
    for name in ("rules.csv", "jurisdictions.csv"):
        (folder / name).write_text((FOLDER / name).read_text())
    head, *_ = PAY.read_text().splitlines()
    rows = [
        "US-CA,minimum_wage,2021-01-01,,15.00 USD,per_hour,published,forum,",
        "US-CA,engaged_wage_percent,2020-12-16,,120,percent,published,forum,",
        "US-CA,engaged_per_mile,2021-01-01,,0.30 USD,per_mile,published,forum,",
    ]
    (folder / "tables" / "pay.csv").write_text("\n".join([head, *rows]) + "\n")
    return folder


def work_of(raw):
    """Return the work that raw records tell of, with an odometer that runs evenly."""
    city = "US-WA-seattle"
    inside = {}
    if raw.inside:
        begin, end = (raw.accepted + (raw.ended - raw.accepted) * minute / raw.minutes for minute in raw.inside)
        inside = {city: ((begin, end),)}
    return Work(
        driver_id=raw.driver,
        delivery_id=raw.name,
        zone_id="zone",
        offer_id=raw.offer,
        since=raw.accepted,
        until=raw.ended,
        pickup_law=raw.pickup,
        dropoff_law=raw.dropoff,
        pay=Money.of(raw.pay, "USD"),
        odometer=(Reading(at=raw.accepted, metres=0), Reading(at=raw.ended, metres=raw.metres)),
        inside=inside,
    )


def reckoned(case, law):
    """Return the floor and what is owed by driver, by the code: each driver by themselves, then all together."""
    scheme = SCHEMES[case.place]
    period = scheme.calendar.period_on(case.first)
    works, duties, all_works = defaultdict(list), defaultdict(list), defaultdict(list)
    for raw in case.works:
        all_works[raw.driver].append(work_of(raw))
        if period.holds(raw.ended):
            works[raw.driver].append(work_of(raw))
    for duty in case.duties:
        duties[duty.driver].append(Span(duty.since.astimezone(UTC), duty.until.astimezone(UTC)))
    least, short, figures = {}, {}, {}
    for driver in sorted({*works, *duties}):
        taken = scheme.taken_before(all_works[driver], period)
        found = scheme.reckon(works[driver], period, scheme.calendar, law, taken)
        on_call = seconds_of(nyc.on_call(duties[driver], all_works[driver], period))
        if found is None and not on_call:
            continue
        least[driver], short[driver] = (found.least.amount, found.short.amount) if found else (0, 0)
        trips = without((work.span for work in nyc.counted(works[driver])), taken)
        earned = found.earned.amount if found else 0
        figures[driver] = nyc.Totals(seconds_of(trips), on_call, earned + short[driver])
    if scheme.counts_on_call and (rule := nyc.rate_of(period, law)):
        totals = nyc.Totals()
        for own in figures.values():
            totals = totals.plus(own)
        all_short, before = nyc.all_short(totals, rule), nyc.Totals()
        for driver, own in figures.items():
            short[driver] += nyc.spread(all_short, before, own, totals).amount
            before = before.plus(own)
    return least, short


def cents(amounts):
    return {driver: int(amount * 100) for driver, amount in amounts.items()}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_figure_by_hand_is_that_of_the_code_and_of_a_second_reckoning(case, forum):
    folder = forum if case.law else FOLDER
    least, due = reckoned(case, Book(forum) if case.law else LAW)
    assert least == cents(case.least)
    assert due == cents(case.due)
    assert owed(case, folder / "tables" / "pay.csv") == cents(case.due)


def test_there_are_at_least_forty_cases_with_names_of_their_own():
    assert len({case.name for case in CASES}) == len(CASES) >= 40


def test_the_document_has_every_case_with_its_figures():
    text = DOCUMENT.read_text()
    with (Path(__file__).with_name("cases.csv")).open() as lines:
        rows = list(csv.DictReader(lines))
    missing = [
        row["case"]
        for row in rows
        if f"| {row['case']} | {row['least'] or '-'} | {row['due'] or '-'} | {row['by_hand']} |" not in text
    ]
    assert missing == []


@pytest.mark.parametrize("code", ["US-MN", "US-MN-minneapolis", "US-MA", "US-WA", "US-CO", "EU-ES"])
def test_no_floor_is_reckoned_where_law_sets_none_for_deliveries(code):
    assert code not in SCHEMES
    assert all(
        scheme.counted([work_of(CASES[0].works[0]).model_copy(update={"pickup_law": (code,)})]) == []
        for scheme in SCHEMES.values()
    )


def test_a_calculation_with_a_derived_figure_is_not_certain():
    certain = {case.name: _reckoning(case).is_certain for case in CASES if case.works and not case.law and case.least}
    derived = next(case for case in CASES if "derived figures" in case.name)
    assert certain[derived.name] is False
    assert certain["offer of 18 minutes and 4.2 miles in 2025"] is True
    statuses = {rule.status for step in _reckoning(derived).steps for rule in step.rules}
    assert statuses == {Status.DERIVED}


def _reckoning(case):
    scheme = SCHEMES[case.place]
    period = scheme.calendar.period_on(case.first)
    works = [work_of(raw) for raw in case.works if raw.driver == "A" and period.holds(raw.ended)]
    found = scheme.reckon(works, period, scheme.calendar, LAW)
    return found or _certain_nothing()


def _certain_nothing():
    from crowdship.pay_floors.steps import Reckoning

    zero = Money.of(Decimal(0), "USD")
    return Reckoning(least=zero, earned=zero, short=zero)
