"""A stack of a stage."""

from aws_cdk import App, Environment, Stack

from infra.settings import Settings


class StageStack(Stack):
    """A stack whose name has the stage in it, protected where its data has to outlive mistakes.

    Parameters
    ----------
    part : str
        What the stack holds, ``Orders``; its name is ``Crowdship-<stage>-<part>``.
    description : str
        The same in a few words, for whoever sees the stack in AWS's console.
    env : Environment, optional
        Account and region; those of the credentials if left out.

    Attributes
    ----------
    part : str
        As given. What several stacks have has it in its logical id, so that an id is used once in a stage.
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
