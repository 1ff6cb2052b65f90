"""Own levels over HTTP: who may add them, what is refused, and what is written."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from spymaster.cli import main
from spymaster.levels.own import levels_file
from spymaster.stream.own_levels import MAX_BODY_BYTES
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support.stream_server import Answer, Served, serving

PATH = "/v1/hud/levels"
TOKEN = "a-token-of-the-test-0123456789"
LEVEL = {
    "symbol": "ESZ5",
    "name": "shelf",
    "price": "6655.25",
    "known_from": "2025-10-01T14:10:00Z",
}


@pytest.fixture(scope="module")
def open_to_levels(lake: Lake) -> Iterator[Served]:
    with serving(lake, allows_levels=True) as server:
        yield server


@pytest.fixture
def writable(open_to_levels: Served) -> Iterator[Served]:
    """Serve a lake that has no own levels yet."""
    yield open_to_levels
    levels_file(open_to_levels.lake).unlink(missing_ok=True)


def post(server: Served, body: object = LEVEL, **changed: str | None) -> Answer:
    """Ask as the page does; None leaves a header out."""
    headers = {"Origin": f"http://{server.host}", "Content-Type": "application/json"}
    headers |= {name.replace("_", "-"): value for name, value in changed.items()}
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    kept = {name: value for name, value in headers.items() if value is not None}
    return server.request("POST", PATH, text, kept)


def reason(answer: Answer, status: int) -> str:
    assert answer.status == status, answer.body
    assert list(answer.json()) == ["reason"]
    return answer.json()["reason"]


def by_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Path:
    """Run ``spymaster level add`` in another lake; return its file."""
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path / "lake"))
    monkeypatch.setenv("COLUMNS", "2000")
    monkeypatch.setattr("sys.argv", ["spymaster", "level", "add", *arguments])
    with suppress(SystemExit):
        main()
    return tmp_path / "lake" / "levels.csv"


def test_the_file_is_that_of_the_command(
    writable: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = post(writable)
    assert answer.status == 201
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "symbol_or_root": "ESZ5",
        "name": "shelf",
        "price": "6655.25",
        "known_from": "2025-10-01 14:10:00Z",
        "until": "",
        "note": "",
    }
    arguments = ("ESZ5", "shelf", "6655.25", "--from", "2025-10-01T14:10:00")
    expected = by_command(tmp_path, monkeypatch, *arguments)
    assert levels_file(writable.lake).read_bytes() == expected.read_bytes()
    # a second one follows the first, and one name counts once
    assert post(writable, LEVEL | {"name": "ceiling", "price": 6_660}).status == 201
    assert "has a level of this name" in reason(post(writable, LEVEL | {"name": "Shelf"}), 409)
    lines = levels_file(writable.lake).read_text().splitlines()
    assert lines[1:] == [
        "ESZ5,shelf,6655.25,2025-10-01 14:10:00Z,,",
        "ESZ5,ceiling,6660,2025-10-01 14:10:00Z,,",
    ]


@pytest.mark.parametrize(
    ("price", "written"),
    [
        ("6655.3", "6655.25"),
        (6655.37, "6655.25"),
        ("6655.375", "6655.5"),
        ("-0.3", "-0.25"),
        ("-0.1", "0"),
        ("66553e-1", "6655.25"),
        ("6655.2" + "9" * 400, "6655.25"),
    ],
)
def test_a_price_is_put_on_a_tick(writable: Served, price: object, written: str) -> None:
    answer = post(writable, LEVEL | {"price": price})
    assert (answer.status, answer.json().get("price")) == (201, written)


def test_a_moment_is_written_in_utc(writable: Served) -> None:
    answer = post(writable, LEVEL | {"known_from": "2025-10-01T10:10:00.000-04:00"})
    assert answer.json()["known_from"] == "2025-10-01 14:10:00Z"


@pytest.mark.parametrize(
    "name",
    ["it's", 'a"b', "a\nb", "a" * 5_000, "x'); drop table levels; --", "", "own:a", "\u202e"],
)
def test_a_name_is_refused_in_the_line_of_the_command(
    writable: Served,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    by_command(tmp_path, monkeypatch, "ESZ5", name, "6655.25")
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert reason(post(writable, LEVEL | {"name": name}), 400) in line
    assert not levels_file(writable.lake).exists()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"price": "nan"}, "is no price in points"),
        ({"price": "1e12"}, "is no price in points"),
        ({"price": "6,655"}, "is no price in points"),
        ({"price": ""}, "is no price in points"),
        ({"price": None}, "price: is no text"),
        ({"price": True}, "price: is no text"),
        ({"name": ["a"]}, "name: is no text"),
        ({"symbol": "ESZ5'"}, "is no contract or product"),
        ({"symbol": "ABCZ5"}, "is of no product"),
        ({"known_from": "2025-10-01T14:10:00"}, "is no time in whole seconds with a zone"),
        ({"known_from": "2025-10-01T14:10:00.5Z"}, "is no time in whole seconds with a zone"),
        ({"known_from": "0001-01-01T00:00:00+10:00"}, "is no time in whole seconds with a zone"),
        ({"known_from": "now"}, "is no time in whole seconds with a zone"),
        ({"note": "a"}, "must be an object with symbol, name, price, known_from"),
    ],
)
def test_what_is_no_level_is_refused(
    writable: Served, changed: dict[str, object], words: str
) -> None:
    assert words in reason(post(writable, LEVEL | changed), 400)
    assert not levels_file(writable.lake).exists()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b"{}", b"1", b"[" * 10_000])
def test_a_body_that_is_no_level_is_refused(writable: Served, body: bytes) -> None:
    assert "the body" in reason(post(writable, body), 400)


def test_a_large_body_is_refused(writable: Served) -> None:
    padded = json.dumps(LEVEL).encode().ljust(MAX_BODY_BYTES)
    assert post(writable, padded + b" ").status == 413
    assert post(writable, b" " * 10**6).status == 413
    assert not levels_file(writable.lake).exists()
    assert post(writable, padded).status == 201


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp"]
)
def test_another_type_of_content_is_refused(writable: Served, kind: str | None) -> None:
    assert "application/json" in reason(post(writable, Content_Type=kind), 415)
    assert post(writable, Content_Type="Application/JSON; charset=utf-8").status == 201


def test_another_origin_and_none_are_refused(writable: Served) -> None:
    others = ("http://evil.example", "null", "", f"http://localhost:{writable.port}", None)
    for origin in others:
        reason(post(writable, Origin=origin), 403)
    reason(post(writable, Host="evil.example"), 403)
    reason(post(writable, Sec_Fetch_Site="cross-site"), 403)
    assert not levels_file(writable.lake).exists()


def test_without_the_option_nothing_is_written(served: Served) -> None:
    assert post(served).status == 404
    assert not levels_file(served.lake).exists()
    assert served.api("meta").json()["may_add_levels"] is False


def test_the_page_is_told_and_other_methods_are_refused(writable: Served) -> None:
    assert writable.api("meta").json()["may_add_levels"] is True
    assert writable.get(PATH).status == 405
    headers = {"Origin": f"http://{writable.host}"}
    assert writable.request("DELETE", PATH, None, headers).status == 405


def test_the_token_is_asked_for(lake: Lake) -> None:
    with serving(lake, token=TOKEN, allows_levels=True) as server:
        assert post(server).status == 401
        assert not levels_file(lake).exists()
        assert post(server, Authorization=f"Bearer {TOKEN}", Origin=None).status == 403
        assert post(server, Cookie=f"spymaster_token={TOKEN}").status == 201
    levels_file(lake).unlink()


def test_levels_at_once_are_all_written_or_refused(writable: Served) -> None:
    answers: dict[str, int] = {}

    def add(name: str) -> None:
        answers[name] = post(writable, LEVEL | {"name": name}).status

    threads = [threading.Thread(target=add, args=(f"level_{i}",)) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers.values()) <= {201, 503}
    written = levels_file(writable.lake).read_text().splitlines()[1:]
    expected = {name for name, status in answers.items() if status == 201}
    assert {line.split(",")[1] for line in written} == expected
    assert len(expected) >= 4


def test_a_damaged_file_is_the_servers_fault(writable: Served) -> None:
    levels_file(writable.lake).write_text("name,price\n", encoding="utf-8")
    words = reason(post(writable), 503)
    assert "does not begin with its columns" in words
    # the folder is the server's secret
    assert str(writable.lake.root) not in words
    assert levels_file(writable.lake).read_text(encoding="utf-8") == "name,price\n"
