"""A source of orders is one module and one line that registers it."""

import inspect
import re
from pathlib import Path

import pytest

from crowdship.deliveries.views import outward_actor
from crowdship.intake.sources.model import OrderSource
from crowdship.intake.sources.registry import SOURCES, source_of
from crowdship.kernel.errors import NotFound
from crowdship.merchants.connections import Connection, SourceName
from infra.routes import ROUTES

ROOT = Path(__file__).parents[3]
CODE = sorted([*(ROOT / "layers" / "crowdship").rglob("*.py"), *(ROOT / "functions").rglob("*.py")])
REGISTERED_IN = "merchants/connections.py"
ACTS = [name for name, value in vars(OrderSource).items() if inspect.isfunction(value) and not name.startswith("_")]
FACTS = [name for name in OrderSource.__annotations__ if name.isupper()]


def test_every_name_is_a_module_of_the_folder_and_every_module_that_is_a_source_has_a_name():
    folder = ROOT / "layers/crowdship/python/crowdship/intake/sources"
    modules = {path.stem for path in folder.glob("*.py") if re.search(r"^NAME: SourceName", path.read_text(), re.M)}
    assert modules == set(SourceName) == set(SOURCES)


@pytest.mark.parametrize("name", SourceName)
def test_a_module_says_all_that_a_source_has_to_say(name):
    source = SOURCES[name]
    assert source.NAME is name
    assert [fact for fact in FACTS if not hasattr(source, fact)] == []
    assert source.CONNECTION is None or issubclass(source.CONNECTION, Connection)
    for act in ACTS:
        asked = [one for one in inspect.signature(getattr(OrderSource, act)).parameters if one != "self"]
        assert list(inspect.signature(getattr(source, act)).parameters) == asked, act


@pytest.mark.parametrize("name", [name for name in SourceName if name is not SourceName.WEBHOOK])
def test_no_other_code_names_a_kind_of_source(name):
    """The name webhook is a word of ours as well, and stands wherever a merchant is told something.

    The table of access lists all routes, and so those of sources.
    """
    naming = {str(path.relative_to(ROOT)) for path in CODE if name in path.read_text().lower()}
    known = (REGISTERED_IN, f"intake/sources/{name}.py", "kernel/access.py")
    assert {path for path in naming if not path.endswith(known)} == set()


@pytest.mark.parametrize("name", SourceName)
def test_a_source_has_its_routes_its_contract_and_its_sample(name):
    source, routes = SOURCES[name], {route.on for route in ROUTES}
    staff = f"/v1/staff/merchants/{{merchant_id}}/{source.STAFF_PATH}"
    assert {f"POST /v1/sources/{name}/{{merchant_id}}/orders", f"PUT {staff}", f"DELETE {staff}"} <= routes
    assert (ROOT / "events" / "sources" / f"{name}.schema.json").exists()
    assert list((ROOT / "events" / "samples" / "sources").glob(f"{name}.*"))
    assert f'"{name}"' in (ROOT / "events" / "source.message_ignored.schema.json").read_text()


@pytest.mark.parametrize("name", SourceName)
def test_a_source_acts_under_its_own_name(name):
    assert outward_actor(name) == name


def test_a_kind_that_is_not_registered_is_not_found():
    with pytest.raises(NotFound, match="there are bigcommerce, shopify, webhook, woocommerce"):
        source_of("magento")
