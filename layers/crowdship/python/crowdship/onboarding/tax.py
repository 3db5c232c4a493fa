"""The tax form W-9: its fields, and what a taxpayer identification number looks like."""

import re
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from crowdship.kernel.clock import Moment
from crowdship.kernel.events import Value
from crowdship.vault.applicants import PostalAddress, TaxForm
from crowdship.vault.model import ShortText


class Classification(StrEnum):
    """Federal tax classifications of Form W-9, line 3a."""

    INDIVIDUAL = "individual"
    C_CORPORATION = "c_corporation"
    S_CORPORATION = "s_corporation"
    PARTNERSHIP = "partnership"
    TRUST_ESTATE = "trust_estate"
    LLC_C = "llc_c"
    LLC_S = "llc_s"
    LLC_P = "llc_p"


class TinKind(StrEnum):
    """Kinds of taxpayer identification numbers; an ITIN is written in the box of the SSN."""

    SSN = "ssn"
    EIN = "ein"


PERSONS = frozenset({Classification.INDIVIDUAL, Classification.TRUST_ESTATE})
"""Classifications of those who may have no EIN."""

_SSN = re.compile(r"(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}")
_ITIN = re.compile(r"9\d{2}(5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])\d{4}")
_NO_EIN = frozenset({0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97})
"""First two digits that the IRS has not given out."""


def read_tin(written: str, kind: TinKind) -> str:
    """Return the nine digits of a number as people write it.

    Raises
    ------
    ValueError
        If it is not nine digits, or no such number is ever given out. The message does not show it.

    Examples
    --------
    >>> read_tin("123-45-6789", TinKind.SSN), read_tin("12-3456789", TinKind.EIN)
    ('123456789', '123456789')
    """
    digits = re.sub(r"[\s-]", "", written)
    if not re.fullmatch(r"[0-9]{9}", digits):
        raise ValueError("it must have nine digits, with or without hyphens")
    if kind is TinKind.EIN:
        possible = int(digits[:2]) not in _NO_EIN
    else:
        possible = bool(_SSN.fullmatch(digits) or _ITIN.fullmatch(digits))
    if not possible:
        raise ValueError(f"no {kind.upper()} looks like that; check each digit")
    return digits


def masked(number: str) -> str:
    """Return a number of which only the last four characters can be read.

    Examples
    --------
    >>> masked("123456789")
    '•••••6789'
    """
    return "•" * (len(number) - 4) + number[-4:]


class TaxFormInput(Value):
    """A tax form as a driver fills it in."""

    name: ShortText = Field(description="As on the tax return")
    business_name: ShortText | None = None
    classification: Classification
    address: PostalAddress
    tin_kind: TinKind
    tin: str = Field(min_length=9, max_length=15, description="Nine digits, with or without hyphens; never shown again")
    backup_withholding: bool = Field(default=False, description="Whether the IRS told you of backup withholding")
    signed_by: ShortText = Field(description="Your name, as a signature")
    us_person: bool = Field(
        default=True, description="Whether you are a citizen or another person of the United States"
    )
    electronic_forms: bool = Field(default=False, description="Whether you get Form 1099-NEC in the app, without paper")
    certified: Literal[True] = Field(description="Under penalties of perjury: it is correct, and it is your number")

    @model_validator(mode="after")
    def _right_number(self) -> Self:
        if self.classification not in PERSONS and self.tin_kind is not TinKind.EIN:
            raise ValueError(f"a {self.classification} has an EIN; give that as tin_kind and tin")
        read_tin(self.tin, self.tin_kind)
        return self


class TaxFormView(Value):
    """A tax form as it is shown: the number by its last four digits."""

    name: str
    classification: Classification
    tin_kind: TinKind
    tin: str
    certified_at: Moment

    @classmethod
    def of(cls, form: TaxForm) -> Self:
        """Return the view of a form."""
        return cls(
            name=form.name,
            classification=Classification(form.classification),
            tin_kind=TinKind(form.tin_kind),
            tin=masked(form.tin),
            certified_at=form.certified_at,
        )
