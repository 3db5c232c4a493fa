"""Cursors lead on in the list and the query that they came from, and nowhere else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowdship.kernel.cursors import cursor_of, position_of
from crowdship.kernel.errors import Unprocessable

NUMBER = re.compile(r"[0-9]+")
queries = st.text(max_size=20)


@given(st.integers(min_value=0).map(str), queries)
def test_a_cursor_stands_for_its_position_in_its_query(position, query):
    assert position_of(cursor_of(position, query), NUMBER, query) == position


@given(st.integers(min_value=0).map(str), queries, queries)
def test_a_cursor_of_another_query_is_refused(position, query, other):
    if query == other:
        return
    with pytest.raises(Unprocessable) as refusal:
        position_of(cursor_of(position, query), NUMBER, other, parameter="after")
    assert (refusal.value.code, refusal.value.pointer) == ("bad_cursor", "/query/after")


@given(st.text(), queries)
def test_a_text_that_is_no_cursor_is_refused(text, query):
    with pytest.raises(Unprocessable):
        position_of(text, re.compile("no position has this form"), query)
