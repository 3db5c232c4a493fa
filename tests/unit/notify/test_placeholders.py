"""Templates are text with fields and optional parts, and hold no code."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.notify.placeholders import read

FIELDS = {"name", "pin", "link"}


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("Hello {name}.", {"name": "Ana"}, "Hello Ana."),
        ("on its way[, PIN {pin}]. {link}", {"pin": "", "link": "L"}, "on its way. L"),
        ("on its way[, PIN {pin}]. {link}", {"pin": "1", "link": "L"}, "on its way, PIN 1. L"),
        ("[{name} and {pin}]", {"name": "Ana"}, ""),
        ("{{name}} [[x]]", {}, "{name} [x]"),
        ("{name}", {"name": "{pin}[{link}]"}, "{pin}[{link}]"),
    ],
)
def test_a_template_is_filled(template, values, text):
    assert read(template, FIELDS).filled(values) == text


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{pni}", "there is no field {pni} here; there are {link}, {name}, {pin}"),
        ("{name.__class__}", "there is no field {name.__class__}"),
        ("{}", "there is no field {}"),
        ("{name!r}", "there is no field"),
        ("{ name }", "there is no field"),
        ("{name", "a { stands alone; write {{"),
        ("name}", "a } stands alone; write }}"),
        ("[{name}", "a [ is not closed; write [["),
        ("{name}]", "a ] stands alone; write ]]"),
        ("[{name}[{pin}]]", "can't hold another one"),
        ("[always]", "holds no field"),
    ],
)
def test_a_template_that_can_not_be_filled_is_refused_with_what_would_be_right(template, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        read(template, FIELDS)


@given(st.text(alphabet="{}[]nameplik .", max_size=40), st.text(max_size=5))
def test_whatever_is_written_is_refused_by_a_sentence_or_filled(template, value):
    with suppress(ValueError):
        known = read(template, FIELDS)
        assert known.fields <= FIELDS
        assert isinstance(known.filled({"name": value, "pin": value, "link": value}), str)
