"""Sign-ins of drivers: a Cognito user whose name is the driver's id."""

from contextlib import suppress
from typing import Any

import boto3

from crowdship.adapters.http import DRIVERS
from crowdship.adapters.settings import settings
from crowdship.kernel.errors import Conflict


class SignIns:
    """The user pool that drivers and staff sign in to."""

    def __init__(self, user_pool_id: str, client: Any = None) -> None:
        self._pool = user_pool_id
        self._cognito = client or boto3.client("cognito-idp")

    @classmethod
    def configured(cls) -> "SignIns":
        """Return the pool named by ``USER_POOL_ID``."""
        return cls(settings().user_pool_id)

    def invite(self, driver_id: str, email: str) -> None:
        """Create the sign-in; Cognito mails a temporary password that must be replaced at the first use.

        A sign-in that this driver has already stays as it is, so that a request that broke off can be repeated.

        Raises
        ------
        Conflict
            If another sign-in has the e-mail address, which signs its owner in as the user name does.
        """
        try:
            self._cognito.admin_create_user(
                UserPoolId=self._pool,
                Username=driver_id,
                DesiredDeliveryMediums=["EMAIL"],
                UserAttributes=[
                    {"Name": "email", "Value": email},
                    {"Name": "email_verified", "Value": "true"},
                ],
            )
        except self._cognito.exceptions.UsernameExistsException:
            pass
        except self._cognito.exceptions.AliasExistsException as error:
            detail = "Another driver or member of the staff signs in with this e-mail address; give one of their own."
            raise Conflict("email_in_use", detail, "/email") from error
        self._cognito.admin_add_user_to_group(UserPoolId=self._pool, Username=driver_id, GroupName=DRIVERS)

    def remove(self, driver_id: str) -> None:
        """Delete the sign-in and the e-mail address in it; one that is gone already stays gone."""
        with suppress(self._cognito.exceptions.UserNotFoundException):
            self._cognito.admin_delete_user(UserPoolId=self._pool, Username=driver_id)
