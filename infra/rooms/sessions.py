"""Sessions of drivers and staff on their pages."""

from constructs import Construct

from infra.parts.function import RoomFunction
from infra.parts.platform import Platform


class Sessions(Construct):
    """Drivers and staff sign in and out. Cognito's calls for that need no rights, only the secrets of the person."""

    def __init__(self, scope: Construct, platform: Platform) -> None:
        super().__init__(scope, "Sessions")
        session = RoomFunction(self, platform, "user/session", only={"usage": ("GetItem", "UpdateItem")})
        session.tell("USER_POOL_CLIENT_ID", platform.reference("UserPoolClientId"))
        session.may_read_secret(platform.reference("EdgeSecretArn"), "EDGE_SECRET_ARN")
