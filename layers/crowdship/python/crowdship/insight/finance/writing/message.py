"""The message that a mail is sent as: plain text, page with pictures, and files."""

from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime

from crowdship.insight.finance.content import Content
from crowdship.insight.finance.model import MailTask
from crowdship.insight.finance.schedule import name_of
from crowdship.insight.finance.writing.files import File, files_of
from crowdship.insight.finance.writing.page import Head, as_html, as_text, plots_of
from crowdship.insight.finance.writing.plots import picture
from crowdship.insight.finance.writing.words import Words
from crowdship.kernel.clock import written

MOST_BYTES = 7_000_000
"""Bytes of a message's files before they are encoded, which makes them a third larger; SES takes 10 MB in all."""


def subject_of(task: MailTask, contents: Sequence[Content], words: Words) -> str:
    """Return the subject; it says how many things somebody has to look at."""
    period = task.slot or name_of(task.kind, task.first)
    subject = words.of("subjects", task.kind.value, period=period)
    if count := sum(content.exceptions for content in contents):
        subject = words.of("subjects", "exceptions_count", subject=subject, count=str(count))
    return words.of("subjects", "test", subject=subject) if task.test_to else subject


def message_of(
    task: MailTask,
    contents: Sequence[Content],
    words: Words,
    console: str,
    *,
    sender: str,
    recipients: Sequence[str],
    is_late: bool = False,
) -> EmailMessage:
    """Return the message.

    Parameters
    ----------
    console : str
        Address of the console, at a zone.
    is_late : bool
        Whether it says that it comes late.
    """
    notes = [words.of("test")] if task.test_to else []
    notes += [words.of("late", due=written(task.due_at))] if is_late else []
    head = Head(subject_of(task, contents, words), tuple(notes))
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = head.subject
    message["Date"] = format_datetime(task.due_at)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(as_text(head, contents, words, console))
    message.add_alternative(as_html(head, contents, words, console), subtype="html")
    page = message.get_payload()[1]  # type: ignore[index]
    for name, plot in plots_of(contents):
        page.add_related(picture(plot, words), "image", "png", cid=f"<{name}>", filename=f"{name}.png")  # type: ignore[union-attr]
    tables = [table for content in contents for table in content.tables]
    for file in _small(files_of(tables, f"{task.kind}-{name_of(task.kind, task.first)}", task.last)):
        message.add_attachment(file.content, file.maintype, file.subtype, filename=file.name)
    return message


def _small(files: list[File]) -> list[File]:
    """Return as many files as fit, the workbook after the others, as it has the same rows once more."""
    kept, left = [], MOST_BYTES
    for file in sorted(files, key=lambda one: (one.subtype != "csv", len(one.content))):
        if len(file.content) <= left:
            kept.append(file)
            left -= len(file.content)
    return kept
