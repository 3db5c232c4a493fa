"""Build the third-party layers: ``build/layers/<architecture>/<layer>/python``.

Usage::

    python local/layers.py [native | x86_64 | arm64] ...

Needs ``uv`` (``make setup`` installs it); runs on any Python from 3.9. A layer whose requirements have not
changed is not built again.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "layers"
PYTHON = "3.13"
LAYERS = ("light", "solver")
# What Lambda allows for a function with all its layers, unpacked.
LARGEST = 250 * 1024 * 1024

# Where our functions' code is. Of AWS it needs the services that it makes clients of, `client("sqs")`; what boto3
# knows of the hundreds of others is left out.
CODE = (ROOT / "layers" / "crowdship" / "python", ROOT / "functions")
MAKES_CLIENT = re.compile(r"""(?:client|resource)\(\s*["']([a-z0-9-]+)["']""")
# What libraries make a client of as soon as this is used of them.
MADE_BY = {
    "DynamoDBPersistenceLayer": "dynamodb",
    "SecretsProvider": "secretsmanager",
    "Tracer": "xray",
    "pynamodb": "dynamodb",
}
USED = re.compile(rf"\b(?:{'|'.join(MADE_BY)})\b")
# pip would bring these along for parts of ortools, pyvroom and pyvrp that plan nothing for us: tables and plots.
NOT_NEEDED = {
    "light": (),
    "solver": (
        "pandas",
        "python-dateutil",
        "six",
        "tzdata",
        "matplotlib",
        "contourpy",
        "cycler",
        "fonttools",
        "kiwisolver",
        "packaging",
        "pillow",
        "pyparsing",
    ),
}
# OSRM's command-line tools and profiles make maps; a function only reads them.
NOT_RUN = ("osrm/bin", "osrm/share")
UNUSED_FOLDERS = ("__pycache__", "tests", "test", "testing", "include", "_pyinstaller")
UNUSED_ENDINGS = (".pyc", ".pyi", ".pyx", ".pxd", ".h", ".hpp", ".c", ".cc", ".a", ".lib", ".md", ".rst")
# Where Lambda unpacks layers; it stands in the bytecode in place of this machine's folders.
UNPACKED = "/opt/python"
# Tests of a library are no use to a function, but these folders only sound like tests.
KEPT = ("numpy/testing", "numpy/_core/tests/_natype.py", "numpy/_core/include")


class LayerError(Exception):
    """A layer cannot be built; the message is one line saying what to do."""


def services() -> list[str]:
    """Return the AWS services that our functions call, by botocore's names."""
    found = set()
    for folder in CODE:
        for source in folder.rglob("*.py"):
            text = source.read_text(encoding="utf-8")
            found.update(MAKES_CLIENT.findall(text))
            found.update(MADE_BY[name] for name in USED.findall(text))
    return sorted(found)


def fingerprint(architecture: str, layer: str) -> str:
    """Return what a built layer depends on, in short."""
    requirements = (ROOT / "layers" / layer / "requirements.txt").read_bytes()
    if layer == "light":  # the one with boto3
        requirements += ",".join(services()).encode()
    program = Path(__file__).read_bytes()
    machine = platform.platform() if architecture == "native" else architecture
    return hashlib.sha256(b"|".join([requirements, program, machine.encode()])).hexdigest()


def wanted(layer: str) -> str:
    """Return the requirements of a layer less what it does not need."""
    lines = (ROOT / "layers" / layer / "requirements.txt").read_text().splitlines()
    return "\n".join(line for line in lines if line.split("==")[0] not in NOT_NEEDED[layer]) + "\n"


def install(uv: str, architecture: str, layer: str, target: Path) -> None:
    """Unpack the wheels of a layer."""
    requirements = target.parent / "requirements.txt"
    requirements.write_text(wanted(layer))
    command = [uv, "pip", "install", "--quiet", "--no-deps", "--target", str(target), "-r", str(requirements)]
    command += ["--python-version", PYTHON, "--only-binary", ":all:", "--link-mode", "copy"]
    if architecture == "native":
        own_python = ROOT / ".venv" / "bin" / "python"
        command += ["--python", str(own_python)] if own_python.exists() else []
    else:
        machine = {"arm64": "aarch64", "x86_64": "x86_64"}[architecture]
        command += ["--python-platform", machine + "-manylinux_2_34"]
    environment = {"UV_SYSTEM_CERTS": "1", **os.environ}  # offices have certificates of their own
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["uv failed"])[-1].strip()
        raise LayerError(f"cannot install the {layer} layer ({reason}); is the network reachable?")


def is_kept(path: Path, target: Path) -> bool:
    """Tell whether a file that looks unused is needed all the same."""
    return any(path.relative_to(target).as_posix().startswith(kept) for kept in KEPT)


def prune(target: Path) -> None:
    """Remove what no function reads."""
    for name in ("bin", "share", *NOT_RUN):
        shutil.rmtree(target / name, ignore_errors=True)
    for folder, subfolders, files in os.walk(target):
        here = Path(folder)
        for name in list(subfolders):
            if name in UNUSED_FOLDERS and not is_kept(here / name, target):
                shutil.rmtree(here / name)
                subfolders.remove(name)
        for name in files:
            if name.endswith(UNUSED_ENDINGS) and not is_kept(here / name, target):
                (here / name).unlink()
    prune_services(target)


def prune_services(target: Path) -> None:
    """Remove what botocore and boto3 know of services that nothing here calls."""
    kept = services()
    known = target / "botocore" / "data"
    if missing := [service for service in kept if known.is_dir() and not (known / service).is_dir()]:
        raise LayerError(
            f"boto3 knows no service {missing[0]}: a client of it is made in layers/crowdship or functions"
        )
    for data in (known, target / "boto3" / "data"):
        for service in data.iterdir() if data.is_dir() else ():
            if service.is_dir() and service.name not in kept:
                shutil.rmtree(service)


def compile_bytecode(target: Path) -> None:
    """Put bytecode beside every module.

    Lambda mounts layers read-only: each cold start would compile all that it imports, which takes three times
    as long as importing it. The bytecode names no file times, because a zip file does not keep them.
    """
    own_python = ROOT / ".venv" / "bin" / "python"
    python = str(own_python) if own_python.exists() else sys.executable
    command = [python, "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    done = subprocess.run([*command, "-s", str(target), "-p", UNPACKED, str(target)], capture_output=True, text=True)
    if done.returncode:
        reason = (done.stdout.strip().splitlines() or ["compileall failed"])[-1]
        raise LayerError(f"cannot compile {target}: {reason}")
    tag = "cpython-" + PYTHON.replace(".", "")
    if not next(target.rglob(f"*.{tag}.pyc"), None):
        raise LayerError(f"{python} is not Python {PYTHON}, whose bytecode Lambda reads: run `make setup` first")


def size(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def is_built(architecture: str, layer: str) -> bool:
    """Tell whether a layer is as its requirements say."""
    stamp = BUILD / architecture / (layer + ".stamp")
    current = stamp.is_file() and stamp.read_text() == fingerprint(architecture, layer)
    return current and (BUILD / architecture / layer).is_dir()


def are_built(architecture: str) -> bool:
    """Tell whether there is nothing to build for an architecture."""
    return all(is_built(architecture, layer) for layer in LAYERS)


def build(uv: str, architecture: str, layer: str) -> Path:
    """Build one layer, unless it is built; return its folder."""
    folder = BUILD / architecture / layer
    if is_built(architecture, layer):
        return folder
    print(f"  building the {layer} layer for {architecture} ...", end=" ", flush=True)
    work = BUILD / architecture / (layer + ".new")
    shutil.rmtree(work, ignore_errors=True)
    (work / "python").mkdir(parents=True)
    install(uv, architecture, layer, work / "python")
    (work / "requirements.txt").unlink()
    prune(work / "python")
    compile_bytecode(work / "python")
    shutil.rmtree(folder, ignore_errors=True)
    work.rename(folder)
    (BUILD / architecture / (layer + ".stamp")).write_text(fingerprint(architecture, layer))
    print(f"{size(folder) / 2**20:.0f} MB", flush=True)
    return folder


def check_size(architecture: str) -> None:
    """Refuse layers that Lambda would refuse."""
    parts = {layer: size(BUILD / architecture / layer) for layer in LAYERS}
    parts["crowdship"] = size(ROOT / "layers" / "crowdship")
    parts["functions"] = size(ROOT / "functions")
    if sum(parts.values()) > LARGEST:
        listed = ", ".join(f"{name} {part / 2**20:.0f} MB" for name, part in parts.items())
        raise LayerError(f"the layers are over the 250 MB of Lambda ({listed}): leave something out")


def build_all(uv: str, architectures: list[str]) -> None:
    """Build every layer for each architecture and check that they fit."""
    for architecture in architectures:
        for layer in LAYERS:
            build(uv, architecture, layer)
        check_size(architecture)


def find_uv() -> str:
    """Return the uv that setup installed, or another."""
    found = shutil.which("uv", path=os.pathsep.join([str(ROOT / ".local/uv/bin"), os.environ.get("PATH", "")]))
    if not found:
        raise LayerError("uv is not installed: run `make setup` first")
    return found


if __name__ == "__main__":
    try:
        build_all(find_uv(), sys.argv[1:] or ["native"])
    except LayerError as error:
        sys.exit(str(error))
