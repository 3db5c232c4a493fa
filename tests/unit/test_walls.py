"""The walls of the house: imports go one way, handlers hold no rules, keys are known in stores only."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "layers" / "crowdship" / "python" / "crowdship"
FUNCTIONS = ROOT / "functions"


def _line():
    text = (ROOT / "README.md").read_text()
    picture = text.partition("<!-- rooms -->\n")[2].partition("<!-- /rooms -->")[0]
    return tuple(tuple(line.split()) for line in picture.splitlines() if line.strip())


LINE = _line()
"""Rooms from the ground up, as the README draws them: a room may import rooms below it, never one above or beside it.

``drivers.duty`` is the one part of a room with a place of its own: whether a driver may go off duty depends on their
route, and their profile is known to everybody above.
"""

FLOOR = {room: floor for floor, rooms in enumerate(LINE) for room in rooms}

IMPURE_NAMES = {"service", "store"}
IMPURE_FOLDERS = {"adapters"}
IMPURE = {
    *(f"dispatch/{use_case}" for use_case in ("amendment", "assignment", "cancellation", "supply", "offers/answers")),
    "standing/due",
    *(f"claims/{use_case}" for use_case in ("due", "merchants", "staff")),
    *(f"dispatch/rounds/{use_case}" for use_case in ("preview", "silence", "sweep", "ticks")),
    *(f"contact/{use_case}" for use_case in ("calls", "emergencies", "erasure", "messages")),
    *(f"contact/relay/{provider}" for provider in ("http", "registry")),
    *(f"dispatch/by_hand/{use_case}" for use_case in ("bulk", "offer", "round")),
    "dispatch/overview/search",
    *(f"insight/finance/{use_case}" for use_case in ("queue", "sources")),
    "blocks/closing",
    *(f"incentives/{use_case}" for use_case in ("budget", "closing", "counting", "expected", "facts")),
    *(f"documents/{use_case}" for use_case in ("bucket", "erasure", "expiry")),
    *(f"data_rights/{use_case}" for use_case in ("collectors", "corrections", "erasure", "exports", "gathering")),
    *(f"drivers/{use_case}" for use_case in ("duty", "erasure", "identity")),
    *(f"intake/{use_case}" for use_case in ("accounts", "erasure", "logos", "retention")),
    *(f"intake/orders/{use_case}" for use_case in ("answers", "changes", "many")),
    *(f"intake/shops/{use_case}" for use_case in ("account", "fetching", "ignored", "orders", "receiving")),
    "dispatch/offers/reading",
    "intake/places/amazon",
    *(f"invoicing/{use_case}" for use_case in ("files", "mailing", "making", "month_end", "queue", "reading")),
    "merchants/sources",
    "notify/clients",
    "notify/queue",
    *(f"notify/channels/{use_case}" for use_case in ("once", "pushes", "senders")),
    "notify/webhooks/queues",
    "notify/webhooks/endpoints/secrets",
    *(f"notify/webhooks/delivery/{use_case}" for use_case in ("log", "outbound")),
    *(f"onboarding/{use_case}" for use_case in ("entrance", "erasure", "executions", "review", "views", "workflow")),
    *(f"onboarding/screening/{provider}" for provider in ("http", "registry", "reports")),
    *(f"pay_floors/{use_case}" for use_case in ("closing", "noting", "queries", "queue")),
    *(f"proof/{use_case}" for use_case in ("images", "verification")),
    "sessions/cognito",
    *(f"settlement/{use_case}" for use_case in ("adjusting", "booking", "corrections", "queries", "reversing")),
    *(f"settlement/cycle/{use_case}" for use_case in ("executions", "record", "schedule", "stating", "steps")),
    "settlement/exports/files",
    *(
        f"payouts/{use_case}"
        for use_case in ("deciding", "holding", "news", "queries", "rail", "registry", "withholding")
    ),
    "payouts/bank/returns",
    "payouts/nacha/provider",
    *(f"payouts/runs/{use_case}" for use_case in ("files", "record", "schedule", "steps")),
    *(f"payouts/stripe/{part}" for part in ("accounts", "provider")),
    *(f"tax/{use_case}" for use_case in ("acts", "bucket", "deadlines", "deposits", "due", "held", "notices", "payer")),
    *(f"tax/{use_case}" for use_case in ("queue", "tally", "views", "years")),
    *(f"tax/matching/{provider}" for provider in ("http", "registry")),
    "settlement/days",
    *(f"stops/{use_case}" for use_case in ("by_hand", "corrections", "holds", "lawful", "ratings", "statements")),
    *(f"tariffs/{use_case}" for use_case in ("counting", "current", "surging")),
    *(f"tracking/{use_case}" for use_case in ("page/link", "page/changes", "geofences/visits")),
    "travel/current",
    *(f"travel/engines/{engine}" for engine in ("amazon", "maps")),
}
"""Modules that reach AWS, a store, another system or the environment. All others are rules, future ones as well."""

SOLVERS = {"ortools", "numpy", "pyvrp", "vroom"}
SOLVER_IF_THERE = {"crowdship.planner.assignment", "crowdship.planner.sequence.by_pyvrp"}
"""Use a solver where there is one and are nearly as good without; no reason to carry one."""

HANDLER_STATEMENTS = 8
AWS = {"boto3", "botocore", "pynamodb"}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def handlers():
    return sorted(path for path in FUNCTIONS.rglob("*.py"))


@cache
def imports(path):
    """Return the dotted names that a file imports, also inside functions."""
    return list(_imports(path))


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                known = PACKAGE.parent / Path(*full.split("."))
                yield full if known.is_dir() or known.with_suffix(".py").exists() else node.module


LAX = {"date", "datetime", "AwareDatetime"}
"""Types that pydantic reads from numbers as well; ``Day`` and ``Moment`` take what RFC 3339 has and nothing else."""


def test_what_a_handler_takes_as_a_day_or_a_time_is_rfc_3339():
    taken = [
        f"{path.name}: {node.name}({argument.arg})"
        for path in handlers()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and any("api." in ast.unparse(one) for one in node.decorator_list)
        for argument in node.args.args
        if argument.annotation
        and LAX & {name.id for name in ast.walk(argument.annotation) if isinstance(name, ast.Name)}
    ]
    assert taken == []


def rooms_of(path):
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "crowdship" and len(parts) > 1:
            yield parts[1], parts[2] if len(parts) > 2 else ""


def name(path):
    return str(path.relative_to(ROOT))


def test_every_room_has_its_place_on_the_line():
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert rooms == {room for room in FLOOR if "." not in room}


def place_of(room, part):
    """Return the place on the line: the room's, or that of a part that has its own."""
    own = f"{room}.{part}"
    return own if own in FLOOR else room


