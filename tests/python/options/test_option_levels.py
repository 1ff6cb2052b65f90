"""Option columns at the levels of a small synthetic day, against plain sums over its rows.

The plain sums start from each option and second (``option_book_1s``), from the
trades as landed, and from the exposure of each strike (``gex_surface_1s``).
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from spymaster.cli import cli
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_ingest.synthetic import SessionPlan, SyntheticMarket, write_day
from support import lakes
from support.clock import NEW_YORK
from support.synthetic_book import DAY, ES

TICK_INT = 250_000_000
RUNG_TICKS = 4
FLOW_S = 60
RIGHTS = {"call": "C", "put": "P"}
SCHEMAS = ("mbo", "trades", "definition", "option-mbo", "option-trades", "option-statistics")
# vectors need more than two minutes of a level, which begins at 09:30
PLAN = SessionPlan(hours=0.2, overnight_rate=0.05, premarket_rate=0.1, evening_seconds=0)
WINDOW = ("09:29", "09:37")
MODELS = (
    "+level_ladder_1s",
    "+level_corridor_1s",
    "+mbo_trigger_vectors",
    "mbo_trigger_vector_features",
    "word_settings",
)
CONTEXT_OF_OPTIONS = (
    "gex_imbalance_ratio_below",
    "gex_imbalance_ratio_at",
    "gex_imbalance_ratio_above",
    "call_wall_distance",
    "put_wall_distance",
    "gamma_flip_distance",
)
FAR_TICKS = 100

Row = dict[str, object]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("raw")
    write_day(SyntheticMarket(ES, seed=17, plan=PLAN), DAY, folder, schemas=SCHEMAS)
    made = Lake(tmp_path_factory.mktemp("lake") / "lake")
    lakes.land_raw(made, folder / "source=databento")
    lakes.build(made, "--select", *MODELS, surface_window=WINDOW)
    return made


@pytest.fixture(scope="module")
def connection(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(lake.published), read_only=True) as opened:
        yield opened


def rows_of(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    return connection.execute(query).to_arrow_table().to_pylist()


@dataclass(frozen=True)
class Flow:
    """What happened in the options of a strike and right within a second."""

    end: dt.datetime
    qty: Counter[str]


def flows(connection: duckdb.DuckDBPyConnection) -> dict[tuple[int, str], list[Flow]]:
    """Flows by strike and right of the options that expire on the day."""
    today = f"cast(expiration as date) = date '{DAY}'"
    found: dict[tuple[int, str], list[Flow]] = defaultdict(list)
    for row in rows_of(connection, f"select * from silver.option_book_1s where {today}"):
        names = ("bid_add", "bid_pull", "ask_add", "ask_pull")
        qty = Counter({name: row[f"{name}_qty"] for name in names})
        found[row["strike_price_int"], row["right"]].append(Flow(row["window_end_ts"], qty))
    trades = rows_of(
        connection,
        'select strike_price_int, "right", size, aggressor, cast(ts_event as timestamp) as at '
        f"from bronze.option_trades where {today}",
    )
    for row in trades:
        end = row["at"].replace(microsecond=0) + dt.timedelta(seconds=1)
        name = {1: "buy", -1: "sell", 0: "none"}[row["aggressor"]]
        flow = Flow(end, Counter({name: row["size"]}))
        found[row["strike_price_int"], row["right"]].append(flow)
    return found


def total(all_flows: list[Flow], end: dt.datetime) -> Counter[str]:
    """Sum of the minute that ends at a moment."""
    start = end - dt.timedelta(seconds=FLOW_S)
    summed: Counter[str] = Counter()
    for flow in all_flows:
        if start < flow.end <= end:
            summed.update(flow.qty)
    return summed


def physics(qty: Counter[str]) -> tuple[int, int, float]:
    """Net aggressive and net resting flow, and their share of all flow."""
    aggressive = qty["buy"] - qty["sell"]
    resting = qty["bid_add"] - qty["bid_pull"] - qty["ask_add"] + qty["ask_pull"]
    every = sum(qty[name] for name in qty if name != "none")
    return aggressive, resting, (aggressive + resting) / (1 + every)


def nearest_strike(listed: list[int], first_tick: int) -> tuple[int, int]:
    """The strike nearest to a rung, and its distance in ticks."""
    rung = range(first_tick, first_tick + RUNG_TICKS)

    def distance(strike: int) -> int:
        tick = strike // TICK_INT
        return min((tick - rung_tick for rung_tick in rung), key=abs)

    strike = min(listed, key=lambda strike: (abs(distance(strike)), strike))
    return strike, distance(strike)


def test_flows_of_every_strike_are_those_of_its_options(connection) -> None:
    by_strike = flows(connection)
    rows = rows_of(
        connection,
        "select * from silver.option_physics_1s where epoch(window_end_ts) % 37 = 0",
    )
    assert len(rows) > 200
    is_moving = Counter()
    for row in rows:
        for name, right in RIGHTS.items():
            qty = total(by_strike[row["strike_price_int"], right], row["window_end_ts"])
            for flow in ("buy", "sell", "bid_add", "bid_pull", "ask_add", "ask_pull"):
                assert row[f"{name}_{flow}_qty"] == qty[flow], (row, flow)
                is_moving[flow] += qty[flow] > 0
            aggressive, resting, share = physics(qty)
            assert row[f"{name}_net_aggressive_qty"] == aggressive
            assert row[f"{name}_net_resting_qty"] == resting
            assert row[f"{name}_physics"] == pytest.approx(share, rel=1e-12)
    assert min(is_moving.values()) > 50


def test_there_is_a_row_for_every_listed_strike_of_the_grid(connection) -> None:
    keys = "select window_end_ts, strike_price_int from silver."
    missing = connection.execute(
        f"select count(*) from ({keys}gex_surface_1s where n_options > 0 "
        f"except {keys}option_physics_1s)"
    ).fetchone()
    assert missing == (0,)
    counts = "select count(*) from silver."
    (told,) = connection.execute(f"{counts}option_physics_1s").fetchone()
    assert connection.execute(f"{counts}gex_surface_1s where n_options > 0").fetchone() == (told,)


def test_each_rung_shows_the_nearest_strike(connection) -> None:
    by_strike = flows(connection)
    rows = rows_of(
        connection,
        "select * from silver.level_ladder_1s where epoch(window_end_ts) % 41 = 0",
    )
    surface = {
        (row["window_end_ts"], row["strike_price_int"]): row
        for row in rows_of(
            connection,
            "select * from silver.gex_surface_1s where epoch(window_end_ts) % 41 = 0 "
            "and n_options > 0",
        )
    }
    listed: dict[object, list[int]] = defaultdict(list)
    for end, strike in surface:
        listed[end].append(strike)
    assert len(rows) > 100
    chosen = Counter()
    for row in rows:
        end = row["window_end_ts"]
        first_tick = row["level_price_int"] // TICK_INT + RUNG_TICKS * row["point_offset"]
        strike, distance = nearest_strike(listed[end], first_tick)
        assert row["strike_points"] * 1e9 == strike
        assert row["strike_distance_ticks"] == distance
        exposure = surface[end, strike]
        for name, right in RIGHTS.items():
            aggressive, resting, share = physics(total(by_strike[strike, right], end))
            assert row[f"{name}_net_aggressive_qty"] == aggressive
            assert row[f"{name}_net_resting_qty"] == resting
            assert row[f"{name}_physics"] == pytest.approx(share, rel=1e-12)
            assert row[f"gex_{name}_abs"] == exposure[f"gex_{name}_abs"]
        chosen[end, row["level_id"], strike] += 1
    # the sentence names what neighbors share, as these do
    for row in rows:
        key = row["window_end_ts"], row["level_id"], int(row["strike_points"] * 1e9)
        assert row["strike_rungs"] == chosen[key]
    assert max(chosen.values()) > 1
    assert {row["strike_distance_ticks"] for row in rows} >= {-4, 0, 4}


def test_context_holds_exposure_around_the_level(connection) -> None:
    names = [
        name
        for (name,) in connection.execute(
            "select feature_name from gold.mbo_trigger_vector_features "
            "where \"set\" = 'context' and direction = 'up' order by feature_index"
        ).fetchall()
    ]
    assert tuple(names[-6:]) == CONTEXT_OF_OPTIONS
    vectors = rows_of(connection, "select * from gold.mbo_trigger_vectors")
    assert len(vectors) > 10
    grids: dict[object, dict[int, float]] = defaultdict(dict)
    for row in rows_of(connection, "select * from silver.gex_surface_1s"):
        grids[row["window_end_ts"]][row["strike_price_int"]] = row["gex_imbalance_ratio"]
    summaries = {
        row["window_end_ts"]: row for row in rows_of(connection, "from silver.gex_summary_1s")
    }
    known = Counter()
    for row in vectors:
        values = dict(zip(names, row["context"], strict=True))
        grid = grids[row["window_end_ts"]]
        strikes = sorted(grid)
        at = min(strikes, key=lambda one, row=row: (abs(one - row["level_price_int"]), one))
        place = strikes.index(at)
        summary = summaries[row["window_end_ts"]]
        expected = {
            "gex_imbalance_ratio_below": grid[strikes[place - 1]],
            "gex_imbalance_ratio_at": grid[at],
            "gex_imbalance_ratio_above": grid[strikes[place + 1]],
            **{
                f"{name}_distance": None
                if summary[f"{name}_ticks"] is None
                else summary[f"{name}_ticks"] / FAR_TICKS
                for name in ("call_wall", "put_wall", "gamma_flip")
            },
        }
        for name, value in expected.items():
            assert values[name] == (None if value is None else pytest.approx(value, rel=1e-6)), name
            known[name] += value is not None
    assert min(known[name] for name in CONTEXT_OF_OPTIONS) > 0


def test_the_command_shows_options(lake: Lake, connection) -> None:
    level_id, end = connection.execute(
        "select level_id, window_end_ts from silver.level_ladder_1s "
        "where call_physics is not null order by window_end_ts desc, level_id limit 1"
    ).fetchone()
    clock = f"{NEW_YORK.time(end)}"
    symbol = connection.execute("select any_value(symbol) from silver.levels_1s").fetchone()[0]
    arguments = ["levels", "--symbol", symbol, "--dt", str(DAY), "--at", clock]
    environment = {LAKE_VARIABLE: str(lake.root)}
    spoken = CliRunner().invoke(cli, [*arguments, "--level", level_id], env=environment)
    assert spoken.exit_code == 0, spoken.output
    assert "shared by" in spoken.output
    written = CliRunner().invoke(cli, [*arguments, "--json"], env=environment)
    document = json.loads(written.output)
    strikes = rows_of(
        connection,
        "select surface.strike_points, physics.call_physics, surface.gex_put_abs "
        "from silver.gex_surface_1s as surface "
        "inner join silver.option_physics_1s as physics "
        f"using (window_end_ts, strike_price_int) where window_end_ts = '{end}'",
    )
    expected = {row["strike_points"]: row for row in strikes}
    [level] = [level for level in document["levels"] if level["level_id"] == level_id]
    assert level["strikes"]
    for strike in level["strikes"]:
        row = expected[strike["strike_points"]]
        assert strike["call_physics"] == row["call_physics"]
        assert strike["gex_put_abs"] == row["gex_put_abs"]


def test_without_options_all_other_columns_stay(lake: Lake, connection, tmp_path: Path) -> None:
    bare = Lake(tmp_path / "lake")
    shutil.copytree(lake.bronze, bare.bronze)
    for folder in bare.bronze.rglob("*"):
        if folder.is_dir() and "option" in folder.name:
            shutil.rmtree(folder)
    lakes.run_models(bare, "--select", *MODELS, surface_window=WINDOW)
    with duckdb.connect(str(bare.warehouse), read_only=True) as opened:
        assert opened.execute("select count(*) from silver.option_physics_1s").fetchone() == (0,)
        columns = [row[0] for row in opened.execute("describe silver.level_ladder_1s").fetchall()]
        first, last = columns.index("strike_points"), columns.index("strike_rungs")
        of_options = columns[first : last + 1]
        others = ", ".join(name for name in columns if name not in of_options)
        query = f"select {others} from silver.level_ladder_1s order by all"
        assert rows_of(opened, query) == rows_of(connection, query)
        nulls = " and ".join(f"{name} is null" for name in of_options)
        assert opened.execute(
            f"select bool_and({nulls}) from silver.level_ladder_1s"
        ).fetchone() == (True,)
        contexts = "select context from gold.mbo_trigger_vectors order by vector_id"
        bare_rows, full_rows = rows_of(opened, contexts), rows_of(connection, contexts)
        assert len(bare_rows) == len(full_rows) > 10
        for one, other in zip(bare_rows, full_rows, strict=True):
            known = len(one["context"]) - len(CONTEXT_OF_OPTIONS)
            assert one["context"][known:] == [None] * len(CONTEXT_OF_OPTIONS)
            assert one["context"][:known] == other["context"][:known]
