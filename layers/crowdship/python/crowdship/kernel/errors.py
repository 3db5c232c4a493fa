"""Refusals: what was wrong, with which value, and what would be right."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Self


def counted(number: int, one: str, many: str) -> str:
    """Return a number with the noun that goes with it: 1 field is, 2 fields are."""
    return f"{number} {one if number == 1 else many}"


def said(message: str) -> str:
    """Return what pydantic says is wrong, without the name of the exception that it wraps."""
    return message.removeprefix("Value error, ")


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """A request that the rules refuse.

    Parameters
    ----------
    code : str
        Stable machine-readable reason, in snake case.
    detail : str
        A sentence for a person: what was wrong, with which value, what would be right.
    pointer : str, optional
        JSON pointer to the offending part of the request body.
    errors : iterable of (pointer, detail), optional
        Everything that is wrong, where it is more than one thing.
    """

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(
        self, code: str, detail: str, pointer: str | None = None, errors: Iterable[tuple[str, str]] = ()
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.errors = tuple(errors) or (((pointer, detail),) if pointer else ())
        self.pointer = self.errors[0][0] if self.errors else None

    def within(self, prefix: str, outside: tuple[str, ...] = ()) -> Self:
        """Return this refusal for a body of which what was asked is a part.

        Parameters
        ----------
        prefix : str
            JSON pointer to the part.
        outside : tuple of str
            Beginnings of pointers to what the part shares with others, which stands beside it.
        """
        errors = ((p if p.startswith(outside) else prefix + p, told) for p, told in self.errors)
        return type(self)(self.code, self.detail, errors=errors)


class Unprocessable(Refusal):
    """Well formed, but the rules don't allow it."""


class Conflict(Refusal):
    """Doesn't fit the present state."""

    status = HTTPStatus.CONFLICT


class NotFound(Refusal):
    """No such thing, or none that the caller may know of."""

    status = HTTPStatus.NOT_FOUND


class Unauthorized(Refusal):
    """The caller did not prove who they are."""

    status = HTTPStatus.UNAUTHORIZED


class Forbidden(Refusal):
    """The caller is known and may not do this."""

    status = HTTPStatus.FORBIDDEN


class Gone(Refusal):
    """It was there and is no longer shown."""

    status = HTTPStatus.GONE


class TooManyRequests(Refusal):
    """Right, but too soon.

    Parameters
    ----------
    headers : dict of str to str
        What tells the caller when to come again.
    """

    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, code: str, detail: str, headers: dict[str, str]) -> None:
        super().__init__(code, detail)
        self.headers = headers


class Unavailable(Refusal):
    """Right, but another system that is needed for it does not answer now.

    Parameters
    ----------
    retry_after_s : int
        In how many seconds to come again.
    """

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, code: str, detail: str, retry_after_s: int) -> None:
        super().__init__(code, detail)
        self.headers = {"Retry-After": str(retry_after_s)}


class StaleWrite(Exception):  # noqa: N818
    """Another writer changed the same aggregate first; load it again and decide again."""
