"""The alphabet and the length of an SMS."""

import unicodedata

SMS_SEPTETS = 160
SMS_PART_SEPTETS = 153
"""Septets in each part of a text that takes several SMS: a header that joins the parts takes the rest."""

WIDE_SMS, WIDE_SMS_PART = 70, 67
"""The same in UTF-16 units for a text with letters that the small alphabet does not have."""

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


def is_gsm7(text: str) -> bool:
    """Return whether a text has no letter outside of the small alphabet of SMS."""
    return all(letter in GSM_BASIC or letter in GSM_EXTENDED for letter in text)


def cut(text: str, most: int, *, wide: bool) -> str:
    """Return the beginning of a text that takes at most so many septets, or UTF-16 units in a wide SMS.

    Examples
    --------
    >>> cut("Łódź – Café", 6, wide=False), cut("Łódź – Café", 6, wide=True), cut("a€€", 4, wide=False)
    ('Łódź –', 'Łódź –', 'a€')
    """
    taken = 0
    for place, letter in enumerate(text):
        taken += len(letter.encode("utf-16-le")) // 2 if wide else septets(gsm7(letter))
        if taken > most:
            return text[:place].rstrip()
    return text


def segments(text: str) -> int:
    """Return how many SMS a text takes.

    Examples
    --------
    >>> segments("a" * 160), segments("a" * 161), segments("ж" * 70), segments("ж" * 71)
    (1, 2, 1, 2)
    """
    narrow = is_gsm7(text)
    length = septets(text) if narrow else len(text.encode("utf-16-le")) // 2
    whole, part = (SMS_SEPTETS, SMS_PART_SEPTETS) if narrow else (WIDE_SMS, WIDE_SMS_PART)
    return 1 if length <= whole else -(-length // part)


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
