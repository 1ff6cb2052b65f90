"""The HTTP endpoints, over a real socket."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
import types
from pathlib import Path

import pytest
from spymaster.published import NotPublishedError
from spymaster.stream import app as application
from spymaster.stream import meta
from spymaster.stream.bootstrap import read_bootstrap
from spymaster.stream.reader import open_reader
from spymaster.stream.surfaces import COMPACT, FULL, SURFACES
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from support import hud_lake
from support.hud_lake import COUNT, DAY, SYMBOL, window_end_ns
from support.stream_server import Served, serving

NINE = [
    "snap",
    "wall",
    "vacuum",
    "radar",
    "physics",
    "physics_surface",
    "gex",
    "levels",
    "pressure",
]


def test_health(served: Served) -> None:
    answer = served.get("/v1/hud/health")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})


def test_days_state_nanoseconds_as_texts(served: Served) -> None:
    assert served.get("/v1/hud/days").json() == [
        {
            "symbol": SYMBOL,
            "dt": "2025-10-01",
            "first_window_end_ts_ns": str(window_end_ns(0)),
            "last_window_end_ts_ns": str(window_end_ns(COUNT - 1)),
            "seconds": COUNT - 1,
        }
    ]


def test_meta(served: Served) -> None:
    meta = served.api("meta").json()
    surfaces, hashes = meta.pop("surfaces"), set()
    assert meta == {
        "symbol": SYMBOL,
        "dt": "2025-10-01",
        "local_tz": "America/New_York",
        "city": "New York",
        "first_window_end_ts_ns": str(window_end_ns(0)),
        "last_window_end_ts_ns": str(window_end_ns(COUNT - 1)),
        "seconds": COUNT,
        "base_ts_ns": "1759276800000000000",
        "tick_int": 250_000_000,
        "tick_size": 0.25,
        "point_value": 50.0,
        "calibration_mode": "prior_sessions",
        "wall_first_window_end_ts_ns": str(window_end_ns(0)),
        "wall_last_window_end_ts_ns": str(window_end_ns(COUNT - 1)),
        "levels": ["or_high", "or_low", "pm_high", "pm_low", "sma_400", "sma_90"],
        "open_window_end_ts_ns": None,
        "records": [
            {
                "level_id": level_id,
                "direction": "up",
                "words": "broke 4, turned back 2 of 7; not compared with chance",
            }
            for level_id in ("or_high", "sma_90")
        ],
        "may_add_levels": False,
        "is_live": False,
        "absent": {},
    }
    assert list(surfaces) == list(SURFACES)
    for name, surface in surfaces.items():
        assert surface["relation"] == SURFACES[name].relations[0]
        assert surface["has_ticks"] == (name in ("wall", "vacuum", "physics_surface"))
        assert list(surface["schema_sha256"]) == list(SURFACES[name].layouts)
        hashes.update(surface["schema_sha256"].values())
    assert all(len(value) == 64 for value in hashes)
    assert len(hashes) == sum(len(surface.layouts) for surface in SURFACES.values())


def test_meta_names_what_the_build_left_out(tmp_path: Path) -> None:
    left_out = (
        "silver.gex_surface_1s",
        "silver.levels_1s",
        "steps.physics_calibration_modes",
        "reference.instruments",
        "gold.approach_episodes",
    )
    lake = hud_lake.write_lake(Lake(tmp_path / "lake"), count=60, without=left_out)
    with serving(lake) as server:
        meta = server.api("meta").json()
        assert meta["absent"] == {
            "gex": ["silver.gex_surface_1s"],
            "levels": ["silver.levels_1s"],
        }
        assert not {"gex", "levels"} & set(meta["surfaces"])
        assert (meta["levels"], meta["calibration_mode"], meta["point_value"]) == ([], None, None)
        # what is there by default, without what is not
        parts = server.api("bootstrap").parts()
        assert list(parts) == [name for name in NINE if name not in ("gex", "levels")]
        named = server.api("bootstrap", surfaces="snap,gex")
        assert (named.status, named.json()) == (
            404,
            {"reason": "gex: silver.gex_surface_1s is not in the published file"},
        )
        assert server.api("approaches").status == 404


@pytest.mark.parametrize("layout", [FULL, COMPACT])
def test_bootstrap_is_the_last_half_hour_of_all_surfaces(
    served: Served, lake: Lake, layout: str
) -> None:
    answer = served.api("bootstrap", layout=layout)
    assert answer.headers["Content-Type"].startswith("multipart/mixed; boundary=")
    expected = {
        "X-HUD-Symbol": SYMBOL,
        "X-HUD-Dt": "2025-10-01",
        "X-HUD-Start-Ts-Ns": str(window_end_ns(COUNT - 1_800)),
        "X-HUD-End-Ts-Ns": str(window_end_ns(COUNT - 1)),
        "X-HUD-Windows": "1800",
    }
    assert {name: answer.headers[name] for name in expected} == expected
    parts = answer.parts()
    assert list(parts) == [name for name in NINE if layout in SURFACES[name].layouts]
    with open_reader(lake) as reader:
        tables = read_bootstrap(reader, SYMBOL, DAY, layout=layout)
    for name, table in tables.items():
        assert parts[name].equals(table, check_metadata=True), name
    # a missing second counts as one
    assert parts["snap"].num_rows == 1_799


@pytest.mark.parametrize("count", [1, 2, 600, 1_799, 1_800, 1_801, 2_200])
def test_the_ring_holds_as_many_seconds_as_have_passed_up_to_half_an_hour(
    served: Served, count: int
) -> None:
    end = window_end_ns(count - 1)
    answer = served.api("bootstrap", end_ts_ns=end, surfaces="snap")
    length = min(count, 1_800)
    assert answer.headers["X-HUD-Windows"] == str(length)
    assert answer.headers["X-HUD-End-Ts-Ns"] == str(end)
    assert answer.headers["X-HUD-Start-Ts-Ns"] == str(window_end_ns(count - length))
    [snap] = answer.parts().values()
    missing = count > hud_lake.MISSING
    assert snap.num_rows == length - missing
    ends = snap["window_end_ts_ns"].to_pylist()
    assert (ends[0], ends[-1]) == (window_end_ns(count - length), end)


def test_bootstrap_of_what_is_named(served: Served) -> None:
    answer = served.api(
        "bootstrap",
        windows=10,
        surfaces="wall,odds,wall",
        max_ticks=1,
        end_ts_ns=window_end_ns(2_309) + 999_999_999,
    )
    parts = answer.parts()
    assert list(parts) == ["wall", "odds"]
    assert set(parts["wall"]["rel_ticks"].to_pylist()) == {-1, 1}
    assert parts["odds"].num_rows == 2
    assert answer.headers["X-HUD-Start-Ts-Ns"] == str(window_end_ns(2_300))


def test_an_end_after_the_day_is_its_last_window(served: Served) -> None:
    answer = served.api("bootstrap", surfaces="snap", end_ts_ns=2**63 - 1, windows=1)
    assert answer.headers["X-HUD-End-Ts-Ns"] == str(window_end_ns(COUNT - 1))


def test_surfaces_answers_a_half_open_range(served: Served) -> None:
    answer = served.api(
        "surfaces", surface="snap", start_ts_ns=window_end_ns(10), end_ts_ns=window_end_ns(20)
    )
    assert answer.headers["Content-Type"] == "application/vnd.apache.arrow.stream"
    assert answer.headers["X-HUD-Rows"] == "10"
    assert answer.table()["window_end_ts_ns"].to_pylist() == [
        window_end_ns(second) for second in range(10, 20)
    ]


def test_an_empty_range_keeps_the_schema(served: Served) -> None:
    bounds = {"start_ts_ns": window_end_ns(hud_lake.NO_GEX), "surface": "gex"}
    answer = served.api("surfaces", **bounds, end_ts_ns=window_end_ns(hud_lake.NO_GEX + 1))
    assert (answer.headers["X-HUD-Rows"], answer.table().num_rows) == ("0", 0)
    full = served.api("surfaces", **bounds, end_ts_ns=window_end_ns(hud_lake.NO_GEX + 2))
    assert full.table().num_rows == 26
    assert answer.table().schema.equals(full.table().schema, check_metadata=True)
    outside = served.api("surfaces", surface="gex", start_ts_ns=0, end_ts_ns=10**9)
    assert (outside.status, outside.table().num_rows) == (200, 0)


NOW = {"start_ts_ns": window_end_ns(0), "end_ts_ns": window_end_ns(9)}


@pytest.mark.parametrize(
    ("endpoint", "asked", "status", "reason"),
    [
        ("bootstrap", {"symbol": "ESZ6"}, 404, "there is no such contract-day (built: ESZ5)"),
        ("bootstrap", {"symbol": "esz5"}, 404, "did you mean ESZ5?"),
        ("bootstrap", {"dt": "2025-10-02"}, 404, "1 UTC days from 2025-10-01 to 2025-10-01"),
        ("bootstrap", {"surfaces": "snap,nothing"}, 404, "nothing: is no surface"),
        ("bootstrap", {"surfaces": "radar", "layout": "compact"}, 404, "no layout compact"),
        ("bootstrap", {"end_ts_ns": 1}, 400, "before the first window"),
        ("bootstrap", {"windows": 0}, 400, "from 1 to 3600"),
        ("bootstrap", {"windows": 3_601}, 400, "from 1 to 3600"),
        ("bootstrap", {"windows": 1_800, "max_ticks": 400}, 400, "cells of layout full"),
        ("bootstrap", {"max_ticks": "all"}, 400, "from 0 to 400"),
        ("bootstrap", {"dt": "yesterday"}, 400, "is no date"),
        ("surfaces", {"surface": "snap"}, 400, "start_ts_ns: is missing"),
        ("surfaces", NOW, 400, "surface: is missing"),
        ("surfaces", NOW | {"surface": "future_mbo"}, 404, "is no surface"),
        ("surfaces", NOW | {"surface": "snap", "end_ts_ns": 0}, 400, "must be after"),
        ("surfaces", NOW | {"surface": "snap", "end_ts_ns": 2**62}, 400, "more than 3600"),
        ("meta", {"symbol": "x' or 'x'='x"}, 404, "no such contract"),
        ("meta", {"dt": ""}, 400, "dt: is missing"),
        ("approaches", {"until_ts_ns": "now"}, 400, "must be a number"),
        ("approaches", {"end_ts_ns": 1}, 400, "'end_ts_ns': is no parameter of approaches"),
        ("surfaces", NOW | {"surfaces": "snap"}, 400, "'surfaces': is no parameter of surfaces"),
        ("bootstrap", {"start_ts_ns": 1}, 400, "'start_ts_ns': is no parameter of bootstrap"),
        ("meta", {"Dt": DAY}, 400, "'Dt': is no parameter of meta (it has symbol, dt)"),
        ("days", {}, 400, "'symbol': is no parameter of days (it has none)"),
        ("health", {}, 400, "'symbol': is no parameter of health"),
        ("nothing", {}, 404, "Not Found"),
    ],
)
def test_what_cannot_be_answered_says_why(
    served: Served, endpoint: str, asked: dict[str, object], status: int, reason: str
) -> None:
    answer = served.api(endpoint, **asked)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/json"
    assert list(answer.json()) == ["reason"]
    assert reason in answer.json()["reason"]


def test_an_outcome_stays_hidden_until_its_label_has_ended(served: Served) -> None:
    def outcomes(**until: int) -> list[tuple[str, str | None, bool]]:
        return [
            (row["level_id"], row["outcome"], row["outcome_hidden"])
            for row in served.api("approaches", **until).json()
        ]

    known_ns = window_end_ns(1_990 + 240)
    assert outcomes(until_ts_ns=known_ns - 1) == [("or_high", None, True), ("pm_low", None, True)]
    assert outcomes(until_ts_ns=known_ns) == [
        ("or_high", "REJECT", False),
        ("pm_low", None, True),
    ]
    assert outcomes() == [("or_high", "REJECT", False), ("pm_low", "BREAK", False)]
    first = served.api("approaches").json()[0]
    assert first["approach_dir"] == "approach_up"
    assert first["first_window_end_ts_ns"] == str(window_end_ns(1_900))
    assert first["last_window_end_ts_ns"] == str(window_end_ns(1_990))
    assert (first["attempt_index"], first["touched"]) == (1, False)


def test_steps_of_a_retest_stay_hidden_until_they_are_known(served: Served) -> None:
    broken, back, end = hud_lake.RETEST

    def shown(until: int) -> list[tuple[object, ...]]:
        rows = served.api("retests", until_ts_ns=window_end_ns(until)).json()
        return [
            (
                row["retest_ts_ns"] is not None,
                row["turn_state"],
                row["outcome"],
                row["outcome_hidden"],
                row["retest_window_end_ts_ns"],
                row["label_end_ts_ns"],
            )
            for row in rows
        ]

    back_at, end_at = str(window_end_ns(back)), str(window_end_ns(end))
    # a break is known once it has held
    assert shown(broken + 9) == []
    assert shown(broken + 10) == shown(back - 1) == [(False, None, None, True, None, None)]
    assert shown(back) == shown(end - 1) == [(True, "partial", None, True, back_at, None)]
    assert shown(end) == [(True, "partial", "FAILS", False, back_at, end_at)]
    # by trades alone
    [row] = served.api("retests").json()
    assert row["outcome"] == "FAILS"
    assert (row["level_id"], row["level_price"]) == ("or_high", 6660.0)


def test_explain_hands_the_parameters_to_the_one_who_knows(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"surface": "wall", "column": "add_qty", "window_end_ts_ns": str(window_end_ns(5))}

    def explain_cell(connection: object, request: dict[str, str]) -> dict[str, object]:
        [(rows,)] = connection.execute("select count(*) from silver.wall_surface_1s").fetchall()
        return {"asked": request, "has_rows": rows > 0}

    module = types.SimpleNamespace(explain_cell=explain_cell)
    monkeypatch.setitem(sys.modules, "spymaster.explain", module)
    answer = served.api("explain", **asked)
    assert answer.json() == {
        "asked": {"symbol": SYMBOL, "dt": "2025-10-01"} | asked,
        "has_rows": True,
    }

    for error, status in ((SpymasterError, 400), (NotPublishedError, 404)):

        def refuse(
            connection: object, request: dict[str, str], error: type[SpymasterError] = error
        ) -> None:
            raise error("wall", "has no such column", "add_qty")

        module.explain_cell = refuse
        answer = served.api("explain", **asked)
        reason = {"reason": "wall: has no such column (add_qty)"}
        assert (answer.status, answer.json()) == (status, reason)


def test_what_an_approach_shows_at_its_end_stays_hidden_before(served: Served) -> None:
    def shown(until: int) -> list[tuple[bool | None, bool]]:
        rows = served.api("approaches", until_ts_ns=window_end_ns(until)).json()
        return [(row["touched"], row["outcome_hidden"]) for row in rows]

    assert shown(1_989) == [(None, True), (None, True)]
    assert shown(1_990) == [(False, True), (None, True)]
    assert shown(1_990 + 240) == [(False, False), (None, True)]


def test_the_page_and_its_files(lake: Lake, tmp_path: Path) -> None:
    page = tmp_path / "static"
    (page / "wire").mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html>")
    (page / "wire" / "lz4.js").write_text("export {};")
    (page / "paint.json").write_text("{}")
    (tmp_path / "secret.txt").write_text("secret")
    (page / "link.txt").symlink_to(tmp_path / "secret.txt")
    with serving(lake, page=page) as server:
        types_by_path = {
            "/": "text/html",
            "/static/wire/lz4.js": "text/javascript",
            "/static/paint.json": "application/json",
        }
        for path, media_type in types_by_path.items():
            answer = server.get(path)
            assert answer.status == 200
            assert answer.headers["Content-Type"].split(";")[0] == media_type
        for path in (
            "/static/../secret.txt",
            "/static/%2e%2e/secret.txt",
            "/static/..%2fsecret.txt",
            "/static/wire/../../secret.txt",
            "/static//etc/passwd",
            "/static/link.txt",
            "/static/",
            "/static/wire",
            "/static/%00",
            "/secret.txt",
        ):
            answer = server.get(path)
            assert (answer.status, list(answer.json())) == (404, ["reason"]), path
            assert b"secret" not in answer.body
    with serving(lake, page=tmp_path / "nowhere") as server:
        assert server.get("/").json() == {"reason": "/: this installation has no page"}


def test_other_methods_are_refused(served: Served) -> None:
    for method in ("POST", "PUT", "DELETE"):
        for path in ("/", "/v1/hud/bootstrap", "/v1/hud/meta"):
            request = (
                f"{method} {path} HTTP/1.1\r\nHost: {served.host}\r\n"
                f"Origin: http://{served.host}\r\nContent-Length: 0\r\n\r\n"
            )
            with socket.create_connection(("127.0.0.1", served.port)) as connection:
                connection.sendall(request.encode())
                assert b" 405 " in connection.recv(1 << 16).splitlines()[0]


def test_a_client_that_does_not_take_its_answer_stops_nobody(served: Served) -> None:
    path = f"/v1/hud/bootstrap?symbol={SYMBOL}&dt={DAY}"
    request = f"GET {path} HTTP/1.1\r\nHost: {served.host}\r\n\r\n".encode()
    slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(3)]
    try:
        for connection in slow:
            connection.sendall(request)
        assert len(served.api("bootstrap", surfaces="snap").parts()) == 1
        assert served.get("/v1/hud/health").status == 200
    finally:
        for connection in slow:
            connection.close()


def test_large_answers_are_limited(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "MAX_LARGE_ANSWERS", 0)
    with serving(lake) as server:
        answer = server.api("bootstrap")
        assert (answer.status, list(answer.json())) == (503, ["reason"])
        assert server.api("meta").status == 200


def test_rubbish_does_not_stop_the_server(served: Served) -> None:
    for rubbish in (
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET /v1/hud/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n",
        b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 200_000,
    ):
        with socket.create_connection(("127.0.0.1", served.port)) as connection:
            connection.settimeout(5)
            try:
                connection.sendall(rubbish)
                assert connection.recv(1 << 16)[:12].split()[1][:1] == b"4"
            except ConnectionError:
                pass
    assert served.get("/v1/hud/health").status == 200


def test_nothing_published_is_said(tmp_path: Path) -> None:
    with serving(Lake(tmp_path)) as server:
        for answer in (
            *(server.get(f"/v1/hud/{endpoint}") for endpoint in ("health", "days")),
            *(server.api(endpoint) for endpoint in ("meta", "bootstrap")),
        ):
            assert answer.status == 503
            assert "nothing is published yet" in answer.json()["reason"]
        with server.client() as client:
            message = client.message()
            assert message["type"] == "error"
            assert "nothing is published yet" in message["reason"]


def test_a_failure_names_no_folder(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(reader: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO), "/home/someone/lake/file.parquet")

    monkeypatch.setattr(meta, "days", fail)
    answer = served.get("/v1/hud/days")
    assert (answer.status, answer.json()) == (
        500,
        {"reason": f"file.parquet: {os.strerror(errno.EIO)}"},
    )


def test_requests_at_once_are_all_answered(served: Served) -> None:
    answers: list[int] = []

    def ask(second: int) -> None:
        answer = served.api(
            "bootstrap", surfaces="snap", windows=5, end_ts_ns=window_end_ns(second)
        )
        answers.append(answer.parts()["snap"]["window_end_ts_ns"][-1].as_py())

    threads = [threading.Thread(target=ask, args=(second,)) for second in range(10, 16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [window_end_ns(second) for second in range(10, 16)]
