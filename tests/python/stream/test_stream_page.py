"""The files of the page: addresses that change with them, and what browsers may keep."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from spymaster_ingest.lake import Lake
from support import hud_lake
from support.stream_server import Served, serving

_NAMED = re.compile(rb'(?:href|src)="(/static/[^"]+)"')


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return hud_lake.write_lake(Lake(tmp_path_factory.mktemp("page") / "lake"), count=10)


def named(server: Served) -> list[str]:
    return [name.decode() for name in _NAMED.findall(server.get("/").body)]


def test_browsers_keep_what_the_page_names(lake: Lake) -> None:
    with serving(lake) as server:
        paths = named(server)
        assert len(paths) > 50
        for path in paths:
            answer = server.get(path)
            assert (answer.status, path) == (200, path)
            assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"


def test_a_file_without_its_version_is_asked_for_again(lake: Lake) -> None:
    with serving(lake) as server:
        for path in ("/", "/static/main.js"):
            answer = server.get(path)
            assert answer.headers["Cache-Control"] == "no-cache"
            tag = answer.headers["ETag"]
            again = server.get(path, headers={"If-None-Match": tag})
            assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
            assert server.get(path, headers={"If-None-Match": '"other"'}).body == answer.body


def test_a_changed_file_changes_every_address(lake: Lake, tmp_path: Path) -> None:
    page = tmp_path / "static"
    page.mkdir()
    (page / "index.html").write_text('<script src="/static/main.js"></script>')
    (page / "main.js").write_text("export {};")
    (page / "other.js").write_text("export {};")
    with serving(lake, page=page) as server:
        [before] = named(server)
        assert server.get(before).body == b"export {};"
        (page / "other.js").write_text("export default 1;")
        # what runs is what was there at the start
        assert named(server) == [before]
        assert server.get("/static/other.js").body == b"export {};"
    with serving(lake, page=page) as server:
        [after] = named(server)
        assert after != before
        assert server.get(after).status == 200
        assert server.get(before).status == 404
