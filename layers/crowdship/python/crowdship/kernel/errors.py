"""Refusals: what was wrong, with which value, and what would be right."""

from collections.abc import Sequence
from http import HTTPStatus


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
    errors : sequence of (pointer, detail), optional
        Everything that is wrong, where it is more than one thing.
    """

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(
        self, code: str, detail: str, pointer: str | None = None, errors: Sequence[tuple[str, str]] = ()
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.pointer = pointer
        self.errors = tuple(errors) or (((pointer, detail),) if pointer else ())


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


class StaleWrite(Exception):  # noqa: N818
    """Another writer changed the same aggregate first; load it again and decide again."""
