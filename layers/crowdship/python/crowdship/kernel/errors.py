"""Refusals: what was wrong, with which value, and what would be right."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Self


def counted(number: int, one: str, many: str) -> str:
    """Return a number with the noun that goes with it.

    Examples
    --------
    >>> counted(1, "field is", "fields are"), counted(2, "field is", "fields are")
    ('1 field is', '2 fields are')
    """
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

    Attributes
    ----------
    headers : mapping of str to str
        Headers of the answer, for example of a refusal that may be repeated later.

    Examples
    --------
    >>> refusal = Unprocessable("no_such_type", "delivery.lost is no event type.", "/types")
    >>> int(refusal.status), refusal.code, refusal.errors
    (422, 'no_such_type', (('/types', 'delivery.lost is no event type.'),))
    """

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(
        self, code: str, detail: str, pointer: str | None = None, errors: Iterable[tuple[str, str]] = ()
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.errors = tuple(errors) or (((pointer, detail),) if pointer else ())
        self.pointer = self.errors[0][0] if self.errors else None

    def within(self, prefix: str, outside: tuple[str, ...] = ()) -> Self:
        """Return this refusal for a larger body that has the refused one as a part.

        Parameters
        ----------
        prefix : str
            JSON pointer to the part.
        outside : tuple of str
            Beginnings of pointers to fields that stand beside the part, as several parts share them.

        Examples
        --------
        >>> Unprocessable("no", "Not so.", "/parcel").within("/deliveries/3").pointer
        '/deliveries/3/parcel'
        """
        errors = ((p if p.startswith(outside) else prefix + p, told) for p, told in self.errors)
        return type(self)(self.code, self.detail, errors=errors)


class Unprocessable(Refusal):
    """The request is well formed, and the rules don't allow it."""


class Conflict(Refusal):
    """The request does not fit the present state."""

    status = HTTPStatus.CONFLICT


class NotFound(Refusal):
    """There is no such thing, or none that the caller may know of."""

    status = HTTPStatus.NOT_FOUND


class Unauthorized(Refusal):
    """The caller did not prove who they are."""

    status = HTTPStatus.UNAUTHORIZED


class Forbidden(Refusal):
    """The caller is known and may not do this."""

    status = HTTPStatus.FORBIDDEN


class Gone(Refusal):
    """The thing was there and is no longer shown."""

    status = HTTPStatus.GONE


class TooManyRequests(Refusal):
    """The request may be repeated later.

    Parameters
    ----------
    headers : dict of str to str
        Headers of the answer that say when the caller may come again.
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
