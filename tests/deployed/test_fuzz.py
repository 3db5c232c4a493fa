"""A short run of `make fuzz`; a longer one finds more."""

import pytest

from local.running import RunningStack
from local.tools.fuzz import fuzz


@pytest.mark.timeout(600)
def test_no_made_up_request_gets_an_answer_that_the_document_does_not_know(stack: RunningStack) -> None:
    runs = list(fuzz(stack, examples=5, seconds=10, seed=1))
    assert {(run.caller, run.ids) for run in runs} == {
        (caller, ids) for caller in ("merchant", "driver", "staff", "nobody") for ids in ("real", "made up")
    }
    for run in runs:
        assert run.cases > 0, run.output
        assert not run.failures, f"as {run.caller}, ids {run.ids}:\n{run.output}"
