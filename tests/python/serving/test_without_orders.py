"""Commands on a day without market by order say what is missing, why, and what to do."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from spymaster.cli import cli
from spymaster.hud.cells import depth_cells
from spymaster.plot.colours import THEME
from spymaster.plot.read import open_reader
from spymaster.plot.scene import make_scene
from spymaster.published import open_published
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support import mbp_lakes
from support.clock import NEW_YORK
from support.mbp_lakes import ByPrice

MISSING = (
    "No market-by-order file is landed for {day}: single orders and depth beyond ten levels are "
    "not known, and pulls and the four conditions only net of what arrived. Land its .mbo.dbn "
    "files to see them."
)
COMPARED = (
    "Compared by market features of the ten best levels and the four conditions, net of what "
    "arrived: no market-by-order file is landed for this day, so order flow at the level is not "
    "known."
)
THIS_DAY = MISSING.format(day="this day")
CONTRACT_DAY = ("--symbol", mbp_lakes.ES, "--dt", str(mbp_lakes.DAY))


@pytest.fixture(scope="module")
def lake(by_price: ByPrice) -> Lake:
    return by_price.lake


def run(lake: Lake, *arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, env={LAKE_VARIABLE: str(lake.root), "COLUMNS": "300"})


def refusal(result: Result) -> str:
    assert isinstance(result.exception, SpymasterError)
    return str(result.exception)


def test_levels_come_without_orders(lake: Lake) -> None:
    result = run(lake, "levels", *CONTRACT_DAY)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[1] == THIS_DAY
    assert "not shown (no market-by-order file is landed for this day)" in result.stdout
    document = json.loads(run(lake, "levels", *CONTRACT_DAY, "--json").stdout)
    assert document["orders_missing"] == THIS_DAY
    assert document["levels"][0]["level_price_int"] > 0


def test_setups_compare_market_features(lake: Lake) -> None:
    asked = ("setups", *CONTRACT_DAY, "--level", "pm_high")
    result = run(lake, *asked)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert COMPARED in lines
    # a first day has no earlier one to compare with
    assert "No odds" in lines[lines.index(COMPARED) + 1]
    assert any(
        line == "the four conditions: not shown" or "net of what arrived" in line for line in lines
    )
    assert json.loads(run(lake, *asked, "--json").stdout)["compared"] == COMPARED


def test_a_picture_shows_price_and_levels(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "day.png"
    times = ("--start", "09:29:00", "--end", "09:33:00")
    result = run(lake, "plot", *CONTRACT_DAY, *times, "--out", str(path))
    assert result.exit_code == 0, result.output
    assert path.stat().st_size > 10_000
    assert THIS_DAY in result.stderr.replace("\n", " ")
    assert THIS_DAY not in result.stdout


def test_a_picture_shows_the_depth_of_ten_levels(lake: Lake) -> None:
    seconds = NEW_YORK.time_range(mbp_lakes.DAY, dt.time(9, 31), dt.time(9, 32))
    with open_reader(lake, mbp_lakes.ES, seconds) as reader:
        scene = make_scene(reader, mbp_lakes.ES, seconds)
    with open_published(lake) as connection:
        levels = connection.execute(
            "select bid_px_00_int, bid_px_09_int, ask_px_09_int, bid_sz_00, ask_sz_00 "
            "from silver.top10_1s where symbol = ? and is_valid and window_start_ts >= ? "
            "order by window_start_ts limit 1",
            [mbp_lakes.ES, seconds.start_utc],
        ).fetchall()
    [(best, lowest, highest, *_)] = levels
    assert scene.depth_scale is not None
    assert scene.depth_gaps == ()
    shown = scene.rows.ticks[scene.depth[:, 0, 3] > 0] * scene.tick_int
    # between the tenth bid and the tenth ask all is known, beyond them nothing
    known = scene.rows.ticks * scene.tick_int
    known = known[(known >= lowest) & (known <= highest)]
    assert shown.tolist() == known.tolist()
    row = (best // scene.tick_int) - scene.rows.low_tick
    [empty] = depth_cells(
        np.zeros((2, 1, 1), np.int64), np.ones((1, 1), bool), scene.depth_scale, THEME
    )
    assert scene.depth[row, 0].tolist() != empty[0].tolist()


def test_the_book_around_spot_needs_orders(lake: Lake) -> None:
    for times in ((), ("--at", "09:31:00"), ("--at", "03:00:00")):
        message = refusal(run(lake, "setups", *CONTRACT_DAY, *times))
        assert "a moment without a level compares the whole book around spot" in message
        assert THIS_DAY in message
        assert "too short a time" not in message


def test_there_are_no_orders_to_rebuild(lake: Lake) -> None:
    at = f"{mbp_lakes.DAY}T13:31:00"
    message = refusal(run(lake, "book", "--symbol", mbp_lakes.ES, "--at", at))
    assert "there are no orders to rebuild" in message
    assert THIS_DAY in message


def test_status_names_the_day(lake: Lake) -> None:
    sentence = MISSING.format(day=f"{mbp_lakes.ES} {mbp_lakes.DAY}")
    assert sentence in run(lake, "status").stdout.splitlines()
    assert json.loads(run(lake, "status", "--json").stdout)["orders_missing"] == sentence


def test_a_count_has_no_orders_behind_it(lake: Lake) -> None:
    value = ("--relation", "snap", "--column", "best_bid_price_int", "--at", "09:31:00")
    result = run(lake, "explain", *CONTRACT_DAY, *value)
    assert result.exit_code == 0, result.output
    assert f"records not shown: {THIS_DAY}" in " ".join(result.stdout.split())


def explained(lake: Lake, relation: str, column: str, at: str) -> dict:
    value = ("--relation", relation, "--column", column, "--at", at, "--json")
    result = run(lake, "explain", *CONTRACT_DAY, *value)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_last_trade_is_its_record(lake: Lake) -> None:
    found = explained(lake, "snap", "last_trade_price_int", "09:31:00")
    [record] = found["records"]
    assert found["recomputed"] == {"value": record["price_int"], "equal": True}
    assert found["value"] == record["price_int"]
    with open_published(lake) as connection:
        of_day = (
            "from bronze.market_by_price_10 where symbol = ? and dt = ? and action = 'T' "
            "and size > 0 and price_int is not null and ts_recv < timestamp '2025-10-01 13:31:00'"
        )
        [(last,)] = connection.execute(
            f"select max(rec_ordinal) {of_day}", [mbp_lakes.ES, mbp_lakes.DAY]
        ).fetchall()
    assert record["rec_ordinal"] == last
    assert any(f"record {last:,} of steps.book_records" in note for note in found["notes"])
    assert not any("records not shown" in note for note in found["notes"])


@pytest.mark.parametrize(
    ("relation", "column", "inputs"),
    [
        ("top10_1s", "bid_px_03_int", {"steps.market_book_1s": 1}),
        ("market_features_1s", "spread_ticks", {"steps.market_book_1s": 1}),
        ("market_features_1s", "ofi_60s", {"steps.market_book_1s": 60}),
        ("market_by_price_10_bar5s", "ofi_l1_sum", {"steps.market_book_1s": 5}),
        ("market_by_price_10_bar5s", "rv_60s_ticks", {"steps.market_book_1s": 65}),
        ("market_by_price_10_bar5s", "trade_last_price_int", {}),
        ("market_feature_vectors", "vector", {"silver.market_by_price_10_bar5s": 1}),
    ],
)
def test_market_features_come_out_of_their_inputs_again(
    lake: Lake, relation: str, column: str, inputs: dict[str, int]
) -> None:
    found = explained(lake, relation, column, "09:33:00")
    assert found["value"] is not None
    assert found["definition"]
    assert found["recomputed"]["equal"] is True, found["notes"]
    assert inputs.items() <= {one["relation"]: one["n_rows"] for one in found["inputs"]}.items()
    assert "select" in found["made_by"]["sql"].lower()
    ends = [note for note in found["notes"] if note.startswith("steps.market_book_1s is expl")]
    assert ends == [
        "steps.market_book_1s is explained no further here: sums over the updates of a second, "
        "which are not listed"
    ]
