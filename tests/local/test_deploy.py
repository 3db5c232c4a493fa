"""Several stacks are deployed one after the other, and told of as one."""

import json

import pytest

from local.deploy import DeployError, stacks_in_order, united


def test_the_outputs_of_all_stacks_are_one():
    assert united({"Data": {"MapsBucket": "maps"}, "Api": {}, "Shared": {"ApiId": "a1"}}) == {
        "MapsBucket": "maps",
        "ApiId": "a1",
    }


def test_an_output_that_two_stacks_have_is_refused():
    with pytest.raises(DeployError, match="Orders and Shared both have an output ApiId: rename one"):
        united({"Shared": {"ApiId": "a1"}, "Orders": {"ApiId": "a2"}})


def test_a_stack_is_deployed_after_those_it_depends_on(tmp_path):
    def stack(*needed):
        return {"type": "aws:cloudformation:stack", "dependencies": [*needed, f"{needed or 'Data'}.assets"]}

    artifacts = {"Api": stack("Orders", "Money"), "Money": stack("Shared"), "Orders": stack("Shared")}
    artifacts |= {"Shared": stack("Data"), "Data": stack()}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))

    assert [name for name, _ in stacks_in_order(tmp_path)] == ["Data", "Shared", "Orders", "Money", "Api"]
