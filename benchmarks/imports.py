"""The import time of each function, as in a cold start.

A function is imported in an interpreter of its own that can reach the standard library and the function's layers
and nothing else, with the layers' bytecode as it is deployed. The peers, ``import boto3`` and an interpreter that
does nothing, are measured in the same rounds. The goal is compared with processor time, because elapsed time depends on
the load of the machine.

    python -m benchmarks.imports [--rounds N]
"""

import argparse
import compileall
import json
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from py_compile import PycInvalidationMode
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.support.measuring import in_turns, ratio
from benchmarks.support.report import ROOT, Finding, conclude, console, keep_picture, show
from benchmarks.support.template import function_name, of_kind
from infra.routes import ROUTES
from local.layers import BUILD

GOAL_MS = 400
ROUNDS = 7
SOLVERS = ("ortools", "numpy")
BEHIND_THE_API = frozenset(route.function for route in ROUTES)
SHOWN = 12

PROGRAM = """
import importlib, json, sys, time
began, began_working = time.perf_counter(), time.process_time()
importlib.import_module({module!r})
took, worked = time.perf_counter() - began, time.process_time() - began_working
print(json.dumps([took, worked, len(sys.modules), [name for name in {solvers!r} if name in sys.modules]]))
"""
PACKAGES = (
    ("crowdship", ("crowdship",)),
    ("Powertools", ("aws_lambda_powertools", "aws_xray_sdk", "wrapt")),
    ("pydantic", ("pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection")),
    ("boto3 and botocore", ("boto3", "botocore", "s3transfer", "urllib3", "jmespath", "dateutil", "six")),
    ("PynamoDB", ("pynamodb",)),
    ("solver", ("ortools", "numpy", "google", "absl", "immutabledict")),
)
STANDARD = "standard library and others"


@dataclass
class Subject:
    """Something to import: a function, or a peer."""

    name: str
    module: str
    folders: list[Path]
    seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)
    modules: int = 0
    solvers: list[str] = field(default_factory=list)

    def command(self, *options: str) -> list[str]:
        """Return the command that imports it once and tells how long that took."""
        prelude = f"import sys; sys.path[:0] = {[str(folder) for folder in self.folders]!r}"
        program = PROGRAM.format(module=self.module, solvers=SOLVERS)
        return [sys.executable, "-I", "-S", "-B", *options, "-c", prelude + program]

    def measure(self, *options: str) -> tuple[float, float]:
        """Import it once more; return elapsed and processor seconds."""
        done = subprocess.run(self.command(*options), env=ENVIRONMENT, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{self.name} cannot be imported: {done.stderr.strip().splitlines()[-1]}")
        seconds, processor_seconds, self.modules, self.solvers = json.loads(done.stdout)
        return float(seconds), float(processor_seconds)

    def measure_again(self) -> None:
        """Import it once more and keep how long that took."""
        seconds, processor_seconds = self.measure()
        self.seconds.append(seconds)
        self.processor_seconds.append(processor_seconds)

    @property
    def processor_ms(self) -> float:
        """The processor time it takes."""
        return median(self.processor_seconds) * 1000


ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "LANG": "en_US.UTF-8",
    "POWERTOOLS_METRICS_NAMESPACE": "Crowdship",
    "POWERTOOLS_SERVICE_NAME": "benchmark",
}


