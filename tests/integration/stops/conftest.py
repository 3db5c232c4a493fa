"""Drivers at the stops: helpers that several files share."""

import pytest

from tests.buckets import proof_bucket


@pytest.fixture
def images(aws):
    return proof_bucket()
