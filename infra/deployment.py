"""All stacks of a stage, in the order in which they are deployed."""

from aws_cdk import App, Environment, Stack

from infra.settings import Settings
from infra.stacks.api import ApiStack, ConsoleApiStack
from infra.stacks.dashboard import Dashboard
from infra.stacks.data import DataStack
from infra.stacks.firewall import FirewallStack
from infra.stacks.pages import PagesStack
from infra.stacks.rooms import STACKS, RoomsStack
from infra.stacks.shared import SharedStack


class Deployment:
    """The stacks of a stage, divided by the lifetime of their resources.

    A stack does not refer to stacks after it. The triggers of functions are defined in three places: HTTP routes in
    ``routes.ROUTES``, queues and the events that fill them next to the function in ``rooms``, table streams in
    ``stacks/shared.py``.

    Parameters
    ----------
    app : App
        The CDK app.
    settings : Settings
        The deployment.
    env : Environment, optional
        Account and region; those of the credentials if left out.

    Attributes
    ----------
    stacks : list of Stack
        All of them; each is deployed after those before it.
    """

    def __init__(self, app: App, settings: Settings, env: Environment | None = None) -> None:
        data = DataStack(app, settings, env)
        shared = SharedStack(app, settings, env)
        pages = PagesStack(app, settings, env)
        rooms = {part: RoomsStack(app, settings, part, env) for part in STACKS}
        console, api = ConsoleApiStack(app, settings, env), ApiStack(app, settings, env)
        shared.add_stack_dependency(data)
        pages.add_stack_dependency(shared)
        for stack in rooms.values():
            stack.add_stack_dependency(pages)
            console.add_stack_dependency(stack)
        api.add_stack_dependency(console)
        self.stacks: list[Stack] = [data, shared, pages, *rooms.values(), console, api]
        if not settings.local:  # the emulator would take a firewall and do nothing
            firewall = FirewallStack(app, settings, env)
            pages.add_stack_dependency(firewall)
            self.stacks.insert(0, firewall)
        platforms = [shared.platform, *(stack.platform for stack in rooms.values())]
        Dashboard(
            rooms["Insight"],
            settings,
            functions=[name for platform in platforms for name in platform.functions],
            queues=[name for platform in platforms for name in platform.queues],
        )
