"""Passwords and second factors of a scene's drivers, as a story or a page changes them."""

from local.scenarios.scene import Scene


def reset(scene: Scene) -> None:
    """Undo what an interrupted run left, before the scene opens: a second factor, another password."""
    cognito, pool = scene.stack.client("cognito-idp"), scene.stack.outputs["UserPoolId"]
    for account in scene.town.register.drivers.values():
        set_password(scene, account.driver_id, account.password)
        cognito.admin_set_user_mfa_preference(
            UserPoolId=pool, Username=account.driver_id, SoftwareTokenMfaSettings={"Enabled": False}
        )


def set_password(scene: Scene, username: str, password: str, *, permanent: bool = True) -> None:
    """Set a driver's password; one that is not permanent is replaced at the first sign-in, as that of an invitation."""
    scene.stack.client("cognito-idp").admin_set_user_password(
        UserPoolId=scene.stack.outputs["UserPoolId"], Username=username, Password=password, Permanent=permanent
    )
