"""SMS and e-mail through AWS, and the numbers that want no SMS."""

from collections.abc import Mapping
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from crowdship.adapters.caches import Cache
from crowdship.adapters.observability import logger
from crowdship.adapters.settings import settings
from crowdship.notify.channels.refusals import Cause, cause_of
from crowdship.notify.clients import client
from crowdship.notify.rendering import Letter

ASKED_AGAIN_AFTER_S = 600.0
"""Wall seconds for which an answer about a number is remembered."""

_opted_out: Cache[str, bool] = Cache(ASKED_AGAIN_AFTER_S, most=10_000)


class OptedOut(Exception):  # noqa: N818
    """The holder of the number wants no SMS from us."""


class OptOuts(Protocol):
    """The list of numbers whose holder replied STOP."""

    def holds(self, phone: str) -> bool:
        """Return whether a number wants no SMS from us."""
        ...

    def lift(self, phone: str) -> bool:
        """Take a number off the list, whose holder replied START; return whether it is off."""
        ...


class OptOutsOfSns:
    """The list that SNS keeps: it answers 200 to a message for such a number, and sends nothing."""

    def holds(self, phone: str) -> bool:
        """Return whether a number is on the list. If the list can't be read, it counts as not on it."""
        try:
            return _opted_out.get(phone, lambda: _is_opted_out(phone))
        except (ClientError, BotoCoreError) as error:
            logger.warning("opt-out not known", error=type(error).__name__)
            return False

    def lift(self, phone: str) -> bool:
        """Take a number off the list, if it is on it; SNS allows that once in 30 days.

        Returns
        -------
        bool
            False if SNS keeps it on the list.

        Raises
        ------
        ClientError
            If the list can't be read, or SNS is busy.
        """
        _opted_out.clear()
        if not _is_opted_out(phone):
            return True
        try:
            client("sns").opt_in_phone_number(phoneNumber=phone)
        except ClientError as error:
            answer = error.response["Error"]
            if cause_of(answer["Code"], answer.get("Message", "")) is Cause.PASSING:
                raise
            logger.error("number stays on the list of SNS", error=answer["Code"])
            return False
        return True


def _is_opted_out(phone: str) -> bool:
    return bool(client("sns").check_if_phone_number_is_opted_out(phoneNumber=phone)["isOptedOut"])


class NobodyOptedOut:
    """Stands in where there is no such list: the emulator has none."""

    def holds(self, phone: str) -> bool:
        """Return that nobody opted out."""
        return False

    def lift(self, phone: str) -> bool:
        """Return that the number is on no list."""
        return True


def opt_outs() -> OptOuts:
    """Return the list of this deployment: ``SMS_OPT_OUTS`` is ``sns``, or ``none``."""
    return NobodyOptedOut() if settings().sms_opt_outs == "none" else OptOutsOfSns()


def forget() -> None:
    """Forget what was asked: for tests."""
    _opted_out.clear()


def send_sms(phone: str, text: str) -> None:
    """Send an SMS, unless its recipient wants none.

    Raises
    ------
    OptedOut
        If they replied STOP: SNS would take the message and send nothing.
    """
    if opt_outs().holds(phone):
        raise OptedOut
    publish_sms(phone, text)


def publish_sms(phone: str, text: str) -> None:
    """Send an SMS without asking who opted out: the answer to a STOP goes to somebody who just did."""
    client("sns").publish(
        PhoneNumber=phone,
        Message=text,
        MessageAttributes={"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}},
    )


def send_mail(address: str, letter: Letter, tags: Mapping[str, str] | None = None) -> None:
    """Send an e-mail.

    Parameters
    ----------
    tags : mapping of str to str, optional
        Names and values that SES repeats in its reports on this mail.
    """
    body = {"Text": {"Data": letter.text, "Charset": "UTF-8"}}
    if letter.html is not None:
        body["Html"] = {"Data": letter.html, "Charset": "UTF-8"}
    client("ses").send_email(
        Source=settings().sender_email,
        Destination={"ToAddresses": [address]},
        Message={"Subject": {"Data": letter.subject, "Charset": "UTF-8"}, "Body": body},
        Tags=[{"Name": name, "Value": value} for name, value in (tags or {}).items()],
    )
