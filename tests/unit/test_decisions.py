"""The index of decisions lists each entry once, with a link that leads to it."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def slug(title: str) -> str:
    """Return the anchor that a heading gets where Markdown is shown."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_the_index_of_decisions_lists_every_entry_once():
    index = re.findall(r"^- \[(.+)\]\((.+)\)$", (DOCS / "decisions.md").read_text(), re.M)
    entries = [
        (title, f"decisions/{path.name}#{slug(title)}")
        for path in (DOCS / "decisions").glob("*.md")
        for title in re.findall(r"^### (.+)$", path.read_text(), re.M)
    ]
    assert sorted(index) == sorted(entries)
