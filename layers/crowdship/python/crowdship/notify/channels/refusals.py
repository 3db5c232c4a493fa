"""Causes of a refused message: its address, for good; our account, until somebody repairs that; or a passing fault."""

from enum import StrEnum

SENDER_WORDS = (
    "not verified",
    "sender",
    "source",
    "from address",
    "sandbox",
    "suspended",
    "paused",
    "quota",
)
"""A refusal with one of these words is about our account, whatever its code."""

ADDRESS_WORDS = ("suppression list", "blacklist")
"""Rejected messages that are about their recipient."""

BAD_ADDRESS = frozenset({"InvalidParameter", "InvalidParameterValue", "ValidationError", "ValidationException"})
"""Codes of SNS and SES by which a recipient's address may be refused, among other things."""

RECIPIENT_WORDS = (
    "phonenumber",
    "phone number",
    "address",
    "@domain",
    "domain name",
    "domain contains",
    "missing domain",
    "local part",
    "recipient",
)
"""Words of such a refusal if the address is at fault."""

PASSING = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestTimeout",
        "RequestTimeoutException",
        "InternalError",
        "InternalErrorException",
        "InternalFailure",
        "InternalServiceErrorException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
"""Codes of a provider that is busy or broken; they pass without anybody doing something about our account."""


class Cause(StrEnum):
    """The party at fault for a message that was refused."""

    ADDRESS = "address"
    OPTED_OUT = "opted_out"
    OURS = "ours"
    PASSING = "passing"


def cause_of(code: str, message: str) -> Cause:
    """Return the cause of a refusal of SES or SNS, by its code and its message.

    A refusal that is not known to be about the address counts as ours. A message that is tried again in vain costs
    little, while one that is never sent costs the customer their PIN.
    """
    said = message.lower()
    if code in ("OptedOut", "OptedOutException"):
        return Cause.OPTED_OUT
    if any(word in said for word in SENDER_WORDS):
        return Cause.OURS
    if code in PASSING:
        return Cause.PASSING
    if code == "MessageRejected":
        return Cause.ADDRESS if any(word in said for word in ADDRESS_WORDS) else Cause.OURS
    about_recipient = not said or any(word in said for word in RECIPIENT_WORDS)
    return Cause.ADDRESS if code in BAD_ADDRESS and about_recipient else Cause.OURS
