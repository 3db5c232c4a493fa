"""Sweeps: a task is tried for each of several subjects, and one that fails does not keep the others from theirs."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from crowdship.adapters.observability import logger

CALLER = 4
"""Frames from the logger to the block that failed, so that its log entry has the place of that block."""


class Failures:
    """Errors of separate attempts, which are logged at once and raised together after the last attempt.

    Parameters
    ----------
    message : str
        Message of the group.

    Raises
    ------
    ExceptionGroup
        At the end of the ``with`` block, if an attempt failed. An error outside all attempts ends the block at once
        and is raised as it is.

    Examples
    --------
    >>> tried = []
    >>> with Failures("not all were served") as failures:
    ...     for number in 1, 2:
    ...         with failures.collected("number_not_served", number=number):
    ...             tried.append(number)
    >>> tried
    [1, 2]
    """

    def __init__(self, message: str) -> None:
        self._message = message
        self._errors: list[Exception] = []

    def __enter__(self) -> "Failures":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None and self._errors:
            raise ExceptionGroup(self._message, self._errors)

    @contextmanager
    def collected(self, event: str, /, **fields: object) -> Iterator[None]:
        """Make one attempt: keep its error for the end and log it.

        Parameters
        ----------
        event : str
            Message of the log entry.
        **fields
            Fields of the log entry, which name the subject.
        """
        try:
            yield
        except Exception as error:  # one attempt's failure must not keep the others from being made
            logger.exception(event, stacklevel=CALLER, extra=fields)
            self._errors.append(error)
