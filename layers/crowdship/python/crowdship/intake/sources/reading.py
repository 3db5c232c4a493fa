"""Reading of foreign JSON: an unusable optional field counts as missing, so that the order is not lost."""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any

from crowdship.intake.phones import international
from crowdship.kernel.errors import Unprocessable
from crowdship.kernel.geo import Point

LONGEST_NUMBER = 40
"""The most digits of a number in JSON; Python refuses to convert thousands of them."""

LONGEST_ID = 30
JOINER = "\u200d"
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII)


class Part:
    """One JSON object of a message.

    Parameters
    ----------
    fields : anything
        The JSON value; anything but an object is read as an empty object.
    """

    def __init__(self, fields: Any) -> None:
        self._fields: Mapping[str, Any] = fields if isinstance(fields, Mapping) else {}

    def __bool__(self) -> bool:
        return bool(self._fields)

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def names(self) -> frozenset[str]:
        """Return the names of all fields, including null ones."""
        return frozenset(self._fields)

    def raw(self, name: str) -> Any:
        """Return a field unchanged, None if it is missing."""
        return self._fields.get(name)

    def part(self, name: str) -> "Part":
        """Return a nested object; empty if the field is no object."""
        return Part(self._fields.get(name))

    def parts(self, name: str) -> list["Part"]:
        """Return the objects of a nested list; other values are left out."""
        listed = self._fields.get(name)
        return [Part(one) for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []

    def text(self, name: str, most: int = 300) -> str:
        """Return a text, trimmed and cut to ``most`` characters; a number is read as text, anything else as empty."""
        return text_of(self._fields.get(name), most)

    def decimal(self, name: str) -> Decimal | None:
        """Return a finite number, also from a text; None for anything else."""
        return decimal_of(self._fields.get(name))

    def flag(self, name: str) -> bool | None:
        """Return a boolean, also from its usual spellings; None for anything else."""
        match self._fields.get(name):
            case bool(said):
                return said
            case str(word) if word.strip().lower() in ("true", "yes", "1"):
                return True
            case str(word) if word.strip().lower() in ("false", "no", "0"):
                return False
            case 0 | 1 as number:
                return bool(number)
            case _:
                return None

    def identifier(self, name: str) -> str | None:
        """Return an id, which is a positive whole number, as text; None for anything else."""
        given = self._fields.get(name)
        if isinstance(given, float) and given.is_integer() and abs(given) < 2**53:
            given = int(given)
        text = str(given).strip() if isinstance(given, int | str) and not isinstance(given, bool) else ""
        usable = re.fullmatch(r"[1-9][0-9]*", text) and len(text) <= LONGEST_ID
        return text if usable else None

    def moment(self, name: str) -> datetime | None:
        """Return an ISO 8601 moment, in UTC if it has no zone; None for anything else."""
        written = self.text(name, 40)
        if not _ISO.fullmatch(written):
            return None
        try:
            read = datetime.fromisoformat(written)
            return read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def mail_moment(self, name: str) -> datetime | None:
        """Return a moment in the format of e-mails (RFC 2822), in UTC if it has no zone; None for anything else."""
        try:
            read = parsedate_to_datetime(self.text(name, 60))
            return read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def country(self, *names: str) -> str | None:
        """Return the first of some fields that is an ISO 3166 code of two letters."""
        codes = (self.text(name, 60).upper() for name in names)
        return next((code for code in codes if re.fullmatch(r"[A-Z]{2}", code)), None)


def text_of(value: Any, most: int) -> str:
    """Return a value as text without control characters, cut to a number of characters."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and not isfinite(value):
        return ""
    plain = "".join(" " if unicodedata.category(letter) == "Cc" and letter != "\n" else letter for letter in str(value))
    return cut(plain.strip(), most)


def cut(text: str, most: int) -> str:
    """Return the beginning of a text, at most ``most`` long, that separates no letter from its accents or joiners."""
    if len(text) <= most:
        return text
    end = most
    while end and (_belongs_to_the_one_before(text[end]) or text[end - 1] == JOINER):
        end -= 1
    return text[:end].rstrip()


def _belongs_to_the_one_before(letter: str) -> bool:
    # Accents and variation selectors are marks (M*); skin tones modify the sign before them.
    return letter == JOINER or unicodedata.category(letter).startswith("M") or "\U0001f3fb" <= letter <= "\U0001f3ff"


def decimal_of(value: Any) -> Decimal | None:
    """Return a finite number, also from a text; None for anything else, or if it is absurdly large."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    written = str(value).strip()
    if len(written) > LONGEST_NUMBER or not written.isascii():
        return None
    try:
        number = Decimal(written)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < LONGEST_NUMBER else None


def point_of(lat: Decimal | None, lon: Decimal | None) -> Point | None:
    """Return a point from WGS 84 degrees; None if a number is missing or out of range, and for 0, 0, which is sea."""
    if lat is None or lon is None or not (-90 <= lat <= 90 and -180 <= lon <= 180) or (lat == 0 and lon == 0):
        return None
    return Point(lat=float(lat), lon=float(lon))


def phone_of(written: list[tuple[str, str | None]], pointer: str) -> str:
    """Return the first phone number that is in international format, or in that of its country.

    Parameters
    ----------
    written : list of (number, country)
        The order's numbers, the best first; without a country if the number may be of another than the shipping
        country.

    Raises
    ------
    Unprocessable
        If there is no such number: a phone is never guessed.
    """
    for number, country in written:
        if found := international(number, country):
            return found
    detail = "The order has no phone in international format, and none in that of the country it ships to."
    raise Unprocessable("phone_not_international", detail, pointer)


def part_of(body: bytes) -> Part:
    """Return the JSON object in a body as a part; an empty one if the body is no JSON object."""
    try:
        return Part(json_object(body, "unreadable"))
    except Unprocessable:
        return Part({})


def json_object(body: bytes, code: str) -> dict[str, Any]:
    """Return the JSON object in a body.

    A byte order mark is skipped, unpaired surrogates are replaced, and a number with more digits than
    ``LONGEST_NUMBER`` becomes null.

    Raises
    ------
    Unprocessable
        With the code, if the body is no JSON object.
    """
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_int=_int_of)
        if b"\\ud" in body.lower():
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), parse_int=_int_of)
    except (RecursionError, ValueError) as error:
        told = str(error) if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise Unprocessable(code, f"The body is not JSON: {told}") from error
    if not isinstance(value, dict):
        raise Unprocessable(code, f"The body is a JSON {type(value).__name__}; it must be an object.")
    return value


def _int_of(digits: str) -> int | None:
    return int(digits) if len(digits) <= LONGEST_NUMBER else None
