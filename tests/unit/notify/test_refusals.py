"""The party at fault for a message that was refused."""

import pytest

from crowdship.notify.channels.refusals import Cause, cause_of


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidParameter", "Invalid parameter: PhoneNumber Reason: +1 is not valid to publish to"),
        ("InvalidParameterValue", "Missing final '@domain'"),
        ("InvalidParameterValue", "Domain contains illegal character"),
        ("InvalidParameterValue", "Local address contains control or whitespace"),
        ("InvalidParameterValue", "Illegal address"),
        ("MessageRejected", "Address is on the suppression list for your account"),
    ],
)
def test_what_is_said_of_the_address_is_its_own_fault(code, message):
    assert cause_of(code, message) is Cause.ADDRESS


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("MessageRejected", "Email address is not verified. The following identities failed the check: a@b.example"),
        ("MessageRejected", "Sending suspended for this account."),
        ("MessageRejected", ""),
        ("MailFromDomainNotVerifiedException", "The sender domain is not verified"),
        ("AccountSendingPausedException", "Email sending is paused for this account"),
        ("ConfigurationSetSendingPausedException", "paused"),
        ("LimitExceededException", "Daily message quota exceeded."),
        ("InvalidParameterValue", "The From address is not verified"),
        ("InvalidParameter", "Invalid parameter: Sender ID is not registered"),
        ("InvalidParameter", "Invalid parameter: Message too long"),
        ("AuthorizationError", "not authorized to perform: SNS:Publish"),
        ("AccessDenied", "User is not authorized to perform ses:SendEmail"),
        ("SomethingNew", "that nobody has seen"),
    ],
)
def test_what_is_not_known_to_be_the_address_is_ours(code, message):
    assert cause_of(code, message) is Cause.OURS


def test_who_opted_out_is_known_as_such():
    assert cause_of("OptedOut", "The phone number is opted out") is Cause.OPTED_OUT


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("Throttling", "Maximum sending rate exceeded."),
        ("ThrottledException", "Rate exceeded"),
        ("InternalError", ""),
        ("ServiceUnavailable", ""),
    ],
)
def test_a_provider_that_is_busy_or_broken_is_nobodys_fault_and_passes(code, message):
    assert cause_of(code, message) is Cause.PASSING


def test_a_quota_is_ours_even_if_it_is_told_as_throttling():
    assert cause_of("Throttling", "Daily message quota exceeded.") is Cause.OURS
