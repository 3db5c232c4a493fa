"""Any colour of a merchant is readable in its mails, by day and by night."""

from hypothesis import given
from hypothesis import strategies as st

from crowdship.notify.colours import DARK, ENOUGH, LIGHT, contrast, readable


@given(st.from_regex(r"\A#[0-9a-f]{6}\Z"), st.sampled_from([LIGHT, DARK]))
def test_any_colour_is_readable_on_the_paper_and_under_it(colour, paper):
    assert contrast(readable(colour, paper), paper) >= ENOUGH


@given(st.from_regex(r"\A#[0-9a-f]{6}\Z"), st.sampled_from([LIGHT, DARK]))
def test_a_colour_that_is_readable_stays_as_it_is(colour, paper):
    if contrast(colour, paper) >= ENOUGH:
        assert readable(colour, paper) == colour


def test_the_rule_is_that_of_the_pages():
    """The same values stand in the test of ``web/src/parts/accent.ts``."""
    assert round(contrast("#ffffff", "#000000")) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48
