"""Rendering of texts that people read, from template files of the rooms."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import AfterValidator

from crowdship.kernel.events import Value

if TYPE_CHECKING:
    from jinja2 import Environment

PACKAGE = Path(__file__).resolve().parents[1]


def on_one_line(text: str) -> str:
    """Return a text without line breaks, its words one space apart."""
    return " ".join(text.split())


Line = Annotated[str, AfterValidator(on_one_line)]
"""A text on one line: a name of this type adds no line to a letter, and nothing to its subject."""


@cache
def environment() -> "Environment":
    """Return the settings that all templates share.

    HTML templates escape what is put into them. A field that is not handed over is an error, not an empty space.
    """
    # Loaded when the first text is written: a function that writes none does not pay for it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    result = Environment(
        loader=FileSystemLoader(PACKAGE),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    result.filters["on_one_line"] = on_one_line
    return result


def rendered(template: str, fields: Mapping[str, Any]) -> str:
    """Return the text of a template.

    Parameters
    ----------
    template : str
        The path of the file inside the package, as ``notify/templates/delivered.sms.txt.j2``.
    fields : mapping of str to Any
        All names that the template uses.

    Raises
    ------
    jinja2.UndefinedError
        If the template uses a name that is not among the fields.
    jinja2.TemplateNotFound
        If there is no such file.
    """
    return environment().get_template(template).render(fields)


class Letter(Value):
    """An e-mail in plain text, and in HTML where somebody designed one."""

    subject: str
    text: str
    html: str | None = None

    @classmethod
    def of(cls, template: str, fields: Mapping[str, Any]) -> Self:
        """Return the letter of a template, whose first line is ``Subject: ...`` and whose second line is empty.

        Raises
        ------
        ValueError
            If the template does not begin like this.
        """
        head, empty, text = rendered(template, fields).partition("\n\n")
        subject = head.removeprefix("Subject: ")
        if not empty or subject == head or "\n" in subject:
            raise ValueError(f"{template} must begin with one line 'Subject: ...' and an empty line.")
        return cls(subject=subject, text=text)
