"""Reading of phone numbers as people and machines write them, with Google's libphonenumber (``phonenumbers``).

The library is imported when the first number is read. The import takes a tenth of a second, which a function that only
shows stored numbers is spared.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

LONGEST = 64
"""Characters that a written number may have."""

_BEGINNING = re.compile(r"[+\d]")
_WORD = re.compile(r"[^\W\d_]+")
_URI = re.compile(r"tel:", re.IGNORECASE)


@dataclass(frozen=True)
class PhoneNumber:
    """A phone number with its extension.

    Parameters
    ----------
    e164 : str
        The number in E.164, for example +13125550123.
    extension : str or None
        Digits to dial after the connection; E.164 has no place for them.
    """

    e164: str
    extension: str | None = None


def phone_number(written: str, country: str | None = None) -> PhoneNumber:
    """Return the phone number in a text. An ambiguous one is refused: a stranger would get the customer's link and PIN.

    Parameters
    ----------
    country : str or None
        ISO 3166 code of the country in whose format a number without ``+`` is read.

    Raises
    ------
    ValueError
        If it can't be a phone number. The text leaves the number out, which is personal.

    Notes
    -----
    A number is accepted if its length is possible and it has the general shape of its country's numbers. Its range need
    not be known, because ranges are opened before the library knows them, and ranges for examples never are. Only a
    number without the country's code and without its trunk prefix must be in a known range, as it may be a number of
    another country.

    Examples
    --------
    >>> phone_number("(312) 555-0123", "us").e164
    '+13125550123'
    >>> phone_number("+1 312 555 0123 ext. 7").extension
    '7'
    """
    import phonenumbers

    text = _cleaned(written)
    region = country.upper() if country else None
    found = _parsed(text, region)
    if found is None and region and text.startswith("00"):
        # In many countries 00 is the prefix for calls abroad; in the others no number begins with it.
        found = _parsed("+" + text[2:], None)
    if found is None:
        where = f" in {region}" if region and not text.startswith("+") else ""
        raise ValueError(f"it is no phone number that can exist{where}; write it like +13125550123")
    e164 = phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    return PhoneNumber(e164, found.extension or None)


def _cleaned(written: str) -> str:
    """Return the text with ASCII digits and signs, without invisible characters and without a label in front."""
    if len(written) > LONGEST:
        raise ValueError(f"it has {len(written)} characters; a phone number has {LONGEST} at most")
    text = unicodedata.normalize("NFKC", written)
    text = "".join(_ascii_digit(each) for each in text if unicodedata.category(each) not in ("Cf", "Cc")).strip()
    if _URI.match(text):
        return text
    begins = _BEGINNING.search(text)
    if begins is None:
        raise ValueError("it is no phone number: it has no digits; write it like +13125550123")
    return text[begins.start() :]


def _ascii_digit(each: str) -> str:
    return str(unicodedata.digit(each)) if each.isdecimal() else each


def _parsed(text: str, region: str | None) -> Any:
    """Return the library's reading of a text, or None if that can't be a number."""
    import phonenumbers

    if not region and not text.startswith("+") and not _URI.match(text):
        raise ValueError("it needs a + and the country's code in front, for example +13125550123")
    try:
        found = phonenumbers.parse(text, region, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None
    if not _URI.match(text) and len(_WORD.findall(text)) > bool(found.extension):
        return None  # letters would be read as the keys of a telephone
    if phonenumbers.is_possible_number_with_reason(found) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    if _may_lack_plus(found, text):
        return None
    return found if _says_its_country(found, text, region) or phonenumbers.is_valid_number(found) else None


def _may_lack_plus(number: Any, text: str) -> bool:
    """Return whether a national number could also be an international one whose + is missing.

    In Germany 491701234567 could be a number in the area 04917; most often it is the mobile number +49 170 1234567.
    """
    import phonenumbers

    digits = re.sub(r"\D", "", text)
    if number.country_code_source != phonenumbers.CountryCodeSource.FROM_DEFAULT_COUNTRY:
        return False
    if not digits.startswith(str(number.country_code)):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse("+" + digits))
    except phonenumbers.NumberParseException:
        return False


def _says_its_country(number: Any, text: str, region: str | None) -> bool:
    """Return whether a number has its country's code or trunk prefix, and the general shape of its numbers."""
    import phonenumbers

    source = phonenumbers.CountryCodeSource
    if number.country_code_source in (source.FROM_NUMBER_WITH_PLUS_SIGN, source.FROM_NUMBER_WITH_IDD):
        return _has_shape(number)
    trunk = phonenumbers.ndd_prefix_for_region(region, True) if region else None
    return bool(trunk) and re.sub(r"\D", "", text).startswith(str(trunk)) and _has_shape(number)


def _has_shape(number: Any) -> bool:
    """Return whether a number has the general shape of its country's numbers; for example +1 is never followed by 0."""
    import phonenumbers

    code = number.country_code
    region = phonenumbers.region_code_for_country_code(code)
    metadata = phonenumbers.PhoneMetadata
    known = metadata.metadata_for_region(region) or metadata.metadata_for_nongeo_region(code)
    general = known.general_desc if known else None
    shape = (general.national_number_pattern if general else None) or ""
    return re.fullmatch(shape, phonenumbers.national_significant_number(number)) is not None
