"""AWS in this process: tables of our own, which a test compares with moto, and moto for all other services."""

from contextlib import contextmanager
from functools import cache

import pytest
from botocore.client import BaseClient
from moto import mock_aws
from moto.core import responses

from benchmarks.support.memory_tables import MemoryTables
from crowdship.adapters.storage import meta
from infra.tables import TABLES

_tables = MemoryTables(TABLES, lambda name: meta(name).table_name)


def saved_tables():
    """Return the items of all tables; ``restore_tables`` brings them back."""
    return _tables.saved()


def restore_tables(saved):
    """Let all tables hold what they held."""
    _tables.restore(saved)


def items_of(table):
    """Return all items of a table."""
    return list(_tables.tables[table].every())


def fill(table, items):
    """Let a table hold some items besides what it holds."""
    for item in items:
        _tables.put(table, item)


def clear(table):
    """Let a table hold nothing."""
    for partition in list(_tables.tables[table].rows):
        _tables.drop(table, partition)


_EMPTY, _CALL = saved_tables(), BaseClient._make_api_call


@contextmanager
def empty_account():
    """An account whose tables are empty, and nothing else in it."""
    assert BaseClient._make_api_call is _CALL, "another test's calls are still answered"
    restore_tables(_EMPTY)
    with mock_aws(), _tables.answering(only=False):
        yield


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
    with empty_account():
        yield