@pytest.mark.parametrize("path", modules(), ids=name)
def test_a_room_imports_only_rooms_below_it_and_never_their_store(path):
    own, *parts = path.relative_to(PACKAGE).with_suffix("").parts
    if own == "__init__":
        return
    place = place_of(own, parts[0])
    for room, part in rooms_of(path):
        other = place_of(room, part)
        if other == place:
            continue
        assert FLOOR[other] < FLOOR[place], f"{place} must not know {other}"
        assert room == own or part != "store", f"{own} reaches into the store of {room}"


def is_rule(path):
    own = path.relative_to(PACKAGE).with_suffix("")
    return not (own.name in IMPURE_NAMES or IMPURE_FOLDERS & set(own.parts) or str(own) in IMPURE)


def rules():
    return [path for path in modules() if is_rule(path)]


def test_every_module_that_may_reach_out_is_there():
    assert {name for name in IMPURE if not (PACKAGE / f"{name}.py").exists()} == set()


@pytest.mark.parametrize("path", rules(), ids=name)
def test_rules_know_no_aws_no_clock_and_no_environment(path):
    tops = {imported.split(".")[0] for imported in imports(path)}
    assert not tops & (AWS | {"requests", "os", "time"}), "a rule is handed what it needs"
    own = {imported for imported in imports(path) if imported.startswith("crowdship.")}
    out = {
        one
        for one in own
        if (target := PACKAGE.parent / Path(*one.split("."))).with_suffix(".py").exists()
        and not is_rule(target.with_suffix(".py"))
    }
    assert not out, "a rule knows rules alone"
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            called = (node.value.id, node.attr)
            assert called not in {("datetime", "now"), ("datetime", "utcnow"), ("date", "today")}


