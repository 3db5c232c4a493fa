"""People as they are kept: texts that a letter and a driver's screen can show."""

import pytest
from pydantic import ValidationError

from crowdship.merchants.model import MerchantInput
from crowdship.vault.model import Contact


def contact(**fields):
    return Contact.model_validate({"name": "Kim Lee", "address": "9 Lake View", "phone": "+13125550123", **fields})


@pytest.mark.parametrize("mark", ["\n", "\r\n", "\0", "\x1b", "\x85", "\u2028", "\t"])
def test_a_name_and_an_address_are_one_line_whatever_marks_are_in_them(mark):
    told = contact(name=f"Kim{mark}Lee{mark}", address=f"{mark}9{mark}Lake View")
    assert " ".join(told.name.split()) == "Kim Lee"
    assert " ".join(told.address.split()) == "9 Lake View"
    assert told.name.isprintable()
    with pytest.raises(ValidationError, match="name"):
        contact(name=mark * 3)
    shop = MerchantInput.model_validate({"name": f"Bakery{mark}Bcc: x@y.example", "billing_email": "b@shop.example"})
    assert shop.name.isprintable()


@pytest.mark.parametrize(
    "email", ["a\0@b.example", "a@b.example\n", "a@b.exam\x7fple", "a b@c.example", "a@b", "@b.example"]
)
def test_an_e_mail_address_has_no_spaces_and_no_control_characters(email):
    with pytest.raises(ValidationError, match="email"):
        contact(email=email)
