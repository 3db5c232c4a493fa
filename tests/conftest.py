"""What Powertools reads when it is imported, set before anything imports it; one reader of botocore's files; groups."""

import functools
import os
from collections.abc import Callable

import botocore.session
import pytest
from _pytest.nodeid import coerce_node_id

os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Crowdship")
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "test")
os.environ.setdefault("POWERTOOLS_TRACE_DISABLED", "true")

from aws_lambda_powertools import Metrics
from hypothesis import settings as hypothesis

from crowdship.adapters.settings import settings


def _reading_anew[**P, R](change: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(change)
    def changed(*args: P.args, **named: P.kwargs) -> R:
        try:
            return change(*args, **named)
        finally:
            settings.cache_clear()

    return changed


# A test that sets a variable of the environment wants it read.
for _name in ("setenv", "delenv", "undo"):
    setattr(pytest.MonkeyPatch, _name, _reading_anew(getattr(pytest.MonkeyPatch, _name)))

# Moto starts a new session for each test, and each would read the descriptions of its services anew: half of a
# test's time.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)


# Timing decides no test: a busy machine takes seconds for an example that takes milliseconds on a quiet one.
hypothesis.register_profile("untimed", deadline=None)
hypothesis.load_profile("untimed")


@pytest.fixture(autouse=True)
def no_metrics_of_another_test():
    """Each test begins with nothing counted.

    Powertools keeps metrics in the process until a handler flushes them, and most tests count without a handler. A
    handler's test printed what the tests before it in the same process had counted.
    """
    Metrics().clear_metrics()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process have all tests of a group, as ``--dist loadgroup`` promises.

    xdist 3.8 writes the group where pytest 9.2 no longer looks for a test's id: each process started the emulator and
    synthesised the stack for itself.
    """
    for item in items:
        with_group = vars(item).get("_nodeid")
        if with_group is not None:
            item._id = coerce_node_id(with_group)
