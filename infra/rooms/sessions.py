"""Sessions of drivers and staff on their pages."""

from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform
from infra.parts.reference import arn


class Sessions(Construct):
    """Drivers and staff sign in and out. The function alone may take a password to Cognito.

    Other calls of Cognito need no rights, only the secrets of the person.
    """

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Sessions")
        session = RoomFunction(self, platform, "user/session", only={"usage": ("GetItem", "UpdateItem")})
        session.tell("USER_POOL_ID", platform.reference("UserPoolId"))
        users = arn("cognito-idp", f"userpool/{platform.reference('UserPoolId')}")
        session.may("cognito-idp:AdminInitiateAuth", "cognito-idp:AdminRespondToAuthChallenge", on=[users])
        session.may_read_secret(platform.reference("SessionSecretArn"), "SESSION_SECRET_ARN")
        session.tell("USER_POOL_CLIENT_ID", platform.reference("UserPoolClientId"))
        session.may_read_secret(platform.reference("EdgeSecretArn"), "EDGE_SECRET_ARN")
