"""Page and plain text of a mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crowdship.insight.finance.content import Content, Kind, Plot, Table
from crowdship.insight.finance.writing.files import fits
from crowdship.insight.finance.writing.plots import described
from crowdship.insight.finance.writing.words import Words
from crowdship.notify.rendering import rendered

TEMPLATE = "insight/finance/templates/mail.html.j2"

CURRENCY = "currency"
"""The column that only files have: in a mail each amount stands with its currency."""

MOST_PLOTS = 8
"""Plots of a mail, some 40 kB each."""


@dataclass(frozen=True)
class Head:
    """Head of the mail, above the sections."""

    subject: str
    notes: tuple[str, ...]


def plots_of(contents: Sequence[Content]) -> list[tuple[str, Plot]]:
    """Return the plots of a mail with the names of their pictures."""
    every = [plot for content in contents for plot in content.plots][:MOST_PLOTS]
    return [(f"{plot.code}-{plot.name}", plot) for plot in every]


def as_html(head: Head, contents: Sequence[Content], words: Words, console: str) -> str:
    """Return the page: one column, and tables that fit a phone."""
    shown = [_section(content, words, console) for content in contents]
    fields = {"language": words.language.value, "subject": head.subject, "notes": head.notes, "sections": shown}
    return rendered(TEMPLATE, {**fields, "days": words.of("title_note"), "open": words.of("open_console")})


def _section(content: Content, words: Words, console: str) -> dict[str, Any]:
    names = dict(zip([id(plot) for plot in content.plots], [name for name, _ in plots_of([content])], strict=False))
    return {
        "title": words.of("sections", content.section),
        "link": f"{console}/{content.view}" if content.view != "live" else console,
        "figures": [
            {
                "label": words.of("figures", one.code),
                "value": words.figure(one.value, one.kind),
                "source": one.source,
                "bad": one.is_bad,
            }
            for one in content.figures
        ],
        "notes": [{"text": words.of("notes", note.code, **note.fields), "bad": note.is_bad} for note in content.notes],
        "tables": [_table(table, words) for table in content.tables],
        "plots": [{"cid": names[id(one)], "alt": described(one, words)} for one in content.plots if id(one) in names],
    }


def _table(table: Table, words: Words) -> dict[str, Any]:
    shown = [column for column in table.columns if column.code != CURRENCY]
    if table.brief:
        shown = [column for code in table.brief for column in shown if column.code == code]
    places = [table.columns.index(column) for column in shown]
    under = next((number for number, column in enumerate(table.columns) if column.code == table.under), None)
    return {
        "title": words.of("tables", table.code),
        "source": words.of("source", source=table.source) if table.source else "",
        "narrow": bool(table.brief),
        "labels": [words.of("columns", column.code) for column in shown],
        "numeric": [column.kind not in (Kind.TEXT, Kind.CODE) for column in shown],
        "rows": [
            {
                "cells": [words.shown(row[place], table.columns[place].kind) for place in places],
                "under": "" if under is None else words.shown(row[under], table.columns[under].kind),
            }
            for row in table.rows
        ],
        "more": more_of(table, words),
        "nothing": words.of("nothing"),
    }


def more_of(table: Table, words: Words) -> str:
    """Return where the rows are that a mail does not show; empty if it shows all."""
    left = table.count - len(table.rows)
    if left <= 0:
        return ""
    return words.of("more" if fits(table) else "more_linked", count=words.cell(left, Kind.COUNT))


def as_text(head: Head, contents: Sequence[Content], words: Words, console: str) -> str:
    """Return the plain text: the same figures and tables, a line for each row."""
    lines = [head.subject, "", *head.notes, words.of("title_note")]
    for content in contents:
        section = _section(content, words, console)
        lines += ["", f"== {section['title']} ==", section["link"]]
        lines += [f"{'! ' if note['bad'] else ''}{note['text']}" for note in section["notes"]]
        lines += [f"{'! ' if one['bad'] else ''}{one['label']}: {one['value']}" for one in section["figures"]]
        for table in section["tables"]:
            lines += ["", f"-- {table['title']} --"]
            for row in table["rows"]:
                cells = (f"{label} {cell}" for label, cell in zip(table["labels"], row["cells"], strict=True))
                lines.append(f"  {'; '.join(cells)}{f' ({row["under"]})' if row['under'] else ''}")
            lines += [f"  {text}" for text in (table["more"], "" if table["rows"] else table["nothing"]) if text]
        lines += [plot["alt"] for plot in section["plots"]]
    return "\n".join(lines) + "\n"
