"""Phone numbers as people write them."""

import re

from crowdship.vault.model import E164

_WRITTEN = re.compile(r"\+?[0-9\s()./-]+")

_TRUNK_0 = {
    "AT": "43",
    "AU": "61",
    "BE": "32",
    "CH": "41",
    "DE": "49",
    "FI": "358",
    "FR": "33",
    "GB": "44",
    "IE": "353",
    "NL": "31",
    "NZ": "64",
    "SE": "46",
}
"""Calling codes of countries that write their own numbers with a 0 in front."""

NATIONAL = {
    **dict.fromkeys(("CA", "US"), ("1", re.compile(r"1?([2-9]\d{2}[2-9]\d{6})"))),
    **{country: (code, re.compile(r"0([1-9]\d{6,11})")) for country, code in _TRUNK_0.items()},
}
"""By country: the calling code, and how a national number looks."""


def international(written: str, country: str | None) -> str | None:
    """Return a number in E.164, or None if it can't be told whose it is.

    Parameters
    ----------
    country : str or None
        ISO 3166 code of the country in whose format a number without ``+`` is.
    """
    text = written.strip()
    if not _WRITTEN.fullmatch(text):
        return None
    if text.startswith("+"):
        number = "+" + re.sub(r"\D", "", text.replace("(0)", ""))
    else:
        code, shape = NATIONAL.get(country or "", ("", None))
        national = shape and shape.fullmatch(re.sub(r"\D", "", text))
        number = f"+{code}{national[1]}" if national else ""
    return number if re.match(E164, number) else None
