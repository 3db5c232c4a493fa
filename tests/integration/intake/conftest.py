"""Systems beside AWS that the intake talks to, imitated on this machine."""

import pytest

from local.imitations.bigcommerce import BigCommerce


@pytest.fixture
def bigcommerce(monkeypatch):
    """A BigCommerce store; only the stage on one machine may ask it without TLS."""
    monkeypatch.setenv("STAGE", "local")
    with BigCommerce() as store:
        yield store
