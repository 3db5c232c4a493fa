"""Rules of a new password. Cognito has the same; they are checked here first, so that all faults are said at once."""

from collections.abc import Callable

from crowdship.kernel.errors import Unprocessable

LENGTH = 12
LONGEST = 256
SYMBOLS = frozenset("^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= ")
"""Cognito's special characters. A space counts within a password; at its ends it is refused."""

RULES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    (f"at least {LENGTH} characters", lambda password: len(password) >= LENGTH),
    ("a lower-case letter", lambda password: any("a" <= one <= "z" for one in password)),
    ("an upper-case letter", lambda password: any("A" <= one <= "Z" for one in password)),
    ("a digit", lambda password: any("0" <= one <= "9" for one in password)),
    (
        f"one of the characters {''.join(sorted(SYMBOLS - {' '}))} or a space",
        lambda password: any(one in SYMBOLS for one in password),
    ),
    ("no space at its beginning or end", lambda password: password == password.strip()),
)
"""Each rule as what a password has, and whether one has it."""


def must_be_strong(password: str, pointer: str) -> None:
    """Check the rules of a new password.

    Raises
    ------
    Unprocessable
        If it breaks any; the detail has all rules, the errors have those that it breaks.
    """
    broken = [rule for rule, holds in RULES if not holds(password)]
    if broken:
        raise weak_password(pointer, broken)


def weak_password(pointer: str, broken: list[str] | None = None) -> Unprocessable:
    """Return the refusal of a new password, with all rules and those that are broken."""
    detail = f"A password has {', '.join(rule for rule, _ in RULES)}."
    errors = [(pointer, f"It lacks this: {rule}.") for rule in broken or ()]
    return Unprocessable("weak_password", detail, pointer, errors)
