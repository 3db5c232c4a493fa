"""Tests that share what is expensive are one group, which one process gets."""

import pytest

pytestmark = pytest.mark.xdist_group("a group")


def test_tests_are_dealt_out_by_an_id_with_their_group(request):
    assert request.node.nodeid.endswith("@a group") is request.config.getoption("loadgroup", False)