@pytest.mark.parametrize("path", sorted((PACKAGE / "kernel").glob("*.py")), ids=name)
def test_the_kernel_reaches_no_file_and_no_network(path):
    reaching = {"io", "pathlib", "socket", "subprocess", "tempfile", "urllib3", "jinja2"}
    assert not {imported.split(".")[0] for imported in imports(path)} & reaching
    calls = (node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
    assert "open" not in {call.id for call in calls if isinstance(call, ast.Name)}


@pytest.mark.parametrize("path", handlers(), ids=name)
def test_a_handler_holds_no_rule_and_no_key(path):
    tree = ast.parse(path.read_text())
    for room, part in rooms_of(path):
        assert part != "store", f"{name(path)} reaches into the store of {room}"
    assert not {i.split(".")[0] for i in imports(path)} & {"pynamodb"}, "only stores know tables"
    for node in ast.walk(tree):
        assert not isinstance(node, (ast.While, ast.ClassDef)), f"line {node.lineno}: a rule or a type of its own"
        if isinstance(node, ast.FunctionDef):
            size = sum(isinstance(inner, ast.stmt) for inner in ast.walk(node)) - 1
            assert size <= HANDLER_STATEMENTS, f"{node.name} has {size} statements: that is a use case, not a handler"


@pytest.mark.parametrize("path", handlers(), ids=name)
def test_a_function_that_may_count_something_hands_its_metrics_over(path):
    if not any(imported.endswith("observability") for imported in reach(path, set())):
        return
    (handler,) = (
        node
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name == "handler"
    )
    decorators = [ast.unparse(decorator) for decorator in handler.decorator_list]
    # ``serve`` does it for those that answer requests.
    assert decorators[:1] == ["metrics.log_metrics"] or "serve(api, " in ast.unparse(handler)


@pytest.mark.parametrize("path", modules(), ids=name)
def test_keys_and_tables_are_known_in_stores_only(path):
    if path.stem == "store" or path.relative_to(PACKAGE).parts[0] == "adapters":
        return
    text = path.read_text()
    assert "pynamodb" not in {i.split(".")[0] for i in imports(path)}
    for key in ('"pk"', '"sk"', "KeyConditionExpression", "TableName"):
        assert key not in text, f"{key} outside a store"


def reach(path, seen):
    """Return the third-party and own modules that importing a file loads."""
    for imported in imports(path):
        if imported in seen:
            continue
        seen.add(imported)
        if imported.startswith("crowdship") and imported not in SOLVER_IF_THERE:
            target = PACKAGE.parent / Path(*imported.split("."))
            for candidate in (target.with_suffix(".py"), target / "__init__.py"):
                if candidate.exists():
                    reach(candidate, seen)
    return seen


@cache
def carriers():
    """Return the handlers whose functions are deployed with the solver layer."""
    return set(_carriers())


def _carriers():
    for source in (ROOT / "infra").rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "RoomFunction":
                given = {keyword.arg: getattr(keyword.value, "value", None) for keyword in node.keywords}
                if given.get("solver"):
                    yield next(f"functions/{part.value}.py" for part in node.args if isinstance(part, ast.Constant))


@pytest.mark.parametrize("path", handlers(), ids=name)
def test_a_function_carries_the_solver_layer_if_and_only_if_it_may_load_a_solver(path):
    loaded = {module.split(".")[0] for module in reach(path, set())} & SOLVERS
    assert bool(loaded) == (name(path) in carriers()), f"{name(path)} loads {loaded or 'none'}"
