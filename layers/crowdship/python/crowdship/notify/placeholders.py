"""The language of message templates: text, ``{field}``, and ``[parts]`` that are left out when a field there is empty.

A template holds no code. ``{{``, ``}}``, ``[[`` and ``]]`` stand for the character itself.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_TOKEN = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{(?P<field>[^{}\[\]]*)\}|[{}\[\]]|[^{}\[\]]+")


@dataclass(frozen=True)
class Piece:
    """A text, or the name of a field.

    Parameters
    ----------
    part : int
        The number of the optional part that it is in; 0 outside of all.
    """

    text: str
    is_field: bool
    part: int


@dataclass(frozen=True)
class Template:
    """A template that was read.

    Examples
    --------
    >>> greeting = read("Hello {name}[, your PIN is {pin}].", {"name", "pin"})
    >>> greeting.filled({"name": "Ana", "pin": "4821"}), greeting.filled({"name": "Ana", "pin": ""})
    ('Hello Ana, your PIN is 4821.', 'Hello Ana.')
    """

    pieces: tuple[Piece, ...]

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields that it uses."""
        return frozenset(piece.text for piece in self.pieces if piece.is_field)

    @property
    def words(self) -> str:
        """The text without its fields."""
        return "".join(piece.text for piece in self.pieces if not piece.is_field)

    def is_always_told(self, field: str) -> bool:
        """Return whether a field stands outside of all optional parts."""
        return any(piece.is_field and piece.text == field and not piece.part for piece in self.pieces)

    def filled(self, values: Mapping[str, str]) -> str:
        """Return the text with its fields filled in."""
        empty = {piece.part for piece in self.pieces if piece.part and piece.is_field and not values.get(piece.text)}
        told = (piece for piece in self.pieces if piece.part not in empty)
        return "".join(values.get(piece.text, "") if piece.is_field else piece.text for piece in told)


def read(text: str, fields: Collection[str]) -> Template:
    """Return the template that a text is.

    Parameters
    ----------
    fields : collection of str
        The fields that there are.

    Raises
    ------
    ValueError
        If it names a field that does not exist, or a bracket stands alone. The message says what would be right.
    """
    pieces: list[Piece] = []
    parts, part = 0, 0
    for token in _TOKEN.finditer(text):
        written, field = token[0], token["field"]
        if field is not None:
            if field not in fields:
                raise ValueError(f"there is no field {{{field[:40]}}} here; there are {_listed(fields)}")
            pieces.append(Piece(field, True, part))
        elif written == "[":
            if part:
                raise ValueError("an optional part [...] can't hold another one; end the first one before")
            parts += 1
            part = parts
        elif written == "]":
            if not part:
                raise ValueError("a ] stands alone; write ]] for the character itself")
            part = 0
        elif written in ("{", "}"):
            raise ValueError(f"a {written} stands alone; write {written * 2} for the character itself")
        else:
            pieces.append(Piece(written[0] if written in ("{{", "}}", "[[", "]]") else written, False, part))
    if part:
        raise ValueError("a [ is not closed; write [[ for the character itself")
    _refuse_constant(pieces, parts)
    return Template(tuple(pieces))


def _refuse_constant(pieces: list[Piece], parts: int) -> None:
    with_field = {piece.part for piece in pieces if piece.is_field}
    if any(part not in with_field for part in range(1, parts + 1)):
        raise ValueError("an optional part [...] holds no field, so it would always be told; leave the brackets out")


def _listed(fields: Collection[str]) -> str:
    return ", ".join(f"{{{field}}}" for field in sorted(fields))
