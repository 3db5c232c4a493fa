"""Codes by which banks return credits and correct accounts, in the words that people read.

The codes are those of the Nacha Operating Rules that a credit to a person can meet; the words are ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReturnCode:
    """A reason for which a bank gives money back.

    Parameters
    ----------
    meaning : str
        For people.
    stops_account : bool
        True if nothing may be sent to the account until the driver gives another one.
    """

    meaning: str
    stops_account: bool = False


RETURNS: Mapping[str, ReturnCode] = {
    "R01": ReturnCode("The account has not enough money."),
    "R02": ReturnCode("The account is closed.", stops_account=True),
    "R03": ReturnCode("There is no such account, or it belongs to somebody else.", stops_account=True),
    "R04": ReturnCode("The bank has no account numbers of this form.", stops_account=True),
    "R06": ReturnCode("The paying bank asked for the money back."),
    "R10": ReturnCode("The holder does not know who pays.", stops_account=True),
    "R11": ReturnCode("The holder says that the payment is not as it was agreed."),
    "R12": ReturnCode("The account moved to another bank.", stops_account=True),
    "R13": ReturnCode("No bank has this routing number.", stops_account=True),
    "R14": ReturnCode("The holder's representative died or can't act.", stops_account=True),
    "R15": ReturnCode("The holder died.", stops_account=True),
    "R16": ReturnCode("The account is frozen.", stops_account=True),
    "R17": ReturnCode("The bank could not process the entry as it is written.", stops_account=True),
    "R18": ReturnCode("The effective date is not one on which the bank takes entries."),
    "R19": ReturnCode("The amount is not written as a number."),
    "R20": ReturnCode("The account takes no transfers.", stops_account=True),
    "R21": ReturnCode("The company's identification is not known."),
    "R22": ReturnCode("The receiver's identification is not known."),
    "R23": ReturnCode("The holder refuses the payment.", stops_account=True),
    "R24": ReturnCode("The bank takes the entry for a duplicate."),
    "R25": ReturnCode("An addenda record is wrong."),
    "R26": ReturnCode("A mandatory field is wrong."),
    "R27": ReturnCode("The trace number is wrong."),
    "R28": ReturnCode("The routing number's check digit is wrong.", stops_account=True),
    "R29": ReturnCode("The company that holds the account does not allow the entry.", stops_account=True),
    "R30": ReturnCode("The bank takes no entries of this kind."),
    "R31": ReturnCode("The paying bank agreed to a late return."),
    "R32": ReturnCode("The receiving bank can't settle."),
    "R34": ReturnCode("The receiving bank takes part in ACH only to a limit."),
}
"""Reasons of returns by their code."""


@dataclass(frozen=True, slots=True)
class ChangeCode:
    """A correction of what a bank knows better.

    Parameters
    ----------
    meaning : str
        For people.
    places : mapping of str to tuple of int
        First and last place, counted from 1 in the corrected data, of each corrected part.
    """

    meaning: str
    places: Mapping[str, tuple[int, int]]


ROUTING, ACCOUNT, CODE, NAME, ID = "routing_number", "account_number", "transaction_code", "holder", "individual_id"

CHANGES: Mapping[str, ChangeCode] = {
    "C01": ChangeCode("The account number is corrected.", {ACCOUNT: (1, 17)}),
    "C02": ChangeCode("The routing number is corrected.", {ROUTING: (1, 9)}),
    "C03": ChangeCode("Routing and account number are corrected.", {ROUTING: (1, 9), ACCOUNT: (13, 29)}),
    "C04": ChangeCode("The holder's name is corrected.", {NAME: (1, 22)}),
    "C05": ChangeCode("The kind of account is corrected.", {CODE: (1, 2)}),
    "C06": ChangeCode("Account number and kind of account are corrected.", {ACCOUNT: (1, 17), CODE: (21, 22)}),
    "C07": ChangeCode(
        "Routing number, account number and kind of account are corrected.",
        {ROUTING: (1, 9), ACCOUNT: (10, 26), CODE: (27, 28)},
    ),
    "C09": ChangeCode("The receiver's identification is corrected.", {ID: (1, 15)}),
}
"""Corrections by their code, with the places of corrected data as Nacha lays them out."""

KIND_OF = {"2": "checking", "3": "savings"}
"""Kind of account by the first digit of a transaction code."""


def meaning_of(code: str) -> str:
    """Return what a code of a return or of a correction means, in words.

    Examples
    --------
    >>> meaning_of("R02"), meaning_of("R99")
    ('The account is closed.', 'The bank gives the code R99.')
    """
    known = RETURNS.get(code) or CHANGES.get(code)
    return known.meaning if known else f"The bank gives the code {code}."


def stops_account(code: str) -> bool:
    """Return whether nothing may go to an account after this code until the driver gives another one.

    A code that is not known stops it, because a person has to look first.
    """
    known = RETURNS.get(code)
    return known.stops_account if known else code.startswith("R")
