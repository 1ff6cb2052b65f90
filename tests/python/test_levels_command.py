"""``spymaster levels`` on a few rows of its relations."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from spymaster.cli import cli
from spymaster.errors import SpymasterError
from spymaster.lake import LAKE_VARIABLE, Lake

DAY = dt.date(2025, 10, 1)
TICK = 250_000_000
SPOT_TICKS = 27_200
# 09:45:00 and the second after it in New York
AT, LATER = dt.datetime(2025, 10, 1, 13, 45), dt.datetime(2025, 10, 1, 13, 45, 1)
SIDES = ("bid", "ask")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    lake.make_root()
    with duckdb.connect(str(lake.published)) as connection:
        write(connection)
    return lake


def write(connection: duckdb.DuckDBPyConnection) -> None:
    """Write pm_high 12 ticks above spot with a wall beyond, or_high provisional, sma_90 on spot."""
    for schema in ("bronze", "silver"):
        connection.execute(f"create schema {schema}")
    connection.execute(
        f"create table bronze.ingest_manifest as select 'ESZ5' as symbol, date '{DAY}' as dt, "
        f"'bronze.future_mbo.mbo' as dataset_key, {TICK}::bigint as tick_int"
    )
    seconds = [(AT, SPOT_TICKS * TICK, True), (LATER, None, False)]
    create(connection, "book_snapshot_1s", "spot_ref_price_int, window_valid", seconds)
    create(
        connection,
        "levels_1s",
        "level_id, level_price_int, is_active, is_provisional, is_primary, stacked_with, "
        "available_from_ts",
        [
            (AT, "pm_high", (SPOT_TICKS + 12) * TICK, True, False, True, ["sma_400"], AT),
            (AT, "or_high", (SPOT_TICKS + 20) * TICK, False, True, False, [], LATER),
            (AT, "sma_90", SPOT_TICKS * TICK, True, False, True, [], AT),
            (AT, "pm_low", (SPOT_TICKS - 90) * TICK, False, False, False, [], AT),
        ],
    )
    create(
        connection,
        "level_offset_1s",
        "level_id, k_ticks, closing_speed_15s, secs_to_touch, approach_dir",
        [
            (AT, "pm_high", 12, 0.4, 30.0, "approach_up"),
            (AT, "or_high", 20, 0.4, 50.0, "approach_none"),
            (AT, "sma_90", 0, None, None, "approach_none"),
        ],
    )
    create(
        connection,
        "level_corridor_1s",
        "level_id, corridor_len_ticks, corridor_rel_depth, beyond_rel_depth, beyond_max_depth, "
        "beyond_max_rho, behind_pull_add_log",
        [(AT, "pm_high", 11, 0.8, 1.5, 664, 8, 0.9)],
    )
    flows = [f"{side}_{what}" for side in SIDES for what in ("depth", "add", "pull", "fill")]
    counts = [120, 10, 30, 5, 4000, 80, 20, 1]
    create(
        connection,
        "level_ladder_1s",
        ", ".join(
            ["level_id", "point_offset", *flows, "long_physics", "short_physics", "wall_ratio"]
        ),
        [
            (AT, "pm_high", 1, *counts, -1.3, 1.3, 2.5),
            (AT, "pm_high", 0, *counts, 0.1, -0.1, 1.0),
            (AT, "pm_high", -1, *([None] * 8), None, None, None),
        ],
    )


def create(
    connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: list[tuple]
) -> None:
    marks = ", ".join(["?"] * len(rows[0]))
    values = ", ".join([f"({marks})"] * len(rows))
    connection.execute(
        f"create table silver.{name} as select 'ESZ5' as symbol, date '{DAY}' as dt, v.* "
        f"from (values {values}) as v (window_end_ts, {columns})",
        [value for row in rows for value in row],
    )


def levels(lake: Lake, *arguments: str, symbol: str = "ESZ5") -> Result:
    return CliRunner().invoke(
        cli,
        ["levels", "--symbol", symbol, "--dt", str(DAY), *arguments],
        env={LAKE_VARIABLE: str(lake.root)},
    )


def test_says_where_the_levels_are_and_what_waits(lake: Lake) -> None:
    result = levels(lake, "--at", "09:45:00")
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "ESZ5 2025-10-01 09:45:00 New York, spot 6800"
    # the nearest first; a level that is neither active nor provisional is not there
    names = [line for line in lines if line.startswith(("pm_", "or_", "sma_"))]
    assert names == ["sma_90 6800", "pm_high 6803", "or_high 6805"]
    assert "spot is on it" in lines
    assert (
        "12 ticks (3 points) above spot, coming up to it, 0.40 ticks a second, "
        "a touch in 30 s at that pace"
    ) in lines
    assert "with sma_400; first of its stack" in lines
    assert "provisional until 13:45:01 UTC" in lines
    assert (
        "on the 11 ticks to it 0.80 of the side's usual depth; beyond it 1.50; most of it "
        "664 contracts 8 ticks past the level; support behind is being pulled"
    ) in lines


def test_one_level_can_be_asked_for(lake: Lake) -> None:
    lines = levels(lake, "--at", "09:45:00", "--level", "pm_high").output.splitlines()
    assert [line for line in lines if line.startswith(("pm_", "or_", "sma_"))] == ["pm_high 6803"]
    [empty] = levels(lake, "--at", "09:45:00", "--level", "pm_low").output.splitlines()[1:]
    assert empty == "no level is active or provisional at this moment"


def test_the_ladder_goes_from_above_to_below_in_words(lake: Lake) -> None:
    lines = levels(lake, "--at", "09:45:00").output.splitlines()
    rungs = [line for line in lines if line.startswith(("│ +", "│ l", "│  ", "│ -"))]
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in rungs]
    above, at, below = cells
    assert above[:5] == ["+1", "120", "10", "30", "5"]
    assert above[5:] == [
        "4,000",
        "80",
        "20",
        "1",
        "-1.30",
        "1.30",
        "2.50",
        "holds price down, wall",
    ]
    assert (at[0], at[-1]) == ("level", "balanced")
    assert (below[0], set(below[1:-1]), below[-1]) == ("-1", {""}, "not shown")


def test_without_a_time_the_last_approach_is_shown(lake: Lake) -> None:
    assert levels(lake).output.startswith("ESZ5 2025-10-01 09:45:00 New York")


def test_an_invalid_second_says_so(lake: Lake) -> None:
    output = levels(lake, "--at", "09:45:01").output
    assert "New York, no spot" in output
    assert "not valid" in output
    assert "no level is active" in output


def test_json_has_everything(lake: Lake) -> None:
    document = json.loads(levels(lake, "--at", "09:45:00", "--json").output)
    assert document["spot_ref_price_int"] == SPOT_TICKS * TICK
    high = document["levels"][1]
    assert (high["level_id"], high["beyond_max_depth"]) == ("pm_high", 664)
    assert [rung["point_offset"] for rung in high["ladder"]] == [1, 0, -1]


def test_what_is_not_there_is_named(lake: Lake, tmp_path: Path) -> None:
    for symbol, arguments in (("ESZ5", ("--at", "10:00:00")), ("NQZ5", ())):
        error = levels(lake, *arguments, symbol=symbol).exception
        assert isinstance(error, SpymasterError)
        assert f"{symbol} {DAY}" in str(error)
    error = levels(Lake(tmp_path)).exception
    assert isinstance(error, SpymasterError)
    assert "spymaster build" in str(error)
