"""AWS in this process: moto, with every table that the stores know."""

import copy
import importlib
import pkgutil
from functools import cache

import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID, responses
from moto.core.serialize import AttributePicker
from moto.dynamodb.models import dynamodb_backends
from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

import crowdship
from crowdship.adapters.storage import Row, meta


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


def _dynamodb():
    return dynamodb_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]


@cache
def _empty_tables():
    """Made once: fifteen tables take longer to make than most tests take."""
    with mock_aws():
        for table in _tables():
            table.create_table(billing_mode="PAY_PER_REQUEST", wait=True)
        return copy.deepcopy(dict(_dynamodb().tables))


def saved_tables():
    """What all tables hold; ``restore_tables`` brings it back."""
    return copy.deepcopy(dict(_dynamodb().tables))


def restore_tables(saved):
    """Let all tables hold what they held."""
    _dynamodb().tables.update(copy.deepcopy(saved))


def items_of(table):
    """What a table holds, to be changed."""
    return _dynamodb().tables[table].items


_pick = AttributePicker.__call__
_TYPES = frozenset(("S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"))


def _pick_by_name(self, context):
    """A quarter of a call to a table went into looking for other spellings of what is there by its own name.

    Another quarter went into looking for all that a value is not: of its ten types it has one.
    """
    if type(context.obj) is dict and not self.response_transformers:
        if context.key in context.obj:
            return context.obj[context.key]
        if len(context.obj) == 1 and context.obj.keys() <= _TYPES:
            return None
    return _pick(self, context)


AttributePicker.__call__ = _pick_by_name

# Which operations a service has was looked up anew for each call.
responses.method_names_from_class = cache(responses.method_names_from_class)


@pytest.fixture
def aws(monkeypatch):
    """A fresh, empty account."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    empty = _empty_tables()
    with mock_aws():
        restore_tables(empty)
        yield
