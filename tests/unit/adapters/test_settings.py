"""Settings: read once, named when they are missing, and complete."""

import ast
import os
from datetime import timedelta
from pathlib import Path

import pytest

from crowdship.adapters.clock import clock_from
from crowdship.adapters.settings import RESOURCES, Settings, settings

ROOT = Path(__file__).resolve().parents[3]


def test_settings_are_read_once(monkeypatch):
    monkeypatch.setenv("STAGE", "sandbox")
    assert settings().stage == "sandbox"
    os.environ["STAGE"] = "local"  # behind monkeypatch's back
    assert settings().stage == "sandbox"
    settings.cache_clear()
    assert settings().stage == "local"


def test_a_process_without_variables_is_in_production_with_its_own_clock():
    bare = Settings.from_environment({})
    assert (bare.stage, bare.region, bare.geocoder, bare.sms_opt_outs) == ("prod", "us-east-1", "none", "sns")
    assert clock_from({}).wall_seconds(timedelta(seconds=7)) == 7.0


def test_what_a_function_was_not_given_is_named():
    with pytest.raises(LookupError, match="PAGES_URL is not set"):
        _ = Settings.from_environment({}).pages_url


def test_every_resource_is_read_by_a_name_of_its_own():
    """A variable that nobody can ask for would be dead, and a property of an unlisted one would never be set."""
    values = {name: str(number) for number, name in enumerate(RESOURCES)}
    given = Settings.from_environment(values)
    properties = [name for name, value in vars(Settings).items() if isinstance(value, property)]
    assert sorted(str(getattr(given, name)) for name in properties) == sorted(values.values())


def test_credentials_stay_in_the_environment():
    held = Settings.from_environment({"AWS_SECRET_ACCESS_KEY": "hush", "PAGES_URL": "https://pages.example"})
    assert "hush" not in repr(held)


@pytest.mark.parametrize(
    "path", sorted([*(ROOT / "layers").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]), ids=lambda path: path.name
)
def test_nobody_else_reads_the_environment(path):
    if path.name == "settings.py" and path.parent.name == "adapters":
        return
    read = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
    assert not [node for node in read if node.attr in ("environ", "getenv")]
