"""Members of the staff on this machine: programs that call the API, and people who sign in on the pages.

A program signs in by Cognito's calls for administrators, which need rights in AWS. A person gets a password and a
second factor, which ``make credentials`` and the demo print; ``make code`` prints the six digits of each person's
authenticator app.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from dataclasses import asdict, dataclass
from typing import Any

import pyotp

from local.clock import LOCAL
from local.running import RunningStack

KEPT = LOCAL / "staff.json"
ADMINISTRATOR = "administrator"


def new_password() -> str:
    """Return a random password that every password policy accepts."""
    return f"Aa1!{secrets.token_urlsafe(12)}"


@dataclass(frozen=True)
class Person:
    """A person who signs in on the pages."""

    name: str
    password: str
    totp_secret: str

    @property
    def code(self) -> str:
        """The six digits that their authenticator app shows now."""
        return pyotp.TOTP(self.totp_secret).now()


def tokens(stack: RunningStack, username: str, password: str) -> dict[str, str]:
    """Return new tokens of a user who has no second factor."""
    answer = stack.client("cognito-idp").admin_initiate_auth(
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        UserPoolId=stack.outputs["UserPoolId"],
        ClientId=stack.outputs["UserPoolClientId"],
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )
    told: dict[str, str] = answer["AuthenticationResult"]
    return told


def set_password(stack: RunningStack, username: str, password: str) -> str:
    """Give a user a password for good; return it."""
    stack.client("cognito-idp").admin_set_user_password(
        UserPoolId=stack.outputs["UserPoolId"], Username=username, Password=password, Permanent=True
    )
    return password


def member(stack: RunningStack, name: str, *roles: str, password: str | None = None) -> str:
    """Make a member of the staff without a second factor, unless there is one; return the password."""
    cognito, pool = stack.client("cognito-idp"), stack.outputs["UserPoolId"]
    with contextlib.suppress(cognito.exceptions.UsernameExistsException):
        email = [{"Name": "email", "Value": f"{name}@crowdship.example"}]
        cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS", UserAttributes=email)
    for role in roles:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName=role)
    _second_factor(cognito, pool, name, on=False)
    return set_password(stack, name, password or new_password())


def person(stack: RunningStack, name: str, *roles: str) -> Person:
    """Return somebody with a second factor, made at the first call for a user pool and kept in a file."""
    pool = stack.outputs["UserPoolId"]
    kept = _kept(pool)
    if name not in kept:
        made = Person(name, member(stack, name, *roles), "")
        kept[name] = Person(name, made.password, _set_up(stack, made))
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        KEPT.write_text(json.dumps({pool: {one.name: asdict(one) for one in kept.values()}}, indent=1))
    return kept[name]


def people(stack: RunningStack) -> list[Person]:
    """Return everybody whom ``person`` made on a platform."""
    return list(_kept(stack.outputs["UserPoolId"]).values())


def _kept(pool: str) -> dict[str, Person]:
    try:
        told = json.loads(KEPT.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return {name: Person(**one) for name, one in told.get(pool, {}).items()}


def _second_factor(cognito: Any, pool: str, name: str, *, on: bool) -> None:
    settings = {"Enabled": on, "PreferredMfa": on}
    cognito.admin_set_user_mfa_preference(UserPoolId=pool, Username=name, SoftwareTokenMfaSettings=settings)


def _set_up(stack: RunningStack, made: Person) -> str:
    """Turn the second factor of a person on, as the page does at the first sign-in; return its secret."""
    cognito = stack.client("cognito-idp")
    access = tokens(stack, made.name, made.password)["AccessToken"]
    secret = str(cognito.associate_software_token(AccessToken=access)["SecretCode"])
    cognito.verify_software_token(AccessToken=access, UserCode=pyotp.TOTP(secret).now())
    _second_factor(cognito, stack.outputs["UserPoolId"], made.name, on=True)
    return secret
