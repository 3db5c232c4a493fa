"""Build the third-party layers: ``build/layers/<architecture>/<layer>/python``.

Usage::

    python local/layers.py [native | x86_64 | arm64] ...

The program needs ``uv`` (``make setup`` installs it) and runs on any Python from 3.9. A layer is not built again until
its requirements change.
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
LAYERS = ("light", "finance", "solver")
# The layers that one function may have besides our own code; a test holds the functions to them.
TOGETHER = (("light", "finance"), ("light", "solver"))
# Bytes that Lambda allows for a function with all its layers, unpacked.
LARGEST = 250 * 1024 * 1024

# The folders of our functions' code. The layer has boto3's data only of the AWS services that this code makes clients
# of, such as `client("sqs")`.
CODE = (ROOT / "layers" / "crowdship" / "python", ROOT / "functions")
MAKES_CLIENT = re.compile(r"""(?:client|resource)\(\s*["']([a-z0-9-]+)["']""")
# The service whose client a library makes by itself, by a name whose use in our code shows it.
MADE_BY = {
    "DynamoDBPersistenceLayer": "dynamodb",
    "SecretsProvider": "secretsmanager",
    "Tracer": "xray",
    "pynamodb": "dynamodb",
}
USED = re.compile(rf"\b(?:{'|'.join(MADE_BY)})\b")
# Dependencies that the light layer has, and those of parts of ortools, pyvroom and pyvrp that are not used here (tables
# and plots), by layer.
NOT_NEEDED = {
    "light": (),
    "finance": (
        "certifi",
        "charset-normalizer",
        "idna",
        "pillow",
        "python-dateutil",
        "requests",
        "six",
        "typing-extensions",
        "urllib3",
    ),
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
# OSRM's command-line tools and profiles, which make maps; a function only reads maps.
NOT_RUN = ("osrm/bin", "osrm/share")
UNUSED_FOLDERS = ("__pycache__", "tests", "test", "testing", "include", "_pyinstaller")
UNUSED_ENDINGS = (".pyc", ".pyi", ".pyx", ".pxd", ".h", ".hpp", ".c", ".cc", ".a", ".lib", ".md", ".rst")
# The folder in which Lambda unpacks layers; the bytecode names it in place of this machine's folders.
UNPACKED = "/opt/python"
# Files that are needed although their names look like tests or headers.
KEPT = ("numpy/testing", "numpy/_core/tests/_natype.py", "numpy/_core/include")


class LayerError(Exception):
    """A layer cannot be built; the message says in one line what to do."""


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
    """Return a hash of everything that a built layer depends on."""
    requirements = (ROOT / "layers" / layer / "requirements.txt").read_bytes()
    if layer == "light":  # the one with boto3
        requirements += ",".join(services()).encode()
    program = Path(__file__).read_bytes()
    machine = platform.platform() if architecture == "native" else architecture
    return hashlib.sha256(b"|".join([requirements, program, machine.encode()])).hexdigest()


def wanted(layer: str) -> str:
    """Return the requirements of a layer without those in ``NOT_NEEDED``."""
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
    environment = {"UV_SYSTEM_CERTS": "1", **os.environ}  # company networks may have certificates of their own
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["uv failed"])[-1].strip()
        raise LayerError(f"cannot install the {layer} layer ({reason}); is the network reachable?")


def is_kept(path: Path, target: Path) -> bool:
    """Return whether a file that looks unused is needed."""
    return any(path.relative_to(target).as_posix().startswith(kept) for kept in KEPT)


def prune(target: Path) -> None:
    """Remove files that no function reads."""
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
    """Remove the data of botocore and boto3 about services that are not called here."""
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
    """Write the bytecode of every module beside it.

    Lambda mounts layers read-only, so without bytecode each cold start would compile all imported modules, which takes
    three times as long as importing them. The bytecode does not depend on file times, as a zip file does not keep them.
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
    """Return whether a layer is built from its present requirements."""
    stamp = BUILD / architecture / (layer + ".stamp")
    current = stamp.is_file() and stamp.read_text() == fingerprint(architecture, layer)
    return current and (BUILD / architecture / layer).is_dir()


def are_built(architecture: str) -> bool:
    """Return whether all layers are built for an architecture."""
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
    """Check that the layers and functions fit into Lambda's limit.

    Raises
    ------
    LayerError
        If they are too large.
    """
    own = {"crowdship": size(ROOT / "layers" / "crowdship"), "functions": size(ROOT / "functions")}
    for together in TOGETHER:
        parts = {**{layer: size(BUILD / architecture / layer) for layer in together}, **own}
        if sum(parts.values()) > LARGEST:
            listed = ", ".join(f"{name} {part / 2**20:.0f} MB" for name, part in parts.items())
            raise LayerError(f"the layers exceed Lambda's 250 MB ({listed}): leave something out")


def build_all(uv: str, architectures: list[str]) -> None:
    """Build every layer for each architecture and check that they fit."""
    for architecture in architectures:
        for layer in LAYERS:
            build(uv, architecture, layer)
        check_size(architecture)


def find_uv() -> str:
    """Return the path of the uv that setup installed, or else of another one on PATH."""
    found = shutil.which("uv", path=os.pathsep.join([str(ROOT / ".local/uv/bin"), os.environ.get("PATH", "")]))
    if not found:
        raise LayerError("uv is not installed: run `make setup` first")
    return found


if __name__ == "__main__":
    try:
        build_all(find_uv(), sys.argv[1:] or ["native"])
    except LayerError as error:
        sys.exit(str(error))
