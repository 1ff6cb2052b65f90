"""Walls of the order book: by hand, against the slow twin, and without what comes later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from naive.gaps import Gap
from naive.levels_model import NS_PER_S
from naive.walls import Cell, MarketSecond, WallRules, wall_outcomes, walls_1s
from support.model_sql import GIVEN, model_connection, model_sql
from support.relations_of_models import create_relation

DAY, SYMBOL, TICK_INT = date(2025, 10, 1), "ESZ5", 250_000_000
START = datetime(2025, 10, 1, 14, 0)
START_S = int(START.replace(tzinfo=UTC).timestamp())
BASE, RUNG_TICKS, AHEAD = 20_000, 4, 40
USUAL = {(side, ticks): 9.0 for side in "AB" for ticks in range(1, AHEAD + 1)}
Row = dict[str, Any]


def built(seconds: Mapping[int, MarketSecond], gaps: Sequence[Gap] = ()) -> tuple[list, list]:
    """Return the rows of walls_1s and wall_outcomes of a market, by the models."""
    connection = model_connection()
    key = {"symbol": SYMBOL, "dt": DAY}
    rows: dict[str, list[Row]] = {
        "contract_days": [key | {"root": "ES", "tick_int": TICK_INT}],
        "instruments": [{"root": "ES", "tick_size": 0.25, "tick_int": TICK_INT}],
        "recording_gaps": [
            key
            | {"gap_start_ts": gap.start_ns, "gap_end_ts": gap.end_ns, "known_at_ts": gap.end_ns}
            for gap in gaps
        ],
        "book_snapshot_1s": [],
        "usual_depth_1s": [],
        "wall_surface_1s": [],
        "contract_trades": [],
    }
    for now, second in seconds.items():
        start = START + timedelta(seconds=now - START_S)
        window = {"window_start_ts": start, "window_end_ts": start + timedelta(seconds=1)}
        valid = {"window_valid": second.is_valid}
        rows["book_snapshot_1s"].append(
            key
            | window
            | valid
            | {
                "spot_ref_price_int": second.spot * TICK_INT,
                "invalid_flags": 0 if second.is_valid else 1,
            }
        )
        rows["usual_depth_1s"].append(
            key
            | {"window_start_ts": start}
            | {
                f"{name}_usual_depths": [None] * RUNG_TICKS
                + [second.usual.get((side, ticks)) for ticks in range(1, AHEAD + 1)]
                for name, side in (("ask", "A"), ("bid", "B"))
            }
        )
        for (side, price), cell in second.cells.items():
            rows["wall_surface_1s"].append(
                key
                | window
                | valid
                | {
                    "side": side,
                    "price_int": price * TICK_INT,
                    "rel_ticks": price - second.spot,
                    "depth_qty_end": cell.depth,
                    "fill_qty": cell.filled,
                    "pull_qty_total": cell.pulled,
                }
            )
        rows["contract_trades"] += [
            key | {"window_start_ts": start, "price_int": price * TICK_INT}
            for price in second.trades
        ]
    for relation, given in rows.items():
        fill(connection, relation, given)
    found = []
    for model in ("standing_prices_1s", "walls_1s", "wall_fates_1s", "wall_outcomes"):
        partition = {"symbol": SYMBOL, "dt": str(DAY)}
        query = model_sql(model, connection, {}, partition, {})
        connection.execute(f"create table {GIVEN}.{model} as {query}")
        found.append(
            connection.execute(
                f"select *, price_int // {TICK_INT} as price from {GIVEN}.{model}"
            ).to_arrow_table()
        )
    connection.close()
    _, walls, _, outcomes = found
    return walls.to_pylist(), outcomes.to_pylist()


def fill(connection: duckdb.DuckDBPyConnection, relation: str, rows: list[Row]) -> None:
    """Create a relation that models read, with some of its columns known."""
    create_relation(connection, f"{GIVEN}.{relation}")
    if not rows:
        return
    connection.register("rows", pa.Table.from_pylist(rows))
    names = ", ".join(
        f"make_timestamp_ns({name}) as {name}" if isinstance(rows[0][name], int) else name
        for name in rows[0]
        if name.startswith(("gap_", "known_at"))
    )
    kept = ", ".join(name for name in rows[0] if not name.startswith(("gap_", "known_at")))
    columns = f"{kept}, {names}" if names else kept
    connection.execute(f"insert into {GIVEN}.{relation} by name select {columns} from rows")
    connection.unregister("rows")


def outcome_rows(found: Sequence[Row], expected: Sequence[Row]) -> tuple[list, list]:
    """Return the rows of the model and the twin in the same columns and order."""
    names = list(expected[0])
    return [
        sorted(
            (
                {name: row[name] if name != "wall_ratio" else round(row[name], 9) for name in names}
                for row in rows
            ),
            key=str,
        )
        for rows in (found, expected)
    ]


def market(seed: int, n_seconds: int = 900) -> dict[int, MarketSecond]:
    """A random market whose walls are pulled, eaten or left as price comes and goes."""
    random = Random(seed)
    seconds: dict[int, MarketSecond] = {}
    spot, depths = BASE, {}
    for now in range(START_S, START_S + n_seconds):
        spot += random.choice((-2, -1, -1, 0, 0, 0, 1, 1, 2))
        cells: dict[tuple[str, int], Cell] = {}
        for side, sign in (("A", 1), ("B", -1)):
            for ticks in range(1, AHEAD + 5):
                key = (side, spot + sign * ticks)
                if key not in depths:
                    depths[key] = random.choice((35, 40, 60, 80)) if random.random() < 0.06 else 9
        for key, depth in list(depths.items()):
            side, price = key
            sign = 1 if side == "A" else -1
            distance = sign * (price - spot)
            filled = pulled = 0
            if distance <= 1 and depth:
                filled = min(depth, random.choice((0, 10, 40))) if distance == 1 else depth
                pulled = depth - filled if random.random() < 0.2 else 0
            elif depth > 9 and random.random() < 0.02:
                pulled = random.choice((depth // 3, depth))
            left = depth - filled - pulled
            grown = left + (25 if random.random() < 0.002 else 0)
            depths[key] = grown
            if depth or grown:
                cells[key] = Cell(grown, filled, pulled)
            if not grown and distance > 5:
                del depths[key]
        is_valid = random.random() > 0.004
        usual = {
            key: None if random.random() < 0.003 else value + random.choice((0, 0, 1))
            for key, value in USUAL.items()
        }
        trades = [spot + random.choice((-1, 0, 0, 1)) for _ in range(random.choice((0, 1, 2)))]
        if random.random() > 0.001:
            seconds[now] = MarketSecond(spot, is_valid, cells, trades, usual)
    return seconds


@pytest.mark.parametrize("seed", [1, 2])
def test_walls_are_as_the_twin_says(seed: int) -> None:
    seconds, rules = market(seed), WallRules()
    gap_ns = (START_S + 400) * NS_PER_S
    gaps = [Gap(gap_ns + 500_000_000, gap_ns + 9_250_000_000, "silent")]
    walls, outcomes = built(seconds, gaps)
    names = ("side", "price", "age_s", "distance_ticks", "depth_qty")
    standing = [tuple(row[name] for name in names) for row in walls]
    assert sorted(standing) == sorted(
        tuple(row[name] for name in names) for row in walls_1s(seconds, rules)
    )
    found, expected = outcome_rows(outcomes, wall_outcomes(seconds, rules, gaps))
    assert found == expected
    assert {row["outcome"] for row in found} == {
        *("pulled", "pulled_late", "eaten", "held", "censored")
    }
    assert len({tuple(row[name] for name in row if "_from" in name) for row in found}) >= 12


def by_hand(spots: Sequence[int], wall: Sequence[Cell]) -> dict[int, MarketSecond]:
    """A market with asks of one price, 10 ticks above the first spot; price trades at spot."""
    key = ("A", BASE + 10)
    return {
        START_S + n: MarketSecond(spot, True, {key: cell}, [spot], USUAL)
        for n, (spot, cell) in enumerate(zip([BASE + ticks for ticks in spots], wall, strict=True))
    }


STANDS = Cell(40)


@pytest.mark.parametrize(
    ("spots", "wall", "outcome"),
    [
        # gone before price comes within two ticks
        ([0, 5, 7, 7], [STANDS, STANDS, Cell(19, pulled=21), Cell(0, pulled=19)], "pulled"),
        # price comes, more is filled than pulled
        ([0, 8, 9, 9], [STANDS, STANDS, Cell(25, filled=15), Cell(15, pulled=10)], "eaten"),
        ([0, 8, 9, 9], [STANDS, STANDS, Cell(25, filled=15), Cell(5, pulled=20)], "pulled_late"),
        # half of it is left when price has gone eight ticks back
        ([0, 8, 9, 2], [STANDS, STANDS, Cell(25, filled=15), Cell(20, filled=5)], "held"),
        ([0, 8, 9, 3], [STANDS] * 4, "censored"),
        ([0, 5, 7, 0], [STANDS] * 4, "censored"),
    ],
)
def test_each_outcome_by_hand(spots: list[int], wall: list[Cell], outcome: str) -> None:
    _, rows = built(by_hand(spots, wall))
    first = min(rows, key=lambda row: row["window_end_ts"])
    assert first["outcome"] == outcome
    assert (first["ratio_from"], first["age_from_s"], first["distance_from_ticks"]) == (3.0, 0, 3)
    assert first["label_end_ts"] == START + timedelta(seconds=4 if outcome != "pulled" else 3)


def test_what_follows_changes_no_wall_before_it() -> None:
    """Another market from a second on: earlier rows and labels that ended do not change."""
    cut = START_S + 500
    moment = START + timedelta(seconds=500)
    one, other = market(3), market(4)
    mixed = {now: (one if now < cut else other)[now] for now in one if now < cut or now in other}
    first, second = built(one), built(mixed)
    for rows, others in zip(first, second, strict=True):
        known = [
            [
                {name: value for name, value in row.items() if name not in _LATER}
                for row in found
                if row["window_end_ts"] <= moment
            ]
            for found in (rows, others)
        ]
        assert known[0] == known[1]
        assert len(known[0]) > 50
    labels = [
        [row for row in found[1] if row["label_end_ts"] <= moment] for found in (first, second)
    ]
    assert labels[0] == labels[1]


_LATER = ("outcome", "reached_ts", "label_end_ts")
