"""Documents of drivers: helpers that several files share."""

import pytest

from tests.buckets import documents_bucket


@pytest.fixture
def bucket(aws):
    return documents_bucket()
