"""The table of retention in the documents is the one in the code."""

from datetime import timedelta
from pathlib import Path

import pytest

from crowdship.kernel.retention import CLASSES, DataClass, Means
from crowdship.proof.images import FORM_VALID_S
from infra.tables import TABLES

PRIVACY = Path(__file__).parents[3] / "docs" / "privacy.md"


def said(period: timedelta | None) -> str:
    """Return a period as the document writes it."""
    return "" if period is None else f"{period.days} {'day' if period.days == 1 else 'days'}"


def test_the_document_has_every_class_with_its_period() -> None:
    rows = [f"| {one.name} | {one.where} | {said(one.kept)} | {one.since} | {one.means or ''} |" for one in CLASSES]
    section = PRIVACY.read_text().partition("## How long data is kept")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")][2:]
    assert table == rows


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: one.name)
def test_a_class_has_a_period_exactly_if_something_deletes_it_by_time(one: DataClass) -> None:
    assert (one.kept is not None) == (one.means in (Means.TTL, Means.LIFECYCLE, Means.LOG_GROUP))
    assert bool(one.since) == (one.kept is not None)


def test_every_table_has_a_class_and_those_with_an_end_can_delete() -> None:
    named = {place: one for one in CLASSES for place in one.where.split(", ")}
    # Zones, traffic, merchants: settings, sums and companies.
    assert TABLES.keys() - named.keys() == {"zones", "traffic", "merchants"}
    for one in CLASSES:
        if one.means is Means.TTL:
            assert all(TABLES[place].expires for place in one.where.split(", ")), one.name


def test_nobody_can_upload_a_picture_once_an_erasure_may_have_begun() -> None:
    from crowdship.deliveries.delivery.corrections import CORRECTABLE_FOR

    assert timedelta(seconds=FORM_VALID_S) < CORRECTABLE_FOR
