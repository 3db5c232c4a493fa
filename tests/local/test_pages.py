import json
from math import hypot
from pathlib import Path

import pytest

from local import pages
from local.city.plans.invented import CENTRE
from local.city.streets import HARBOUR, invented_ground


@pytest.fixture
def site(tmp_path):
    built, ground = tmp_path / "web", tmp_path / "ground"
    for name in (
        "t/index.html",
        "assets/index-1a2b.js",
        "assets/worker.mjs",
        ".vite/manifest.json",
        "icon.svg",
        pages.WORKER,
    ):
        path = built / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    ground.mkdir()
    (ground / "region.pmtiles").write_bytes(b"x")
    (ground / "ground.json").write_text("{}")
    return {file.key: file for file in pages.files(built, ground)}


def test_a_page_is_uploaded_after_whatever_it_names_and_the_worker_after_the_pages_that_it_keeps(site):
    assert list(site)[-2:] == ["t/index.html", pages.WORKER]
    assert not [key for key in site if key.startswith(".")]


def test_only_files_whose_name_holds_a_hash_are_kept_for_ever(site):
    kept = {key for key, file in site.items() if file.cache_control == pages.FOR_EVER}
    assert site[pages.WORKER].cache_control == pages.ASK_FIRST
    assert kept == {"assets/index-1a2b.js", "assets/worker.mjs"}


def test_a_browser_is_told_what_each_file_is(site):
    told = {key: file.content_type for key, file in site.items()}
    assert told["t/index.html"] == "text/html; charset=utf-8"
    assert told["assets/worker.mjs"] == "text/javascript; charset=utf-8", "a browser runs no module of another kind"
    assert told["icon.svg"] == "image/svg+xml"
    assert told["ground/region.pmtiles"] == "application/octet-stream"


def test_the_invented_ground_gives_way_to_real_streets(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "GROUND", tmp_path / "ground")
    pages.lay_ground()
    note = tmp_path / "ground" / "ground.json"
    assert json.loads(note.read_text())["kind"] == "geojson"
    note.write_text(json.dumps({"kind": "pmtiles", "file": "region.pmtiles"}))
    pages.lay_ground()
    assert json.loads(note.read_text())["kind"] == "pmtiles"


def test_no_invented_street_runs_through_the_harbour():
    _, streets = invented_ground()
    (east, north), radius = HARBOUR
    middle = CENTRE.moved(east, north)
    for feature in streets["features"]:
        if feature["properties"]["layer"] == "road":
            for lon, lat in feature["geometry"]["coordinates"]:
                away = hypot((lat - middle.lat) * 111_200, (lon - middle.lon) * 86_000)
                assert away > radius * 0.75


def test_sources_of_the_pages_are_part_of_their_fingerprint(tmp_path, monkeypatch):
    web = Path(tmp_path, "web")
    (web / "src").mkdir(parents=True)
    (web / "node_modules").mkdir()
    for name in ("WEB", "GROUND", "API"):
        monkeypatch.setattr(pages, name, {"WEB": web, "GROUND": tmp_path / "none", "API": tmp_path / "api.json"}[name])
    monkeypatch.setattr(pages, "ROOT", tmp_path)
    (web / "src" / "a.ts").write_text("1")
    first = pages.fingerprint()
    (web / "node_modules" / "b.js").write_text("1")
    assert pages.fingerprint() == first
    (web / "src" / "a.ts").write_text("2")
    assert pages.fingerprint() != first