def subjects(work: Path) -> list[Subject]:
    """Return all functions with the layers that the template gives them."""
    ours = work / "crowdship"
    shutil.copytree(ROOT / "layers" / "crowdship" / "python", ours, ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(ours, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    shutil.copytree(ROOT / "functions", work / "functions", ignore=shutil.ignore_patterns("__pycache__"))
    folders = {"Crowdship": ours, "Light": BUILD / "native/light/python", "Solver": BUILD / "native/solver/python"}
    found = []
    for properties in of_kind("local", "AWS::Lambda::Function").values():
        name = function_name(properties)
        audience, subject = name.split("/")
        layers = [layer["Ref"] for layer in properties["Layers"]]
        paths = [path for layer in layers for key, path in folders.items() if f"Code{key}" in layer]
        found.append(Subject(name, subject, [work / "functions" / audience, *paths]))
    return sorted(found, key=lambda subject: subject.name)


def start_seconds() -> float:
    """Return how long an interpreter takes that does nothing."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], env=ENVIRONMENT, check=True)
    return time.perf_counter() - began


def timed_imports(lines: Iterable[str]) -> list[tuple[str, int, int]]:
    """Return module, own and cumulative microseconds out of what ``-X importtime`` writes."""
    found = []
    for line in lines:
        parts = line.removeprefix("import time:").split("|")
        if len(parts) == 3 and parts[0].strip().isdigit():
            found.append((parts[2].strip(), int(parts[0]), int(parts[1])))
    return found


def package_of(module: str) -> str:
    """Return which of the packages a module is part of."""
    root = module.split(".")[0]
    return next((name for name, roots in PACKAGES if root in roots), STANDARD)


def by_package(imports: Iterable[tuple[str, int, int]], own_module: str) -> dict[str, float]:
    """Return the milliseconds that the modules of each package took themselves."""
    total: Counter[str] = Counter()
    for module, own, _ in imports:
        total["crowdship" if module == own_module else package_of(module)] += own
    return {name: total[name] / 1000 for name in (*(name for name, _ in PACKAGES), STANDARD)}


def profile(subject: Subject) -> list[tuple[str, int, int]]:
    """Return the imports of a subject, each with its own and its cumulative microseconds."""
    done = subprocess.run(subject.command("-X", "importtime"), env=ENVIRONMENT, capture_output=True, text=True)
    imports = timed_imports(done.stderr.splitlines())
    names = [name for name, *_ in imports]
    # What the interpreter and the clock brought before is not the function's.
    return imports[names.index("importlib") + 1 :] if "importlib" in names else imports


def draw(shares: dict[str, dict[str, float]]) -> None:
    """Draw what the import of each function is made of."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 0.36 * len(shares) + 1.4))
    axes = figure.subplots()
    names = sorted(shares, key=lambda name: sum(shares[name].values()))
    left = [0.0] * len(names)
    for package in shares[names[0]]:
        widths = [shares[name][package] for name in names]
        axes.barh(names, widths, left=left, label=package)
        left = [start + width for start, width in zip(left, widths, strict=True)]
    axes.axvline(GOAL_MS, color="black", linestyle=":", linewidth=1)
    axes.set_xlabel(f"ms of import time, by package (dotted: the goal of {GOAL_MS} ms behind the API)")
    axes.legend(fontsize="small", loc="lower right")
    keep_picture("imports", figure)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.imports", description=str(__doc__).splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    with TemporaryDirectory() as folder:
        functions = subjects(Path(folder))
        boto3 = Subject("import boto3", "boto3", [BUILD / "native/light/python"])
        starts: list[float] = []
        for subject in (*functions, boto3):
            subject.measure()  # the first import also reads the files from the disk
        for _, one in in_turns([*functions, boto3, None], rounds):
            if one is None:
                starts.append(start_seconds())
            else:
                one.measure_again()
        behind = [subject for subject in functions if subject.name in BEHIND_THE_API]
        slowest = max(behind, key=lambda subject: subject.processor_ms)
        bare = median(slowest.measure("-X", f"pycache_prefix={folder}/none")[1] for _ in range(3)) * 1000
        profiles = {subject.name: profile(subject) for subject in functions}
        shares = {one.name: by_package(profiles[one.name], one.module) for one in functions}

    rows = [
        (
            subject.name,
            "API" if subject.name in BEHIND_THE_API else "",
            f"{subject.processor_ms:.0f}",
            f"{median(subject.seconds) * 1000:.0f}",
            f"{min(subject.seconds) * 1000:.0f}",
            f"{ratio(subject.processor_seconds, boto3.processor_seconds):.2f}",
            subject.modules,
            ", ".join(subject.solvers) or "-",
        )
        for subject in sorted((*functions, boto3), key=lambda one: -one.processor_ms)
    ]
    note = (
        f"{rounds} rounds in turns; an empty interpreter starts in {median(starts) * 1000:.0f} ms; "
        f"without bytecode {slowest.name} takes {bare:.0f} ms of a processor"
    )
    show(
        "import time",
        ("import", "behind", "processor ms", "elapsed ms", "fastest ms", "of boto3", "modules", "solver"),
        rows,
        note,
    )
    top = sorted(profiles[slowest.name], key=lambda entry: -entry[2])[:SHOWN]
    show(
        f"what {slowest.name} spends it on",
        ("module", "with what it imports, ms", "itself, ms"),
        [(module, f"{total / 1000:.1f}", f"{own / 1000:.1f}") for module, own, total in top],
    )
    draw(shares)
    planners = sorted(subject.name for subject in functions if subject.solvers)
    findings = [
        Finding(
            f"import of {slowest.name}, the slowest function behind the API, processor time",
            f"{slowest.processor_ms:.0f} ms",
            f"{GOAL_MS} ms",
            slowest.processor_ms <= GOAL_MS,
        ),
        Finding(
            "... elapsed on this machine: median, fastest",
            f"{median(slowest.seconds) * 1000:.0f} ms, {min(slowest.seconds) * 1000:.0f} ms",
        ),
        Finding("... of `import boto3`", f"{ratio(slowest.processor_seconds, boto3.processor_seconds):.2f}"),
        Finding("... if layers brought no bytecode, processor time", f"{bare:.0f} ms"),
        Finding(
            "functions that load a solver",
            ", ".join(planners),
            "planners only",
            not any(name in BEHIND_THE_API for name in planners),
        ),
    ]
    details = {
        "rounds": rounds,
        "empty_interpreter_ms": [round(seconds * 1000, 1) for seconds in starts],
        "elapsed_ms": {one.name: [round(s * 1000, 1) for s in one.seconds] for one in (*functions, boto3)},
        "processor_ms": {one.name: [round(s * 1000, 1) for s in one.processor_seconds] for one in (*functions, boto3)},
        "by_package_ms": shares,
        "top_modules_us": top,
    }
    conclude("imports", findings, details)
    console.print()


if __name__ == "__main__":
    main()
