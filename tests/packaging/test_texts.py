"""The texts that people are sent come with what is deployed, and cost nothing until one is sent."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.parts.layers import Compiler
from local import layers
from tests.packaging.test_layers import each_function, imported

SEND = """
import sys
sys.path[:0] = sys.argv[1:]
from datetime import UTC, datetime
from crowdship.notify.merchants.notices import ENDPOINT_DISABLED, EndpointFacts
from crowdship.notify.texts import letter_for
facts = EndpointFacts(merchant_name="Corner Bakery", url="https://shop.example/hook", because="gone")
print(letter_for(ENDPOINT_DISABLED, facts, datetime(2026, 11, 23, tzinfo=UTC)).text)
"""


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    if not layers.are_built("native"):
        pytest.fail("the layers are not what their requirements say: run `make setup`")


def test_a_letter_is_written_from_the_deployed_layers_alone(tmp_path: Path) -> None:
    assert Compiler(layers.ROOT / "layers" / "crowdship").try_bundle(str(tmp_path), None)
    path = [layers.BUILD / "native" / "light" / "python", tmp_path / "python"]

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", SEND, *map(str, path)],
        env={"PATH": os.environ["PATH"]},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Hello Corner Bakery,")


@each_function
def test_no_function_loads_the_template_engine_before_a_text_is_sent(function: str) -> None:
    assert "jinja2" not in imported(function)["files"]
