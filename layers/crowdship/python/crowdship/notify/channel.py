"""The ways to reach a person."""

from enum import StrEnum


class Channel(StrEnum):
    """A way to reach a person."""

    SMS = "sms"
    EMAIL = "email"
    PUSH = "push"
