"""Level-anchored relations against the radar at spot and hand-made sums over the wall."""

from __future__ import annotations

import csv
import re
from datetime import date, datetime, timedelta
from math import log
from pathlib import Path

import numpy as np
import pytest
from naive.surfaces_radar import FEATURES
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from support.level_books import (
    MAX_K_TICKS,
    WALL_TICKS,
    build,
    drawn_days,
    level_ticks,
    rows_of,
)
from support.strategies.surface_books import Books, Row
from support.strategies.surface_market import BookShape
from support.surface_lakes import ask

ZONE_TICKS, APPROACH_TICKS = 20, 20
RUNG_TICKS, RUNGS, FLOW_S, WINDOW_S = 4, 4, 5, 5
MIN_CONTRACTS = 20
WINDOWS = (3, 9, 24)
NEEDED_WINDOWS = 27
# letter, direction away from the level, and the features of its shape, flow and best quote
SIDES = (("A", 1, "f1_ask", "f2_ask", "f8_ask"), ("B", -1, "f3_bid", "f4_bid", "f9_bid"))


@pytest.fixture(scope="module")
def days() -> dict[date, Books]:
    return drawn_days()


@pytest.fixture(scope="module")
def database(days: dict[date, Books], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(Lake(tmp_path_factory.mktemp("levels") / "lake"), days)


def test_a_level_at_spot_has_the_radar_of_spot(database: Path) -> None:
    names = [f"{prefix}{name}" for prefix in ("", "d1_", "d2_", "d3_") for name in FEATURES]
    columns = ", ".join(["symbol", "dt", "window_start_ts", *names])
    level = f"select {columns} from silver.level_vacuum_1s where level_id = 'or_high'"
    spot = f"select {columns} from silver.radar_vacuum_1s where spot_ref_price_int is not null"
    [(n_rows, known, more, fewer)] = ask(
        database,
        f"select (select count(*) from ({spot})), (select count(d3_{FEATURES[0]}) from ({level})), "
        f"(select count(*) from ({level} except all {spot})), "
        f"(select count(*) from ({spot} except all {level}))",
    )
    assert n_rows > 600
    assert known > 400
    assert (more, fewer) == (0, 0)


def test_rows_exist_for_active_levels_within_reach(database: Path, days: dict[date, Books]) -> None:
    expected = set()
    for books in days.values():
        for level_id, ticks in level_ticks(books, BookShape().first_ticks).items():
            for row, tick in zip(books.snapshot, ticks, strict=True):
                spot = row["spot_ref_price_int"]
                if spot is not None and abs(tick - spot // books.tick_int) <= MAX_K_TICKS:
                    expected.add((books.dt, row["window_end_ts"], level_id))
    query = "select dt, window_end_ts, level_id from silver.level_vacuum_1s"
    found = ask(database, query)
    assert len(found) == len(expected)
    assert set(found) == expected


def test_windows_have_the_flow_at_the_level_of_their_last_second(
    database: Path, days: dict[date, Books]
) -> None:
    """Also for a moving level; recomputed from the wall."""
    compared = 0
    for row in rows_of(database, "silver.mbo_level_vacuum_5s"):
        books = days[row["dt"]]
        level = row["level_price_int"] // books.tick_int
        starts = [row["window_start_ts"] + timedelta(seconds=n) for n in range(WINDOW_S)]
        known = {s["window_start_ts"] for s in books.snapshot if is_known(s, books, level)}
        assert row["window_valid"] == known.issuperset(starts)
        if not row["window_valid"]:
            assert row["f2_ask_pull_add_log_rest"] is None
            continue
        for side, sign, shape, flow, best in SIDES:
            cells = [
                (sign * (cell["price_int"] // books.tick_int - level), cell)
                for cell in walls_of(books, starts)
                if cell["side"] == side
            ]
            zone = [(ticks, cell) for ticks, cell in cells if 0 <= ticks <= ZONE_TICKS]
            pulled = sum(cell["pull_qty_rest"] for _, cell in zone)
            added = sum(cell["add_qty"] for _, cell in zone)
            ratio = log((pulled + 1) / (added + 1))
            assert row[flow + "_pull_add_log_rest"] == pytest.approx(ratio, abs=1e-12)
            last = [(t, c["depth_qty_end"]) for t, c in zone if c["window_start_ts"] == starts[-1]]
            first = [
                (t, c["depth_qty_start"]) for t, c in zone if c["window_start_ts"] == starts[0]
            ]
            nearest = min((ticks for ticks, qty in last if qty), default=ZONE_TICKS)
            assert row[best + "_bbo_dist_ticks"] == nearest
            change = log((centre(last) + 1) / (centre(first) + 1))
            assert row[shape + "_com_disp_log"] == pytest.approx(change, abs=1e-12)
            compared += 1
    assert compared > 200


def is_known(second: Row, books: Books, level: int) -> bool:
    """Whether the book is valid and the zone of the level lies in the wall."""
    spot = second["spot_ref_price_int"]
    reach = WALL_TICKS - ZONE_TICKS
    return second["window_valid"] and abs(spot // books.tick_int - level) <= reach


def walls_of(books: Books, starts: list[datetime]) -> list[Row]:
    return [cell for cell in books.wall if cell["window_start_ts"] in starts]


def centre(depths: list[tuple[int, int]]) -> float:
    """Mean distance of depth; the end of the zone for an empty side."""
    total = sum(qty for _, qty in depths)
    return sum(ticks * qty for ticks, qty in depths) / total if total else ZONE_TICKS


def test_corridor_and_beyond_by_hand(database: Path, days: dict[date, Books]) -> None:
    walls: dict[datetime, list[Row]] = {}
    for books in days.values():
        for cell in books.wall:
            walls.setdefault(cell["window_start_ts"], []).append(cell)
    n_empty = n_beyond = 0
    for row in rows_of(database, "silver.level_corridor_1s"):
        k = row["k_ticks"]
        assert k != 0
        assert row["corridor_len_ticks"] == abs(k) - 1
        if not row["window_valid"]:
            assert row["beyond_depth_per_tick"] is None
            continue
        sign, side, other = (1, "A", "B") if k > 0 else (-1, "B", "A")
        cells = walls[row["window_start_ts"]]
        defended = {sign * c["rel_ticks"]: c for c in cells if c["side"] == side}
        behind = {-sign * c["rel_ticks"]: c for c in cells if c["side"] == other}
        ranges = {
            "corridor": range(1, abs(k)),
            "beyond": range(abs(k), abs(k) + ZONE_TICKS + 1),
        }
        for part, ticks in ranges.items():
            for name, quantity in {
                "depth": "depth_qty_end",
                "add": "add_qty",
                "pull": "pull_qty_total",
                "fill": "fill_qty",
            }.items():
                total = total_of(defended, ticks, quantity)
                expected = total / len(ticks) if len(ticks) else None
                assert row[f"{part}_{name}_per_tick"] == pytest.approx(expected, abs=1e-12)
        depths = [total_of(defended, [ticks], "depth_qty_end") for ticks in ranges["beyond"]]
        assert row["beyond_max_depth"] == max(depths)
        assert row["beyond_max_rho"] == depths.index(max(depths))
        zone = range(1, ZONE_TICKS + 1)
        at_spot = total_of(defended, zone, "depth_qty_end") / ZONE_TICKS
        assert row["spot_depth_per_tick"] == pytest.approx(at_spot, abs=1e-12)
        pulled, added = (total_of(behind, zone, q) for q in ("pull_qty_total", "add_qty"))
        ratio = log((pulled + 1) / (added + 1))
        assert row["behind_pull_add_log"] == pytest.approx(ratio, abs=1e-12)
        n_empty += row["beyond_corridor_log"] is None
        n_beyond += row["beyond_max_rho"] > 0
    assert n_empty > 10
    assert n_beyond > 100


def total_of(cells: dict[int, Row], ticks: range | list[int], quantity: str) -> int:
    return sum(cells[tick][quantity] for tick in ticks if tick in cells)


def test_ladder_adds_up_to_the_surface(database: Path) -> None:
    """For levels that did not move in the last seconds, the surface has the same flows."""
    sums = ", ".join(
        f"sum(case when side = '{letter}' then {quantity} else 0 end) as {side}_{name}"
        for side, letter in (("bid", "B"), ("ask", "A"))
        for name, quantity in (
            ("depth", "depth_qty_end"),
            ("add", "add_qty"),
            ("pull", "pull_qty_total"),
            ("fill", "fill_qty"),
        )
    )
    surface = {
        key: values
        for *key_parts, point_offset, values in (
            (dt, start, offset, rest)
            for dt, start, offset, *rest in ask(
                database,
                f"select dt, window_start_ts, floor(rho_ticks / {RUNG_TICKS}), {sums} "
                "from silver.level_surface_1s where level_id = 'pm_high' group by all",
            )
        )
        for key in [(*key_parts, int(point_offset))]
    }
    query = "select dt, window_start_ts from steps.level_anchors_1s where level_id = 'pm_high'"
    has_surface = set(ask(database, query))
    nothing = [0] * 8
    n_flows = 0
    for row in rows_of(database, "silver.level_ladder_1s"):
        if row["level_id"] != "pm_high" or row["bid_depth"] is None:
            assert row["level_id"] != "pm_high" or not row["window_valid"]
            continue
        back = [row["window_start_ts"] - timedelta(seconds=n) for n in range(FLOW_S)]
        seconds = [surface.get((row["dt"], t, row["point_offset"]), nothing) for t in back]
        assert [row["bid_depth"], row["ask_depth"]] == [seconds[0][0], seconds[0][4]]
        assert abs(row["point_offset"]) <= RUNGS
        if row["bid_add"] is None or not has_surface.issuperset((row["dt"], t) for t in back):
            continue
        bid_add, bid_pull, bid_fill = (sum(second[n] for second in seconds) for n in (1, 2, 3))
        ask_add, ask_pull, ask_fill = (sum(second[n] for second in seconds) for n in (5, 6, 7))
        assert [row["bid_add"], row["bid_pull"], row["bid_fill"]] == [bid_add, bid_pull, bid_fill]
        assert [row["ask_add"], row["ask_pull"], row["ask_fill"]] == [ask_add, ask_pull, ask_fill]
        flow = bid_add + bid_pull + bid_fill + ask_add + ask_pull + ask_fill
        if flow < MIN_CONTRACTS:
            assert row["long_physics"] is None
            continue
        physics = log((bid_add + ask_pull + ask_fill + 1) / (ask_add + bid_pull + bid_fill + 1))
        assert row["long_physics"] == pytest.approx(physics, abs=1e-12)
        n_flows += bid_add + ask_add
    assert n_flows > 1000


def test_vector_elements_by_name(database: Path) -> None:
    series = series_of(database)
    names = {"down": [], "up": []}
    for direction, name in ask(
        database,
        "select direction, feature_name from gold.mbo_trigger_vector_features "
        "where set = 'vector' order by direction, feature_index",
    ):
        names[direction].append(name)
    assert [len(names["down"]), len(names["up"])] == [700, 672]
    vectors = rows_of(database, "gold.mbo_trigger_vectors")
    assert {row["approach_dir"] for row in vectors} == {"approach_down", "approach_up"}
    for row in vectors:
        direction = row["approach_dir"].removeprefix("approach_")
        history = [
            series[row["dt"], row["level_id"], row["window_end_ts"] - n * timedelta(seconds=5)]
            for n in range(max(WINDOWS))
        ]
        found = row[f"vector_{direction}"]
        assert row["vector_dim"] == len(found) == len(names[direction])
        expected = [element(name, history) for name in names[direction]]
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)
        other = "up" if direction == "down" else "down"
        assert row[f"vector_{other}"] is None


def element(name: str, history: list[Row]) -> float:
    """An element of a vector from the rows up to the decision, newest first."""
    block, feature = name.split("__")
    kind, _, part = block.partition("_")
    n = int(kind[1:])
    if n == 0:
        return history[0][feature]
    if part == "mean":
        return float(np.mean([row[feature] for row in history[:n]]))
    return (history[0][feature] - history[n - 1][feature]) / (n - 1)


def series_of(database: Path) -> dict[tuple, Row]:
    rows = rows_of(database, "silver.mbo_level_vacuum_5s")
    return {(row["dt"], row["level_id"], row["window_end_ts"]): row for row in rows}


def test_vectors_exist_exactly_where_enough_windows_are_valid(database: Path) -> None:
    series = series_of(database)
    directed = set(
        ask(
            database,
            "select dt, level_id, window_end_ts from silver.level_decisions "
            "where approach_dir != 'approach_none' and (is_primary or is_eligible)",
        )
    )
    expected = set()
    for dt, level_id, end in series:
        ends = [end - n * timedelta(seconds=WINDOW_S) for n in range(NEEDED_WINDOWS)]
        past = [series.get((dt, level_id, t)) for t in ends]
        if (dt, level_id, end) in directed and all(
            window is not None and window["window_valid"] for window in past
        ):
            expected.add((dt, level_id, end))
    found = ask(database, "select dt, level_id, window_end_ts from gold.mbo_trigger_vectors")
    assert len(found) > 20
    assert set(found) == expected
    assert len(found) == len(expected)


def test_context_holds_the_values_at_the_decision(database: Path) -> None:
    rows = ask(
        database,
        "select v.context, v.k_ticks, c.k_ticks, v.approach_dir, c.corridor_rel_depth, "
        "c.beyond_max_depth, c.spot_depth_per_tick, c.beyond_max_rho "
        "from gold.mbo_trigger_vectors as v inner join silver.level_corridor_1s as c "
        "on v.dt = c.dt and v.window_end_ts = c.window_end_ts and v.level_id = c.level_id",
    )
    names = [
        name
        for (name,) in ask(
            database,
            "select feature_name from gold.mbo_trigger_vector_features "
            "where set = 'context' and direction = 'up' order by feature_index",
        )
    ]
    assert len(rows) > 20
    for context, k_ticks, now_ticks, direction, rel_depth, max_depth, per_tick, rho in rows:
        values = dict(zip(names, context, strict=True))
        assert values["k_ticks_share"] == pytest.approx(k_ticks / APPROACH_TICKS)
        if (now_ticks > 0) != (direction == "approach_up"):
            # past the level, its corridor lies behind price
            assert values["corridor_rel_depth"] is values["beyond_max_depth_log"] is None
            continue
        assert values["corridor_rel_depth"] == pytest.approx(rel_depth, abs=1e-5)
        assert (rel_depth is None) == (abs(now_ticks) == 1)
        wall = log((max_depth + 1) / (per_tick + 1))
        assert values["beyond_max_depth_log"] == pytest.approx(wall, rel=1e-6, abs=1e-7)
        assert values["beyond_max_rho_share"] == pytest.approx(rho / ZONE_TICKS)
        assert values["gamma_flip_distance"] is None


def described_columns(database: Path, relation: str) -> list[tuple[str, str, str]]:
    """Name, type and comment of each column of a relation, in its order."""
    return ask(
        database,
        "select column_name, lower(data_type), comment from duckdb_columns() "
        f"where schema_name = 'silver' and table_name = '{relation}' order by column_index",
    )


def is_of_levels(row: dict[str, str]) -> bool:
    return row["relation"] == "level_features_wide_1s"


def test_features_are_described_by_the_seed(database: Path) -> None:
    """Names, order, types and comments of the relations whose contract the seed completes."""
    with (PROJECT_ROOT / "seeds" / "feature_names.csv").open(newline="") as lines:
        listed = [
            row for row in csv.DictReader(lines) if row["relation"] == "level_features_wide_1s"
        ]
    level, market = (
        {row["name"]: row for row in listed if row["family"] == family and is_of_levels(row)}
        for family in ("level", "market")
    )
    assert not level.keys() & market.keys()
    radar = [
        (row["name"], row["data_type"], row["description"])
        for name, row in level.items()
        if re.match(r"(d\d_)?[fu]\d", name)
    ]
    for relation in ("level_vacuum_1s", "mbo_level_vacuum_5s", "radar_vacuum_1s"):
        columns = described_columns(database, relation)
        assert all(comment for _, _, comment in columns)
        assert [column for column in columns if column[0] in {name for name, *_ in radar}] == radar

    columns = described_columns(database, "level_features_wide_1s")
    keys = ["symbol", "dt", "window_start_ts", "window_end_ts", "window_valid"]
    assert [name for name, _, _ in columns[:5]] == keys
    ids = ["pm_high", "pm_low", "or_high", "or_low", "sma_90", "sma_200", "sma_400"]
    assert columns[5:] == [
        (name, row["data_type"], row["description"]) for name, row in market.items()
    ] + [
        (f"{level_id}_{name}", row["data_type"], f"{name} of level {level_id}.")
        for level_id in ids
        for name, row in level.items()
    ]


def test_wide_features_are_those_of_their_level(database: Path) -> None:
    [(wide, long)] = ask(
        database,
        "select (select list(pm_high_d1_f7_vacuum_total_log order by dt, window_start_ts) "
        "from silver.level_features_wide_1s where pm_high_k_ticks is not null), "
        "(select list(d1_f7_vacuum_total_log order by dt, window_start_ts) "
        "from silver.level_vacuum_1s where level_id = 'pm_high')",
    )
    assert wide == long
    assert len(wide) > 100
