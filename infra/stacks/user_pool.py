"""The Cognito user pool of drivers and staff."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from crowdship.kernel.access import Role
from infra.parts.nag import accept
from infra.settings import Settings

GROUPS = (*Role, "drivers")


class UserPool(Construct):
    """The user pool. Staff create the accounts.

    A driver's user name is the driver's id, and their e-mail address signs them in too.
    """

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(scope, "Identity")
        self.pool = cognito.UserPool(
            self,
            "Pool",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(username=True, email=True),
            sign_in_case_sensitive=False,
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_lowercase=True,
                require_uppercase=True,
                require_digits=True,
                require_symbols=True,
                temp_password_validity=Duration.days(3),
            ),
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            feature_plan=cognito.FeaturePlan.ESSENTIALS,
            deletion_protection=settings.production,
            removal_policy=RemovalPolicy.RETAIN if settings.production else RemovalPolicy.DESTROY,
        )
        accept(self.pool, "COG2", "Drivers sign in on the road; the function of sessions requires it of staff")
        accept(
            self.pool,
            "COG8",
            "The Plus plan's threat protection is priced per driver: the owner decides",
        )
        for group in GROUPS:
            cognito.CfnUserPoolGroup(self, group.capitalize(), user_pool_id=self.pool.user_pool_id, group_name=group)
        self.client = self.pool.add_client(
            "Client",
            # The function of sessions alone may take a password here, as it sees to the second factor of staff.
            auth_flows=cognito.AuthFlow(admin_user_password=True),
            disable_o_auth=True,
            generate_secret=False,
            auth_session_validity=Duration.minutes(5),
            enable_token_revocation=True,
            prevent_user_existence_errors=True,
            access_token_validity=Duration.minutes(30),
            id_token_validity=Duration.minutes(30),
            refresh_token_validity=Duration.days(30),
        )
