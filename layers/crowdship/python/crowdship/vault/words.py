"""Words by which a person is found: the beginnings of names and plates. Pure."""

import unicodedata

SHORTEST = 3
"""Characters of a beginning by which somebody is found; shorter words are not listed."""

MOST_WORDS = 8
"""Words of a name that are listed; the plate is listed besides."""

LONGEST_WORD = 40


def plain(text: str) -> str:
    """Return a text in small letters without accents.

    Examples
    --------
    >>> plain("Zoë Müller-Sørensen")
    'zoe muller-sørensen'
    """
    # Twice: some letters have a small form only once they are decomposed.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).casefold()
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, each once.

    Examples
    --------
    >>> words_of("Ana Díaz-Lee")
    ('ana', 'diaz', 'lee')
    """
    spaced = "".join(letter if letter.isalnum() else " " for letter in plain(text))
    return tuple(dict.fromkeys(spaced.split()))


def joined(text: str) -> str:
    """Return the letters and digits of a text as one word, as a plate is compared.

    Examples
    --------
    >>> joined("ABC 12-34")
    'abc1234'
    """
    return "".join(letter for letter in plain(text) if letter.isalnum())


def listed_words(name: str, plate: str | None) -> tuple[str, ...]:
    """Return the words under which a driver is listed.

    Examples
    --------
    >>> listed_words("Li Na Chen", "ABC 1234")
    ('chen', 'abc1234')
    """
    long = [word for word in words_of(name) if len(word) >= SHORTEST]
    words = (*long[:MOST_WORDS], *([joined(plate)] if plate and len(joined(plate)) >= SHORTEST else []))
    return tuple(dict.fromkeys(word[:LONGEST_WORD] for word in words))


def matches(asked: str, name: str, plate: str | None) -> bool:
    """Return whether each word of what is asked begins a word of a name, or all of it begins the plate.

    Examples
    --------
    >>> matches("di ana", "Ana Díaz", None), matches("ana b", "Ana Díaz", None), matches("abc-1", "Ana", "ABC 1234")
    (True, False, True)
    """
    known = words_of(name)
    by_name = all(any(word.startswith(part) for word in known) for part in words_of(asked))
    return by_name or bool(plate and joined(plate).startswith(joined(asked)))


def beginnings(asked: str) -> tuple[str, ...]:
    """Return the beginnings to look for: the longest word, and all as one, for a plate; each long enough to be listed.

    Examples
    --------
    >>> beginnings("Ana D")
    ('ana', 'anad')
    """
    longest = max(words_of(asked), key=len, default="")
    found = (longest, joined(asked))
    return tuple(dict.fromkeys(word[:LONGEST_WORD] for word in found if len(word) >= SHORTEST))
