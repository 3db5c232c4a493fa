"""The alphabet and the length of an SMS."""

import unicodedata

SMS_SEPTETS = 160
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("^{}\\[~]|€\f")
"""These take two septets."""

PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "`": "'"})


def gsm7(text: str) -> str:
    """Return the text in the alphabet of SMS: accents that it lacks are dropped, other letters replaced or left out.

    One letter outside of the alphabet would cut the length of the whole message from 160 to 70.

    Examples
    --------
    >>> gsm7("Łódź – Café")
    'Lodz - Café'
    """
    return "".join(_gsm7_letter(letter) for letter in text.translate(PLAIN))


def _gsm7_letter(letter: str) -> str:
    if letter in GSM_BASIC or letter in GSM_EXTENDED:
        return letter
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if part in GSM_BASIC)
    if plain or not unicodedata.name(letter, "").startswith("LATIN"):
        return plain
    from anyascii import anyascii  # takes 40 ms to load, for letters that are seldom

    return "".join(part for part in anyascii(letter) if part in GSM_BASIC)


def septets(text: str) -> int:
    """Return the length of a GSM 7-bit text."""
    return sum(2 if letter in GSM_EXTENDED else 1 for letter in text)


def signed_sms(sender: str, text: str) -> str:
    """Return ``sender: text``. If that is too long for one SMS, words of the sender are left out, never of the text.

    Examples
    --------
    >>> signed_sms("Corner Bakery", "on its way.")
    'Corner Bakery: on its way.'
    """
    text = gsm7(text)
    words = gsm7(sender).split()
    while words and septets(f"{' '.join(words)}: {text}") > SMS_SEPTETS:
        words.pop()
    return f"{' '.join(words)}: {text}" if words else text[:1].upper() + text[1:]


def fits_sms(sender: str, text: str) -> bool:
    """Return whether ``sender: text`` is one SMS with the whole name of the sender."""
    return septets(gsm7(f"{sender}: {text}")) <= SMS_SEPTETS
