"""Phone numbers as people write them."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crowdship.drivers.model import DriverInput
from crowdship.kernel.reading import STORED
from crowdship.merchants.messaging import Branding
from crowdship.vault.model import Contact, DeliveryContacts
from crowdship.vault.phones import phone_number
from tests.city import driver_input


@pytest.mark.parametrize(
    ("written", "country", "right"),
    [
        ("\u202a+1 (312) 555\u20110123\u202c", "US", "+13125550123"),
        ("\u2066+1\u00a0312\u00a0555\u00a00123\u2069\ufeff", None, "+13125550123"),
        ("+1\t312 555-0123\r\n", None, "+13125550123"),
        ("312-555-0123 ext. 45", "US", "+13125550123"),
        ("(312) 555 0123", "us", "+13125550123"),
        ("+1.312.555.0123 x45", None, "+13125550123"),
        ("Mobile: 0170 1234567", "DE", "+491701234567"),
        ("0049 170 1234567", "DE", "+491701234567"),
        ("00 44 7911 123456", "US", "+447911123456"),
        ("011 44 7911 123456", "US", "+447911123456"),
        ("0011 44 7911 123456", "AU", "+447911123456"),
        ("612 345 678", "ES", "+34612345678"),
        ("8 912 345-67-89", "RU", "+79123456789"),
        ("21 12 34 56", "DK", "+4521123456"),
        ("+44 07911 123456", "GB", "+447911123456"),
        ("+44 (0)7911 123456", None, "+447911123456"),
        ("(+44) 7911 123456", None, "+447911123456"),
        ("+٤٤ ٧٩١١ ١٢٣٤٥٦", None, "+447911123456"),
        ("۰۹۱۲ ۳۴۵ ۶۷۸۹", "IR", "+989123456789"),
        ("＋１ ３１２ ５５５ ０１２３", None, "+13125550123"),
        ("tel:+1-312-555-0123", None, "+13125550123"),
        ("tel:312-555-0123;phone-context=+1", None, "+13125550123"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("+39 06 1234 5678", None, "+390612345678"),
        ("07 01 02 03 04", "CI", "+2250701020304"),
        ("01 97 12 34 56", "BJ", "+2290197123456"),
        ("55 1234 5678", "MX", "+525512345678"),
        ("011 15 2345 6789", "AR", "+5491123456789"),
        ("+1 555 000 0001", None, "+15550000001"),
        ("07700 900123", "GB", "+447700900123"),
        ("+800 1234 5678", None, "+80012345678"),
        ("+447700900123", None, "+447700900123"),
    ],
)
def test_a_number_is_read_as_it_is_written_in_its_country(written, country, right):
    assert phone_number(written, country).e164 == right


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("", "US"),
        ("call me", "US"),
        ("12", "US"),
        ("911", "US"),
        ("0123456789", "US"),
        ("312 555 0123", None),
        ("00 49 170 1234567", None),
        ("+12345", None),
        ("+1 555-0123", None),
        ("+10123456789", None),
        ("(312) 555-0123", "DE"),
        ("06 12 34 56 78", "US"),
        ("+0 312 555 0123", None),
        ("+999 312 555 0123", None),
        ("+225 07 01 02 03", None),  # eight digits, as they were until 2021
        ("1.31E+10", "US"),
        ("1.31E+10", None),
        ("13125550123.0", "US"),
        ("030 1234567 Bob", "DE"),
        ("491701234567", "DE"),
        ("49 170 1234567", "DE"),
        ("1-800-FLOWERS", "US"),
        ("(312) 555-0123 / (312) 555-0199", "US"),
        ("+13125550123,+13125550199", None),
        ("312 555 0123", "XX"),
        ("+1312555012345678", None),
        ("+1" + "0" * 70, None),
        ("\0+13125550123\0" * 9, None),
        ("+²³¹²⁵⁵⁵⁰¹²³⁹⁹⁹⁹⁹⁹⁹⁹", None),
    ],
)
def test_what_can_be_no_number_is_refused_and_not_repeated(written, country):
    with pytest.raises(ValueError, match="it ") as refusal:
        phone_number(written, country)
    assert not any(word in str(refusal.value) for word in written.split() if len(word) > 4)


@pytest.mark.parametrize("last", range(100))
def test_numbers_that_are_kept_for_examples_are_numbers(last):
    assert phone_number(f"(312) 555-01{last:02}", "US").e164 == f"+131255501{last:02}"


def contact(**fields):
    return Contact.model_validate({"name": "Kim Lee", "address": "9 Lake View", "phone": "+13125550123", **fields})


def test_the_api_keeps_e164_whatever_is_written_with_a_plus():
    assert contact(phone="+1 (312) 555-0123").phone == "+13125550123"
    assert Branding.model_validate({"support_phone": "+1 (312) 555-0123"}).support_phone == "+13125550123"
    assert DriverInput.model_validate({**dict(driver_input()), "phone": "+1 312 5550199"}).phone == "+13125550199"


def test_the_api_says_what_a_phone_number_must_look_like():
    with pytest.raises(ValidationError, match=r"needs a \+ and the country's code in front, for example \+13125550123"):
        contact(phone="312 555 0123")


def test_an_extension_is_kept_in_the_notes_if_there_is_room():
    assert contact(phone="+1 312 555 0123 ext. 45", notes="2nd bell").notes == "2nd bell; phone extension 45"
    assert contact(phone="+1 312 555 0123;ext=45").notes == "phone extension 45"
    full = contact(phone="+1 312 555 0123 x45", notes="n" * 490)
    assert (full.phone, full.notes) == ("+13125550123", "n" * 490)


def test_a_kept_number_is_read_back_without_being_read_as_written_again():
    kept = DeliveryContacts(id="pii_1", pickup=contact(), dropoff=contact())
    assert DeliveryContacts.model_validate_json(kept.model_dump_json(), context=STORED) == kept
    program = (
        "import sys\n"
        "from crowdship.kernel.reading import STORED\n"
        "from crowdship.vault.model import DeliveryContacts\n"
        f"DeliveryContacts.model_validate_json({kept.model_dump_json()!r}, context=STORED)\n"
        "sys.exit('phonenumbers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{program}"]).returncode == 0


@given(
    st.text(max_size=80) | st.text("+0123456789 ()-.xt٣５;=", max_size=40),
    st.none() | st.sampled_from(["US", "DE", "IT"]),
)
def test_any_text_is_a_number_in_e164_or_refused(written, country):
    try:
        found = phone_number(written, country).e164
    except ValueError:
        return
    assert found.isascii()
    assert found[1:].isdigit()
    assert phone_number(found).e164 == found
