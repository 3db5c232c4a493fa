"""Values of a payee: the form on file, the check of its number, notices, and what is withheld."""

from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Self

from crowdship.kernel.clock import Day, Moment
from crowdship.kernel.events import Value
from crowdship.kernel.money import Money
from crowdship.onboarding.tax import Classification, TinKind
from crowdship.tax import figures
from crowdship.vault.applicants import TaxForm

CORPORATIONS = frozenset(
    {Classification.C_CORPORATION, Classification.S_CORPORATION, Classification.LLC_C, Classification.LLC_S}
)
"""Classifications of payees who get no Form 1099-NEC and of whom nothing is withheld (26 CFR 1.6041-3(p)(1))."""


class FormState(StrEnum):
    """States of a payee's tax form.

    ``EXPIRED`` is a form that the agency's notice took the force from, ``FOREIGN`` a person who needs another form.
    """

    NONE = "none"
    GIVEN = "given"
    PENDING = "pending"
    MATCHED = "matched"
    MISMATCHED = "mismatched"
    EXPIRED = "expired"
    FOREIGN = "foreign"


class TinMatchCode(IntEnum):
    """Answers of the agency's TIN Matching (IRS Publication 2108-A)."""

    MATCH = 0
    MISSING = 1
    NOT_ISSUED = 2
    NO_MATCH = 3
    INVALID = 4
    DUPLICATE = 5
    MATCH_SSN = 6
    MATCH_EIN = 7
    MATCH_BOTH = 8

    def matches(self, kind: TinKind) -> bool:
        """Return whether name and number belong together as a number of a kind.

        Examples
        --------
        >>> TinMatchCode.MATCH_EIN.matches(TinKind.EIN), TinMatchCode.MATCH_EIN.matches(TinKind.SSN)
        (True, False)
        """
        if self in {TinMatchCode.MATCH, TinMatchCode.MATCH_BOTH}:
            return True
        return self is (TinMatchCode.MATCH_SSN if kind is TinKind.SSN else TinMatchCode.MATCH_EIN)

    @property
    def asks_again(self) -> bool:
        """True if the answer says nothing about the number: it was asked twice within a day."""
        return self is TinMatchCode.DUPLICATE


class WithholdingReason(StrEnum):
    """Reasons of backup withholding (26 U.S.C. 3406(a)(1))."""

    NUMBER_MISSING = "number_missing"
    FOREIGN = "foreign"
    TOLD_BY_AGENCY = "told_by_agency"
    NOTICE = "notice"


class Withholding(Value):
    """Tax that is withheld of one payment.

    Parameters
    ----------
    amount : Money
        Above zero; the driver gets the rest.
    rate : Decimal
        Share of the payment, for example 0.24.
    deposit : str
        The deposit it belongs to, a month such as ``2026-11``: the item of its entry on ``platform:tax_withheld``.
    """

    amount: Money
    rate: Decimal
    reason: WithholdingReason
    deposit: str


class OnFile(Value):
    """A certified W-9 by what may be seen outside of the vault.

    Parameters
    ----------
    last_four : str
        Last four digits of the number.
    told_by_agency : bool
        The driver was told by the agency that tax is withheld, and said so on the form.
    electronic : bool
        The driver agreed to get the year's form electronically.
    """

    certified_at: Moment
    tin_kind: TinKind
    last_four: str
    classification: Classification
    told_by_agency: bool = False
    electronic: bool = False

    @classmethod
    def of(cls, form: TaxForm, *, electronic: bool) -> Self:
        """Return what may be seen of a form in the vault."""
        return cls(
            certified_at=form.certified_at,
            tin_kind=TinKind(form.tin_kind),
            last_four=form.tin[-4:],
            classification=Classification(form.classification),
            told_by_agency=form.backup_withholding,
            electronic=electronic,
        )

    @property
    def exempt(self) -> bool:
        """True if no form is due about this payee and nothing is withheld."""
        return self.classification in CORPORATIONS


class Match(Value):
    """One question to the agency, whether a name and a number belong together.

    Parameters
    ----------
    number : int
        1, 2, 3 ... per payee; a new form or a new question raises it.
    """

    number: int
    asked_at: Moment | None = None
    code: TinMatchCode | None = None
    answered_at: Moment | None = None


class NoticeKind(StrEnum):
    """Kinds of the notice about a number that the agency refused (IRS Publication 1281).

    The first one is answered with a W-9, the second one with a letter of the agency.
    """

    FIRST = "first"
    SECOND = "second"


class NoticeProof(StrEnum):
    """Papers that answer a notice."""

    W9 = "w9"
    LETTER_147C = "letter_147c"
    SSA_LETTER = "ssa_letter"


PROOFS: dict[NoticeKind, frozenset[NoticeProof]] = {
    NoticeKind.FIRST: frozenset(NoticeProof),
    NoticeKind.SECOND: frozenset({NoticeProof.LETTER_147C, NoticeProof.SSA_LETTER}),
}
"""Papers that answer each kind of notice."""


class NumberNotice(Value):
    """A number that the agency refused (CP2100 or CP2100A), and what follows from it.

    Parameters
    ----------
    received_on : date
        The date of the agency's list or of its receipt, whichever is later.
    send_by : date
        Last day to send the notice.
    withhold_from : date
        First day of which tax is withheld, unless the driver certified before.
    written : bool
        Whether the letter is there to be printed.
    sent_on : date or None
        The day on which the letter was mailed.
    certified_on : date or None
        The day on which the paper came that answers it.
    stops_on : date or None
        First day on which nothing is withheld any more.
    """

    id: str
    kind: NoticeKind
    received_on: Day
    send_by: Day
    withhold_from: Day
    listed_by: str
    written: bool = False
    sent_on: Day | None = None
    certified_on: Day | None = None
    proof: NoticeProof | None = None
    stops_on: Day | None = None

    @classmethod
    def listed(cls, id: str, kind: NoticeKind, received_on: date, by: str) -> Self:
        """Return the notice about a number that was listed, with its days."""
        return cls(
            id=id,
            kind=kind,
            received_on=received_on,
            send_by=figures.send_by(received_on),
            withhold_from=figures.withhold_from(received_on),
            listed_by=by,
        )

    def certified(self, day: date, proof: NoticeProof) -> Self:
        """Return the notice after the paper came that answers it."""
        stops = figures.stop_by(day)
        return self.model_copy(update={"certified_on": day, "proof": proof, "stops_on": stops})

    def confirmed(self, day: date) -> Self:
        """Return the notice after the agency confirmed the number: withholding ends on that day, or did before."""
        if self.stops_on is None or self.certified_on is None:
            return self
        return self.model_copy(update={"stops_on": min(self.stops_on, max(day, self.certified_on))})

    def withholds_on(self, day: date) -> bool:
        """Return whether tax is withheld on a day because of this notice."""
        if day < self.withhold_from:
            return False
        if self.certified_on is None or self.stops_on is None:
            return True
        return self.certified_on > self.withhold_from and day < self.stops_on

    @property
    def open(self) -> bool:
        """True until a paper answers it."""
        return self.certified_on is None
