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
from spymaster.levels.sentences import strikes

DAY = dt.date(2025, 10, 1)
TICK = 250_000_000
SPOT_TICKS = 27_200
# 09:45:00 and the second after it in New York
AT, LATER = dt.datetime(2025, 10, 1, 13, 45), dt.datetime(2025, 10, 1, 13, 45, 1)
SIDES = ("bid", "ask")
PHYSICS = ("long_physics", "short_physics", "wall_ratio")
POINT = 1_000_000_000
OF_OPTIONS = (
    "strike_points",
    "strike_distance_ticks",
    "call_physics",
    "put_physics",
    "gex_call_abs",
    "gex_put_abs",
    "call_net_aggressive_qty",
    "put_net_aggressive_qty",
    "call_net_resting_qty",
    "put_net_resting_qty",
    "strike_rungs",
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return write_lake(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="module")
def lake_without_options(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return write_lake(tmp_path_factory.mktemp("lake"), has_options=False)


def write_lake(root: Path, *, has_options: bool = True) -> Lake:
    lake = Lake(root)
    lake.make_root()
    with duckdb.connect(str(lake.published)) as connection:
        write(connection, has_options=has_options)
    return lake


def write(connection: duckdb.DuckDBPyConnection, *, has_options: bool = True) -> None:
    """Write pm_high 12 ticks above spot with a wall beyond, or_high provisional, sma_90 on spot.

    Options are listed at 6805, a wall of puts with calls in demand, and at 6800, where half of it
    is not known.
    """
    nothing = [None] * len(OF_OPTIONS)
    above = [6805.0, 1, 0.4, -0.2, 150.0, 600.0, 30, -10, 10, -10, 2] if has_options else nothing
    below = [6800.0, -5, None, 0.1, None, 100.0, 5, 5, None, 1, 1] if has_options else nothing
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
    pm_high = ("pm_high", (SPOT_TICKS + 12) * TICK)
    create(
        connection,
        "level_ladder_1s",
        ", ".join(("level_id, level_price_int, point_offset", *flows, *PHYSICS, *OF_OPTIONS)),
        [
            (AT, *pm_high, 1, *counts, -1.3, 1.3, 2.5, *above),
            (AT, *pm_high, 0, *counts, 0.1, -0.1, 1.0, *above),
            (AT, *pm_high, -1, *([None] * 8), None, None, None, *below),
        ],
    )
    create(
        connection,
        "gex_surface_1s",
        "n_options, gex_call_abs, gex_put_abs",
        # a strike at which nothing is listed is not part of the average
        [(AT, 2, 100.0, 300.0), (AT, 2, 100.0, 100.0), (AT, 0, 0.0, 0.0)],
    )
    create(
        connection,
        "gex_summary_1s",
        "gex, gex_abs, gamma_flip_price, gamma_flip_ticks, call_wall_price_int, call_wall_ticks, "
        "put_wall_price_int, put_wall_ticks, sign_convention",
        [(AT, 1.0, 2.0, 6790.5, -38, 6820 * POINT, 80, None, None, "a")] if has_options else [],
    )


def create(
    connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: list[tuple]
) -> None:
    count = len(columns.split(", ")) + 1
    if not rows:
        names = ", ".join(["symbol varchar, dt date", _empty(columns)])
        connection.execute(f"create table silver.{name} ({names})")
        return
    marks = ", ".join(["?"] * count)
    values = ", ".join([f"({marks})"] * len(rows))
    connection.execute(
        f"create table silver.{name} as select 'ESZ5' as symbol, date '{DAY}' as dt, v.* "
        f"from (values {values}) as v (window_end_ts, {columns})",
        [value for row in rows for value in row],
    )


def _empty(columns: str) -> str:
    kinds = {"sign_convention": "varchar"}
    names = columns.split(", ")
    return ", ".join(
        ["window_end_ts timestamp", *(f"{name} {kinds.get(name, 'double')}" for name in names)]
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
    [empty] = levels(lake, "--at", "09:45:00", "--level", "pm_low").output.splitlines()[2:]
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
        "6805",
        "+0.40",
        "-0.20",
        "holds price down, wall",
    ]
    assert (at[0], at[-1]) == ("level", "balanced")
    assert (below[0], set(below[1:-4]), below[-1]) == ("-1", {""}, "not shown")
    assert below[-4:-1] == ["6800", "", "+0.10"]


def test_options_are_told_strike_by_strike(lake: Lake) -> None:
    lines = levels(lake, "--at", "09:45:00", "--level", "pm_high").output.splitlines()
    assert lines[1] == (
        "options: call wall 6820 (20 points above spot), put wall not shown, gamma flip 6790.50"
    )
    assert (
        "strike 6805, 2 points above the level: call physics outpaces put physics (+0.40 against "
        "-0.20), which lets price rise; gamma of calls 1.5 times the average strike's; wall of "
        "puts, gamma 3.0 times the average strike's"
    ) in lines
    # what is known of half of it is not compared
    assert (
        "strike 6800, 3 points below the level: call and put physics not shown; gamma of calls "
        "not shown; gamma of puts 0.5 times the average strike's"
    ) in lines
    assert "neighbouring points share a strike: level to +1 have 6805, -1 has 6800" in lines


@pytest.mark.parametrize(
    ("call", "put", "words"),
    [
        (0.3, -0.1, "call physics outpaces put physics (+0.30 against -0.10), which lets price"),
        (-0.1, 0.3, "put physics outpaces call physics (-0.10 against +0.30), which holds price"),
        (0.1, 0.12, "call and put physics are balanced (+0.10 against +0.12)"),
    ],
)
def test_options_are_told_in_both_directions(call: float, put: float, words: str) -> None:
    row = {"strike_points": 6800.0, "points_from_level": 0.0, "lowest_point": 0}
    row |= {"highest_point": 2, "call_physics": call, "put_physics": put}
    row |= {f"gex_{right}_{what}": None for right in ("call", "put") for what in ("abs", "ratio")}
    [line, _] = strikes([row])
    assert line.startswith(f"strike 6800, at the level: {words}")


def test_without_options_nothing_is_told_of_them(lake_without_options: Lake) -> None:
    output = levels(lake_without_options, "--at", "09:45:00").output
    lines = output.splitlines()
    assert lines[1] == "options: not shown"
    # of the two active levels
    assert lines.count("options around it: not shown") == 2
    assert "share a strike" not in output
    assert "┃ strike" not in output
    document = json.loads(levels(lake_without_options, "--at", "09:45:00", "--json").output)
    assert document["exposure"] is None
    assert [level["strikes"] for level in document["levels"]] == [[], [], []]
    assert document["levels"][1]["ladder"][0]["call_physics"] is None


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
    assert [rung["strike_points"] for rung in high["ladder"]] == [6805, 6805, 6800]
    assert high["ladder"][0]["strike_rungs"] == 2
    at_strike = high["strikes"][0]
    assert (at_strike["lowest_point"], at_strike["highest_point"]) == (0, 1)
    assert (at_strike["call_physics"], at_strike["put_physics"]) == (0.4, -0.2)
    assert (at_strike["gex_put_abs"], at_strike["gex_put_ratio"]) == (600, 3)
    assert document["exposure"]["call_wall_price_int"] == 6820 * POINT


def test_what_is_not_there_is_named(lake: Lake, tmp_path: Path) -> None:
    for symbol, arguments in (("ESZ5", ("--at", "10:00:00")), ("NQZ5", ())):
        error = levels(lake, *arguments, symbol=symbol).exception
        assert isinstance(error, SpymasterError)
        assert f"{symbol} {DAY}" in str(error)
    error = levels(Lake(tmp_path)).exception
    assert isinstance(error, SpymasterError)
    assert "spymaster build" in str(error)
