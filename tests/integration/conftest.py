"""AWS in this process: moto, with every table that the stores know."""

import importlib
import pkgutil

import pytest
from moto import mock_aws
from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

import crowdship
from crowdship.kernel.storage import Row, meta


class _Idempotency(Model):
    Meta = meta("idempotency")
    id = UnicodeAttribute(hash_key=True)


def _all_rows(kind=Row):
    for child in kind.__subclasses__():
        if hasattr(child, "Meta"):
            yield child
        yield from _all_rows(child)


def _tables():
    """One model per table: the one that knows its indexes."""
    for module in pkgutil.walk_packages(crowdship.__path__, "crowdship."):
        if module.name.endswith(".store"):
            importlib.import_module(module.name)
    tables = {}
    for row in _all_rows():
        name = row.Meta.table_name
        if name not in tables or row._indexes:
            tables[name] = row
    return [*tables.values(), _Idempotency]


@pytest.fixture
def aws(monkeypatch):
    """A fresh, empty account."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        for table in _tables():
            table.create_table(billing_mode="PAY_PER_REQUEST", wait=True)
        yield
