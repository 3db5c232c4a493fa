"""A stack of a stage."""

from aws_cdk import App, Environment, Stack

from infra.settings import Settings


class StageStack(Stack):
    """A stack whose name contains the stage; it is protected against deletion in production.

    Parameters
    ----------
    part : str
        The part of the stage that the stack holds, for example ``Orders``; its name is ``Crowdship-<stage>-<part>``.
    description : str
        Its content in a few words, shown in the AWS console.
    env : Environment, optional
        Account and region; those of the credentials if left out.

    Attributes
    ----------
    part : str
        As given. Resources that several stacks have contain it in their logical id, so that ids are unique in a stage.
    """

    def __init__(
        self, app: App, settings: Settings, part: str, description: str, env: Environment | None = None
    ) -> None:
        super().__init__(
            app,
            part,
            stack_name=settings.stack_name(part),
            description=f"crowdship, a crowdsourced delivery network: {description}",
            termination_protection=settings.production,
            analytics_reporting=False,
            env=env,
        )
        self.part = part
