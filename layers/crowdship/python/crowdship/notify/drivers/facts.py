"""Fields of messages to drivers."""

from datetime import date
from typing import Self

from crowdship.kernel.events import DomainEvent, Value
from crowdship.notify.notices import Facts


class RouteFacts(Facts):
    """Fields of a message about a route; no name and no address, as an SMS can be read by others.

    Parameters
    ----------
    stops : int
        Open stops of the route as it is now.
    """

    stops: int


class PaperFact(Value):
    """A document or credential in words, its last day, and the days to it; 0 and fewer if it is over."""

    name: str
    valid_until: date
    days: int


class PapersFacts(Facts):
    """Fields of a message about papers; no name of a person, as an SMS can be read by others.

    Parameters
    ----------
    papers : tuple of PaperFact
        None if the message is about another thing than papers that run out.
    paused : bool
        Whether the driver is given no new work for want of one.
    kind : str or None
        The document that was decided, in words.
    """

    papers: tuple[PaperFact, ...] = ()
    paused: bool = False
    kind: str | None = None

    @classmethod
    def of(cls, event: DomainEvent) -> Self:
        """Return the fields that an event tells."""
        day, data = event.time.date(), event.data
        papers = (
            PaperFact(
                name=in_words(paper["name"]),
                valid_until=date.fromisoformat(paper["valid_until"]),
                days=paper.get("days", (date.fromisoformat(paper["valid_until"]) - day).days),
            )
            for paper in data.get("papers", ())
        )
        kind = in_words(data["kind"]) if "kind" in data else None
        return cls(papers=tuple(papers), paused=bool(data.get("paused")), kind=kind)


def in_words(name: str) -> str:
    """Return the name of a document or credential as a person reads it.

    Examples
    --------
    >>> in_words("driving_licence")
    'driving licence'
    """
    return name.replace("_", " ")
