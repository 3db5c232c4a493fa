"""The tour and the glossary name files that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "layers" / "crowdship" / "python" / "crowdship"


def named_in(document):
    text = (ROOT / "docs" / document).read_text()
    return sorted({name for name in re.findall(r"`([a-z_]+/[a-z_/.*]*)`", text) if "<" not in name})


@pytest.mark.parametrize("document", ["tour.md", "glossary.md"])
def test_what_a_guide_names_is_there(document):
    missing = [
        name
        for name in named_in(document)
        if not any(root.glob(name.rstrip("/")) and list(root.glob(name.rstrip("/"))) for root in (PACKAGE, ROOT))
    ]
    assert missing == []
