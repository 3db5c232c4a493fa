"""Rules of law: a kind of rule, and the rule of a jurisdiction for a span of days."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crowdship.law.values import Amount, RuleValue

EVERYWHERE = "*"
"""Jurisdiction of rows that hold where no other jurisdiction has a row of that rule."""


class Status(StrEnum):
    """Certainty of a rule.

    ``published``: the source states it. ``derived``: reckoned from a published formula or from published years, and not
    yet seen. ``pending``: reported, and not yet known to be in force; it counts, as it never weakens what was before
    it. ``not_applicable``: looked at, and no rule for deliveries, so that nobody looks again.
    """

    PUBLISHED = "published"
    DERIVED = "derived"
    PENDING = "pending"
    NOT_APPLICABLE = "not_applicable"


class Stricter(StrEnum):
    """Order of a rule's values where several jurisdictions count.

    ``more``: the larger value holds (of flags, yes). ``less``: the smaller one. ``union``: all values are joined.
    ``any``: values can't be compared, and the narrowest jurisdiction's holds.
    """

    MORE = "more"
    LESS = "less"
    UNION = "union"
    ANY = "any"


class RulePlace(StrEnum):
    """Places whose jurisdictions count for a rule; ``both`` are pickup and drop-off, ``home`` the driver's zone."""

    PICKUP = "pickup"
    DROPOFF = "dropoff"
    BOTH = "both"
    ZONE = "zone"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of rule, a row of ``rules.csv``.

    Parameters
    ----------
    rule : str
        Name, lower snake case.
    unit : str
        A key of ``UNITS``.
    stricter : Stricter
        Which of several values holds.
    place : RulePlace
        Places whose jurisdictions count.
    text : str
        A sentence for staff.
    """

    rule: str
    unit: str
    stricter: Stricter
    place: RulePlace
    text: str

    def weakens(self, value: RuleValue, before: RuleValue) -> bool:
        """Return whether a value demands less than another one; one that can't be compared with it does.

        Examples
        --------
        >>> window = Kind("offer_window", "seconds", Stricter.MORE, RulePlace.PICKUP, "")
        >>> window.weakens(59, 60), window.weakens(60, 60), window.weakens(61, 60)
        (True, False, False)
        >>> demanded = Kind("credentials", "list", Stricter.UNION, RulePlace.BOTH, "")
        >>> demanded.weakens(("age_21",), ("age_21", "alcohol_certificate"))
        True
        """
        match self.stricter:
            case Stricter.UNION:
                return isinstance(value, tuple) and isinstance(before, tuple) and not set(before) <= set(value)
            case Stricter.ANY:
                return value != before
            case Stricter.MORE:
                return _rank(value, before) < 0
            case Stricter.LESS:
                return _rank(value, before) > 0


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of a jurisdiction for a span of days, a row of a table.

    Parameters
    ----------
    jurisdiction : str
        Code, for example US-CO; of joined values the codes with a comma between them.
    kind : Kind
        Kind of the rule.
    start : date
        First local day on which it is in force.
    end : date or None
        First local day on which it no longer is; None for an open end.
    value : RuleValue or None
        Typed by the kind's unit; None only if the status is ``not_applicable``.
    written : str
        The value as the table has it.
    status : Status
        How certain it is.
    source : str
        Where it is published.
    note : str
        What else is known, for staff.
    row : str
        File and line, for example ``offers.csv:2``.
    """

    jurisdiction: str
    kind: Kind
    start: date
    end: date | None
    value: RuleValue | None
    written: str
    status: Status
    source: str
    note: str = ""
    row: str = ""

    @property
    def name(self) -> str:
        """The name of the rule."""
        return self.kind.rule

    @property
    def unit(self) -> str:
        """The unit of the value."""
        return self.kind.unit

    @property
    def number(self) -> int:
        """The value of a rule in whole units such as seconds or days.

        Raises
        ------
        TypeError
            If the rule has another unit.
        """
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise TypeError(f"{self.name} is in {self.unit}, not a whole number")
        return self.value

    @property
    def items(self) -> tuple[str, ...]:
        """The names in the value of a rule whose unit is ``list``.

        Raises
        ------
        TypeError
            If the rule has another unit.
        """
        if self.unit != "list" or not isinstance(self.value, tuple):
            raise TypeError(f"{self.name} is in {self.unit}, not a list")
        return tuple(str(item) for item in self.value)

    @property
    def applies(self) -> bool:
        """False if the row only says that there is no rule for deliveries."""
        return self.status is not Status.NOT_APPLICABLE

    def demands_more_than(self, value: RuleValue) -> bool:
        """Return whether a value would be weaker than the rule."""
        return self.value is not None and self.kind.weakens(value, self.value)

    def covers(self, day: date) -> bool:
        """Return whether the rule is in force on a local day."""
        return self.start <= day and (self.end is None or day < self.end)


def _rank(one: RuleValue, other: RuleValue) -> int:
    """Return -1, 0 or 1 as one value is less than, equal to or more than another.

    Raises
    ------
    ValueError
        If they can't be compared, such as amounts in two currencies.
    """
    if isinstance(one, Amount) and isinstance(other, Amount):
        if one.currency != other.currency:
            raise ValueError(f"{one} and {other} can't be compared")
        return _rank(one.number, other.number)
    return (one > other) - (one < other)  # type: ignore[operator]
