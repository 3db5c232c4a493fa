"""Form 1099-NEC about one driver and year: amounts, states, corrections. Pure."""

from datetime import datetime
from enum import StrEnum
from typing import Self

from crowdship.kernel.clock import Moment
from crowdship.kernel.errors import Conflict
from crowdship.kernel.events import Aggregate, Value
from crowdship.kernel.ids import derived_id
from crowdship.kernel.money import Money
from crowdship.tax.figures import CURRENCY
from crowdship.tax.payments import YearSums


class ReturnState(StrEnum):
    """States of a form; ``CORRECTED`` is one that was filed again with other figures."""

    NOT_DUE = "not_due"
    DRAFT = "draft"
    REVIEWED = "reviewed"
    FURNISHED = "furnished"
    FILED = "filed"
    CORRECTED = "corrected"
    VOID = "void"


class ReturnCorrection(StrEnum):
    """Types of corrections (IRS, General Instructions for Certain Information Returns).

    Type 1 is a wrong amount, type 2 a wrong name or number, which takes two forms.
    """

    TYPE_1 = "type_1"
    TYPE_2 = "type_2"


class Furnishing(StrEnum):
    """Ways in which the driver gets their copy."""

    ELECTRONIC = "electronic"
    MAIL = "mail"


class Party(Value):
    """The recipient of a form, by what may be seen outside of the vault.

    Parameters
    ----------
    certified_at : datetime or None
        When the W-9 was certified that the form follows; None without one.
    state_code : str or None
        State of the address.
    """

    certified_at: Moment | None = None
    last_four: str | None = None
    state_code: str | None = None
    delivery: Furnishing = Furnishing.MAIL
    exempt: bool = False


class Change(Value):
    """A change of a form's state, who made it and when."""

    state: ReturnState
    at: Moment
    by: str


class InformationReturn(Aggregate):
    """A Form 1099-NEC.

    Parameters
    ----------
    filed : YearSums or None
        The figures that the agency has.
    filed_party : Party or None
        The recipient as the agency has them.
    revision : int
        0, and one more with every copy that replaces one that the driver has.
    correction : ReturnCorrection or None
        What is to be corrected at the agency, or was last.
    file : str or None
        Name of the last file that it was in.
    """

    year: int
    driver_id: str
    sums: YearSums
    party: Party
    state: ReturnState
    filed: YearSums | None = None
    filed_party: Party | None = None
    revision: int = 0
    correction: ReturnCorrection | None = None
    file: str | None = None
    history: tuple[Change, ...] = ()

    @staticmethod
    def id_of(year: int, driver_id: str) -> str:
        """Return the id of a driver's form of a year."""
        return derived_id("nec", year, driver_id)

    @classmethod
    def drafted(cls, year: int, driver_id: str, sums: YearSums, party: Party, *, due: bool, now: datetime) -> Self:
        """Return the form as it is made from the ledger."""
        state = ReturnState.DRAFT if due else ReturnState.NOT_DUE
        first = Change(state=state, at=now, by="ledger")
        id = cls.id_of(year, driver_id)
        return cls(id=id, year=year, driver_id=driver_id, sums=sums, party=party, state=state, history=(first,))

    def redrawn(self, sums: YearSums, party: Party, *, due: bool, now: datetime) -> Self:
        """Return the form after it was made from the ledger anew; the same figures change nothing.

        One that the driver has gets another revision, and one that the agency has becomes a correction.
        """
        if self.state is ReturnState.VOID or (sums, party) == (self.sums, self.party):
            return self
        changed = self.with_changes(sums=sums, party=party)
        if self.filed is None:
            given = self.state is ReturnState.FURNISHED
            state = ReturnState.DRAFT if due or given else ReturnState.NOT_DUE
            return changed.with_changes(revision=self.revision + given)._to(state, "ledger", now)
        if not self._differs(sums, party):
            return changed
        known = self.filed_party
        renamed = known is not None and known.certified_at != party.certified_at and known.last_four != party.last_four
        correction = ReturnCorrection.TYPE_2 if renamed else ReturnCorrection.TYPE_1
        open_already = self.state in {ReturnState.DRAFT, ReturnState.REVIEWED}
        revision = self.revision if open_already else self.revision + 1
        return changed.with_changes(correction=correction, revision=revision)._to(ReturnState.DRAFT, "ledger", now)

    def _differs(self, sums: YearSums, party: Party) -> bool:
        told = {"compensation", "withheld", "tips"}
        same = self.filed is not None and self.filed.model_dump(include=told) == sums.model_dump(include=told)
        renamed = self.filed_party is not None and self.filed_party.last_four != party.last_four
        return not same or renamed

    def reviewed(self, by: str, now: datetime) -> Self:
        """Return the draft after finance looked at it; others stay as they are."""
        return self._to(ReturnState.REVIEWED, by, now) if self.state is ReturnState.DRAFT else self

    def furnished(self, by: str, now: datetime) -> Self:
        """Return the reviewed form after the driver's copy was made, with its event; others stay as they are."""
        if self.state is not ReturnState.REVIEWED:
            return self
        data = {
            "driver_id": self.driver_id,
            "year": self.year,
            "revision": self.revision,
            "corrected": self.revision > 0,
            "delivery": self.party.delivery,
        }
        return self._to(ReturnState.FURNISHED, by, now).emitting("tax.form_furnished", now, data)

    def into_file(self, name: str, by: str, now: datetime) -> Self:
        """Return the furnished form after it was written into a file for the agency; others stay as they are."""
        if self.state is not ReturnState.FURNISHED:
            return self
        state = ReturnState.CORRECTED if self.filed else ReturnState.FILED
        changed = self.with_changes(file=name, filed=self.sums, filed_party=self.party)
        return changed._to(state, by, now)

    def voided(self, by: str, now: datetime) -> Self:
        """Return the form after staff withdrew it.

        Raises
        ------
        Conflict
            If the agency has it: it is corrected then.
        """
        if self.state is ReturnState.VOID:
            return self
        if self.filed is not None:
            raise Conflict("filed", f"The agency has the form of {self.driver_id} for {self.year}; correct it instead.")
        return self._to(ReturnState.VOID, by, now)

    def _to(self, state: ReturnState, by: str, now: datetime) -> Self:
        if state is self.state:
            return self
        return self.with_changes(state=state, history=(*self.history, Change(state=state, at=now, by=by)))

    def money(self, amount: int) -> Money:
        """Return minor units as money of the form's currency."""
        return Money(amount=amount, currency=CURRENCY)


def is_due(sums: YearSums, party: Party, threshold: int) -> bool:
    """Return whether a form is due: from a sum of the year on, and below it where tax was withheld (Box 4)."""
    if party.exempt and not sums.withheld:
        return False
    return sums.compensation >= threshold or sums.withheld > 0
