"""Build the pages of ``web/`` and upload them: ``make pages``; ``make up`` and ``make deploy`` do it by themselves.

A page is built again only if its sources changed. Files whose names hold a hash are kept by browsers for ever and never
deleted: a page that was opened before a deployment may still ask for one.
"""

from __future__ import annotations

import hashlib
import json
import mimetypes
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.layers import ROOT

WEB = ROOT / "web"
BUILT = ROOT / "build" / "web"
GROUND = ROOT / "build" / "ground"
MARK = ROOT / "build" / "web.mark"
API = ROOT / "docs" / "openapi.json"
NOT_SOURCES = {"node_modules", "e2e", "api.d.ts"}

FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"
"""For files that keep their name: a browser asks whether its copy is still the newest."""

KINDS = {".js": "text/javascript", ".mjs": "text/javascript", ".pmtiles": "application/octet-stream"}
WORKER = "driver-worker.js"
"""Lists the other files, so that browsers that find it must find those."""

IN_UTF_8 = ("text/", "application/json", "application/geo+json")


class PagesError(Exception):
    """The pages can't be built; the message says why and what to do."""


@dataclass(frozen=True)
class File:
    """A file as a browser gets it.

    Parameters
    ----------
    key : str
        Its path in the bucket.
    source : Path
        The file to upload.
    """

    key: str
    source: Path

    @property
    def content_type(self) -> str:
        """The value of its header ``Content-Type``."""
        kind = KINDS.get(self.source.suffix) or mimetypes.guess_type(self.key)[0] or "application/octet-stream"
        return f"{kind}; charset=utf-8" if kind.startswith(IN_UTF_8) else kind

    @property
    def cache_control(self) -> str:
        """The value of its header ``Cache-Control``."""
        return FOR_EVER if self.key.startswith("assets/") else ASK_FIRST


def fingerprint() -> str:
    """Return a hash of all that the pages are made from, and of the ground of their maps."""
    digest = hashlib.sha256()
    sources = [path for path in WEB.rglob("*") if not NOT_SOURCES & set(path.relative_to(WEB).parts)]
    for path in sorted([*sources, API, *GROUND.glob("*")]):
        if path.is_file():
            digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def build(mark: str) -> None:
    """Build the pages, unless they are built from the same sources.

    Raises
    ------
    PagesError
        If a tool is missing or refuses the sources.
    """
    if BUILT.is_dir() and MARK.is_file() and MARK.read_text() == mark:
        return
    if not (WEB / "node_modules").is_dir():
        raise PagesError("the tools of web/ are not installed: run `make setup` where npm is")
    print("  building the pages ...", flush=True)
    MARK.unlink(missing_ok=True)
    for step in ("types", "build"):
        done = subprocess.run(["npm", "run", "--silent", step], cwd=WEB, capture_output=True, text=True)
        if done.returncode:
            raise PagesError(f"npm run {step} failed:\n{done.stdout}{done.stderr}".rstrip())
    MARK.write_text(mark)


def files(built: Path = BUILT, ground: Path = GROUND) -> Iterator[File]:
    """Yield all files of the site: pages after what they name, and the worker after the pages that it keeps."""
    found = [(path.relative_to(built).as_posix(), path) for path in built.rglob("*") if path.is_file()]
    found += [(f"ground/{path.name}", path) for path in ground.glob("*")]
    shown = [one for one in found if not one[0].startswith(".vite/")]
    for key, path in sorted(shown, key=lambda one: (one[0] == WORKER, one[0].endswith(".html"), one[0])):
        yield File(key, path)


def upload(s3: Any, bucket: str) -> int:
    """Upload the built pages to their bucket and return how many files that were."""
    count = 0
    for file in files():
        s3.put_object(
            Bucket=bucket,
            Key=file.key,
            Body=file.source.read_bytes(),
            ContentType=file.content_type,
            CacheControl=file.cache_control,
        )
        count += 1
    return count


def lay_ground() -> None:
    """Write the ground of the invented city, unless `make region` has made one of real streets."""
    from local.city.streets import invented_ground

    note = GROUND / "ground.json"
    if note.exists() and json.loads(note.read_text())["kind"] == "pmtiles":
        return
    shutil.rmtree(GROUND, ignore_errors=True)
    GROUND.mkdir(parents=True)
    about, streets = invented_ground()
    (GROUND / about["file"]).write_text(json.dumps(streets, separators=(",", ":")))
    note.write_text(json.dumps(about))


def publish(stage: str) -> None:
    """Build the pages and upload them to the bucket of a stage in the AWS account of the credentials."""
    import boto3

    name = f"/crowdship/{stage}/stacks/PagesBucket"
    bucket = boto3.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    build(fingerprint())
    print(f"  uploaded {upload(boto3.client('s3'), bucket)} files of the pages to {bucket}", flush=True)


def main(stage: str = "") -> int:
    """Build the pages, and upload them if a stage is named; return the exit status."""
    try:
        if stage:
            publish(stage)
        else:
            build(fingerprint())
            print(f"  the pages are in {BUILT.relative_to(ROOT)}")
    except PagesError as error:
        print(f"pages: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
