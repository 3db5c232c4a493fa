"""The repository holds what people wrote: no caches, results or leftovers of tools, and nothing half done."""

import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MADE_BY_TOOLS = re.compile(
    r"""(^|/)(
        \.[\w.-]*cache | __pycache__ | \.schemathesis | \.hypothesis | \.benchmarks | \.tox | \.nox | \.eggs
        | \.venv | venv | \.local | node_modules | cdk\.out | build | dist | htmlcov | [\w.-]+\.egg-info
        | \.idea | \.vscode | \.history | \.aws-sam | \.serverless | \.ipynb_checkpoints
    )/
    | \.(py[cod]|pyi?-cache|so|dylib|dll|exe|o|a|class|whl|egg)$
    | \.(log|tmp|temp|bak|orig|rej|sw[op]|pid|prof|lprof|zip|gz|tgz)$
    | \.(osrm(\..*)?|pbf|sqlite3?|db|dump|patch)$
    | (^|/)(\.coverage(\..*)?|coverage\.(xml|json)|junit.*\.xml|\.DS_Store|Thumbs\.db|desktop\.ini)$
    | (^|/)(core(\.\d+)?|nohup\.out)$
    | (^|/)(cdk\.context\.json|crash.*\.json|manifest\.lock|\#.*\#|\.\#.*)$
    | ~$
    """,
    re.VERBOSE,
)
"""Paths as tools and editors make them."""

LOCKS = (
    "package-lock.json",
    "requirements*.txt",
    "uv.lock",
    "poetry.lock",
    "Pipfile.lock",
    "yarn.lock",
    "pnpm-lock.yaml",
)
DOWNLOADED_FROM = re.compile(r"https?://|^\s*(--(extra-)?index-url|--find-links|-[if])\b|\"resolved\"", re.MULTILINE)
ANOTHER_CONFLICT = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)


@cache
def tracked() -> tuple[str, ...]:
    """Return the paths that the repository holds, and those that the next commit would add."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone of the repository: what it holds is not known")
    try:
        command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        pytest.skip("git is not installed: what the repository holds is not known")
    return tuple(path for path in done.stdout.split("\0") if path)


def test_nothing_that_a_tool_made_is_in_the_repository():
    assert len(tracked()) > 300
    assert [path for path in tracked() if MADE_BY_TOOLS.search(path)] == []


@pytest.mark.parametrize(
    "path",
    [
        ".schemathesis/default/cache/crashes/manifest.json",
        "tests/.hypothesis/examples/0a/1b",
        "layers/crowdship/python/crowdship/__pycache__/x.cpython-313.pyc",
        ".mypy_cache/3.13/x.json",
        ".ruff_cache/0.9/1",
        "build/layers/native/light.stamp",
        "cdk.out/manifest.json",
        "cdk.context.json",
        "node_modules/aws-cdk/package.json",
        ".coverage",
        ".coverage.host.123",
        "coverage.xml",
        "docs/.decisions.md.swp",
        "Makefile~",
        "local/stack.py.orig",
        ".vscode/settings.json",
        ".idea/modules.xml",
        "docs/.DS_Store",
        "build.log/x.log",
        "map.osrm.edges",
        "region.osm.pbf",
    ],
)
def test_what_tools_make_is_known_by_its_path(path):
    assert MADE_BY_TOOLS.search(path)


@pytest.mark.parametrize(
    "path",
    [
        "local/setup.py",
        "layers/light/requirements.txt",
        ".ci/run",
        "layers/crowdship/python/crowdship/adapters/caches.py",
    ],
)
def test_what_people_write_is_no_tools(path):
    assert not MADE_BY_TOOLS.search(path)


def test_what_is_ignored_is_not_in_the_repository():
    tracked()
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--ignored", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert [path for path in done.stdout.split("\0") if path] == []


def test_no_lock_file_says_where_it_was_downloaded_from():
    locks = [path for path in tracked() if any(Path(path).match(name) for name in LOCKS)]

    assert {"package-lock.json", "requirements/dev.txt", "layers/light/requirements.txt"} <= {*locks, *_pins()}
    for path in {*locks, *_pins()}:
        assert not DOWNLOADED_FROM.search(_without_funding((ROOT / path).read_text())), path


def _without_funding(lock: str) -> str:
    """Return a lock file without the addresses at which its packages ask for money."""
    if not lock.startswith("{"):
        return lock
    content = json.loads(lock)
    for package in content["packages"].values():
        package.pop("funding", None)
    return json.dumps(content, indent=1)


def _pins() -> list[str]:
    return [
        path for path in tracked() if path.startswith(("requirements/", "layers/")) and path.endswith((".txt", ".in"))
    ]


def test_no_merge_was_left_half_done():
    for path in tracked():
        if (ROOT / path).is_file():
            assert not ANOTHER_CONFLICT.search((ROOT / path).read_text(encoding="utf-8", errors="replace")), path
