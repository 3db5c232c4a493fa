"""Each kind of document has its last day, by our limits and the law of the place, and drivers who are asked for it."""

from datetime import date, timedelta

import pytest

from crowdship.documents.kinds import KINDS, PaperKind, asked_of, last_day, latest_day
from crowdship.drivers.compliance import REQUIRED_DOCUMENTS
from crowdship.drivers.credentials import Credential
from crowdship.kernel.errors import Unprocessable
from crowdship.shipment.vehicles import VehicleKind

TODAY = date(2026, 6, 1)
CERTIFICATE = PaperKind.ALCOHOL_CERTIFICATE


def test_each_kind_is_registered():
    assert KINDS.keys() == set(PaperKind)


@pytest.mark.parametrize("vehicle", VehicleKind)
def test_whatever_work_needs_is_asked_for(vehicle):
    assert REQUIRED_DOCUMENTS[vehicle] <= {KINDS[kind].proves for kind in asked_of(vehicle)}


@pytest.mark.parametrize("kind", [kind for kind in PaperKind if KINDS[kind].grants])
def test_a_kind_grants_a_credential_of_a_name_that_can_be_one(kind):
    assert Credential(name=KINDS[kind].grants).name == KINDS[kind].grants


@pytest.mark.parametrize(
    ("places", "today", "latest"),
    [
        (("US", "US-TX"), TODAY, date(2028, 6, 1)),
        (("US", "US-TX", "US-TX-travis"), date(2028, 2, 29), date(2030, 3, 1)),
        (("US", "US-IL"), TODAY, date(2031, 6, 2)),
        ((), TODAY, date(2031, 6, 2)),
        (("US", "US-TX"), date(2019, 12, 31), date(2024, 12, 31)),
    ],
)
def test_a_certificate_is_valid_in_texas_for_two_years(places, today, latest):
    assert latest_day(CERTIFICATE, places, today) == latest


def test_the_last_day_is_from_today_to_the_latest():
    latest = latest_day(PaperKind.INSURANCE, (), TODAY)
    for day in (TODAY, latest):
        assert last_day(PaperKind.INSURANCE, day, TODAY, latest) == day
    for day, code in ((TODAY - timedelta(days=1), "expired"), (latest + timedelta(days=1), "too_far")):
        with pytest.raises(Unprocessable) as refused:
            last_day(PaperKind.INSURANCE, day, TODAY, latest)
        assert refused.value.code == code
