"""The walls of the house: imports go one way, handlers hold no rules, keys are known in stores only."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "layers" / "crowdship" / "python" / "crowdship"
FUNCTIONS = ROOT / "functions"

LINE = (
    ("kernel", "planner"),
    ("pricing", "vault"),
    ("merchants", "zones"),
    ("drivers",),
    ("deliveries",),
    ("routing", "sandbox"),
    ("tracking",),
    ("dispatch",),
    ("intake",),
    ("proof",),
    ("settlement",),
    ("notify",),
    ("insight",),
)
"""Rooms from the ground up: a room may import rooms below it, never one above or beside it."""

FLOOR = {room: floor for floor, rooms in enumerate(LINE) for room in rooms}
PURE = (
    *("model", "states", "ledger", "statements", "planning", "travel", "token", "scoring", "dayplans"),
    *("views", "route_views", "board_views", "plan_views"),
    *("terms", "estimate", "quotes", "jobs", "goods", "hours"),
    *("routes", "sequence", "sequencing", "insertion", "orders_csv"),
    *("limits", "learning", "traffic", "in_traffic", "incidents", "arrivals", "conditions"),
    *("fences", "alerts", "rerouting", "takeover", "places"),
    *("sites", "shop_settings"),
    *("notices", "sms", "texts", "webhooks", "answers", "retries", "sendings"),
)
PURE_FOLDERS = {"planner", "sources"}
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
    assert rooms == FLOOR.keys()


@pytest.mark.parametrize("path", modules(), ids=name)
def test_a_room_imports_only_rooms_below_it_and_never_their_store(path):
    own = path.relative_to(PACKAGE).parts[0]
    if own == "__init__.py":
        return
    for room, part in rooms_of(path):
        if room == own:
            continue
        assert FLOOR[room] < FLOOR[own], f"{own} must not know {room}"
        assert part != "store", f"{own} reaches into the store of {room}"


def rules():
    return [path for path in modules() if path.stem in PURE or PURE_FOLDERS & set(path.relative_to(PACKAGE).parts)]


@pytest.mark.parametrize("path", rules(), ids=name)
def test_rules_know_no_aws_no_clock_and_no_environment(path):
    tops = {imported.split(".")[0] for imported in imports(path)}
    assert not tops & (AWS | {"requests", "os", "time"}), "a rule is handed what it needs"
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            called = (node.value.id, node.attr)
            assert called not in {("datetime", "now"), ("datetime", "utcnow"), ("date", "today")}


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
    if path.stem == "store" or path.relative_to(PACKAGE).parts[0] == "kernel":
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
