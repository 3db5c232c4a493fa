"""Codes of banks: why an entry came back (R), and what of an account is to be corrected (C).

Meanings follow the Nacha Operating Rules, Appendix Four (return reason codes) and Appendix Five (change codes).
"""

from collections.abc import Mapping

RETURNS: Mapping[str, str] = {
    "R01": "insufficient funds",
    "R02": "the account is closed",
    "R03": "the bank has no such account",
    "R04": "the account number is not one of this bank",
    "R05": "the entry was not authorized for a consumer's account",
    "R06": "the originating bank asked for it back",
    "R07": "the authorization was revoked",
    "R08": "payment was stopped",
    "R09": "funds are not collected yet",
    "R10": "the account's holder says that it was not authorized",
    "R11": "the entry is not as it was authorized",
    "R12": "the branch was sold to another bank",
    "R13": "no receiving bank has this routing number",
    "R14": "the representative payee died or can't act any more",
    "R15": "the account's holder died",
    "R16": "the account is frozen",
    "R17": "the bank could not process the entry",
    "R18": "the effective date is not one on which the bank takes entries",
    "R19": "the amount is not written as a number",
    "R20": "the account takes no such transfers",
    "R21": "the company's identification is wrong",
    "R22": "the individual's identification is wrong",
    "R23": "the account's holder refused the credit",
    "R24": "the entry is a duplicate",
    "R25": "an addenda record is wrong",
    "R26": "a mandatory field is wrong",
    "R27": "the trace number is wrong",
    "R28": "the routing number's check digit is wrong",
    "R29": "the company that holds the account did not authorize it",
    "R30": "the bank takes no entries of this kind",
    "R31": "the originating bank allowed the return",
    "R32": "the receiving bank can't settle",
    "R34": "the receiving bank may not take part",
}
"""Reasons of returns, by code. Codes from R61 on are answers between banks to a return; they give no money back, and a
person has to look at one that comes here."""

ACCOUNT_REFUSED = frozenset(
    {
        *("R02", "R03", "R04", "R12", "R13", "R14", "R15", "R16", "R20", "R23", "R28", "R29", "R34"),
        *("account_closed", "no_account", "invalid_account_number"),
    }
)
"""Codes after which the same account would be refused again: payouts wait until the driver gives another one."""

CORRECTIONS: Mapping[str, tuple[str, ...]] = {
    "C01": ("account_number",),
    "C02": ("routing_number",),
    "C03": ("routing_number", "account_number"),
    "C05": ("kind",),
    "C06": ("account_number", "kind"),
    "C07": ("routing_number", "account_number", "kind"),
}
"""Fields of a bank account that each change code corrects; other change codes concern no field that is kept here."""


def reason_for(code: str) -> str:
    """Return the meaning of a return code; an unknown one is named.

    Examples
    --------
    >>> reason_for("R02"), reason_for("R99")
    ('the account is closed', 'the bank gave the reason R99')
    """
    return RETURNS.get(code, f"the bank gave the reason {code}")
