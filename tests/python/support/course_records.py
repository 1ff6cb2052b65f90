"""The SQL of `course_odds_1s` and `approaches` over a day of hand-made rows, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
from naive.approaches import ApproachInputs, ApproachRules
from naive.course_odds import OddsRules
from spymaster_engine.course_columns import PHASES

from support.relations_of_models import create_relation

SYMBOL, DT = "ESZ5", date(2025, 10, 9)
TICK_INT = 250_000_000
START = datetime(2025, 10, 9, 14)
LEVEL, OTHER_LEVEL = "pm_high", "or_low"
LEVEL_TICK = 27_000
REACH_TICKS = 2
KINDS = {LEVEL: "pm", OTHER_LEVEL: "or"}
COSTS = {"ES": 1.4, "NQ": 1.9}
ODDS_RULES, APPROACH_RULES = OddsRules(), ApproachRules()
_SETTINGS: dict[str, list[dict[str, Any]]] = {
    "silver.contract_days": [{"tick_int": TICK_INT}],
    "reference.trigger_thresholds": [
        {"root": root, "cost_ticks": cost} for root, cost in COSTS.items()
    ],
    "silver.level_definitions": [
        {"level_id": level_id, "level_kind": kind} for level_id, kind in KINDS.items()
    ],
}
_READ = {
    "course_odds_1s": ("silver.approach_course_1s", "gold.retrieval_outcomes"),
    "approaches": (
        *("gold.course_odds_1s", "gold.conditions_in_use_1s", "silver.level_corridor_1s"),
        *("silver.wall_surface_1s", "silver.level_decisions", "gold.level_labels"),
    ),
}
PUBLISHED_ODDS = (
    *("p_break", "p_reject", "p_chop", "p_reached"),
    *("base_break", "base_reject", "base_chop", "base_reached"),
)
Row = dict[str, Any]


def at_second(second: int) -> datetime:
    """Return the naive UTC time of a second of a hand-made day."""
    return START + timedelta(seconds=second)


def rows_of(model: str, query: str, tables: Mapping[str, Sequence[Row]]) -> list[Row]:
    """Return the rows of a model over tables; columns that a row leaves out are NULL.

    Args:
        model: `course_odds_1s` or `approaches`.
        query: its compiled SQL.
        tables: rows by relation, schema and name, of what it reads besides settings.
    """
    with duckdb.connect() as connection:
        for relation in (*_SETTINGS, *_READ[model]):
            create_relation(connection, relation)
            _insert(connection, relation, tables.get(relation) or _SETTINGS.get(relation, ()))
        sql = query.replace("__partition_symbol__", SYMBOL).replace("__partition_dt__", f"{DT}")
        found = connection.execute(sql)
        names = [name for name, *_ in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _insert(connection: duckdb.DuckDBPyConnection, relation: str, rows: Sequence[Row]) -> None:
    if not rows:
        return
    has_days = not relation.startswith("reference.") and relation != "silver.level_definitions"
    key = {"symbol": SYMBOL, "dt": DT} if has_days else {}
    connection.register("own_rows", pa.Table.from_pylist([key | row for row in rows]))
    connection.execute(f"insert into {relation} by name select * from own_rows")
    connection.unregister("own_rows")


def tables_of(inputs: ApproachInputs) -> dict[str, Sequence[Row]]:
    """Return what the SQL of `approaches` reads, as the twin reads it."""
    given = (
        *(inputs.odds, inputs.conditions, inputs.corridors),
        *(inputs.walls, inputs.decisions, inputs.labels),
    )
    return dict(zip(_READ["approaches"], given, strict=True))


def course_of(
    xs: Sequence[int | None],
    *,
    start: int = 0,
    direction: str = "up",
    level_id: str = LEVEL,
    traded: Mapping[int, int] | None = None,
    last: Row | None = None,
) -> list[Row]:
    """Return the rows of a course by hand, its odds unknown.

    Args:
        xs: spot at each second from the start on, past the level; None where it is not known.
        start: second of the start.
        direction: up or down.
        level_id: its level.
        traded: by place in `xs`, a trade of that second that went furthest past the level.
        last: columns of the last row that differ.
    """
    started = at_second(start)
    course_id = (
        f"{SYMBOL}_{DT}_{level_id}_{direction}_{int(started.replace(tzinfo=UTC).timestamp())}"
    )
    rows: list[Row] = []
    max_x, min_x, reached = -(10**6), None, None
    phase = PHASES[0]
    for second, x in enumerate(xs):
        places = [place for place in (x, (traded or {}).get(second)) if place is not None]
        max_x = max(max_x, *places, max_x)
        if reached is None and max_x >= -REACH_TICKS:
            reached = second
        if reached is not None:
            min_x = min([*places, *([] if min_x is None else [min_x])])
        if x is not None and reached is not None:
            phase = "at" if abs(x) <= 1 else "through" if x > 1 else "back"
        rows.append(
            {
                "symbol": SYMBOL,
                "dt": DT,
                "level_id": level_id,
                "window_end_ts": at_second(start + second),
                "course_id": course_id,
                "direction": direction,
                "level_tick_frozen": LEVEL_TICK,
                "barrier_ticks": 8,
                "started_ts": started,
                "x": x,
                "phase": phase,
                "reached_ts": None if reached is None else at_second(start + reached),
                "max_x": max_x,
                "min_x_since_reached": min_x,
                "elapsed_s": second,
                "since_reached_s": None if reached is None else second - reached,
                "resolved": None,
                "resolved_ts": None,
                "ended_by": None,
            }
        )
    rows[-1] |= last or {}
    return rows


def answer_at(second: int, share: float | None = 0.5, **other: Any) -> Row:
    """Return an answer to a decision three ticks before the level, approached from below.

    Args:
        second: the decision.
        share: probability of a break; None without support.
        other: columns that differ.
    """
    odds = (share, None if share is None else 0.75 - share, 0.25, 0.875, 0.4, 0.35, 0.25, 0.75)
    return {
        "level_id": LEVEL,
        "window_end_ts": at_second(second),
        "horizon_id": "s240",
        "vector_id": f"vector_{second}",
        "approach_dir": "approach_up",
        "decision_phase": "approaching",
        "k_ticks": 3,
        "horizon_s": 240,
        "barrier_ticks": 8,
        "is_judged": True,
        "distance_band": "2_4",
        "n_distinct_days": 12,
        "n_distinct_episodes": 80,
        "n_eff": 67.25,
        "neighbors_ok": share is not None,
        "is_similar": share is not None,
        "verdict": "useful",
        **dict(zip(PUBLISHED_ODDS, odds, strict=True)),
        **other,
    }


def reflected(rows: Sequence[Row], middle_tick: int = LEVEL_TICK) -> list[Row]:
    """Return rows of any relation with prices reflected at a tick; ids stay as they are."""
    other_way = {"up": "down", "down": "up", "A": "B", "B": "A"}
    other_way |= {f"approach_{one}": f"approach_{other}" for one, other in other_way.items()}
    found = []
    for row in rows:
        one = dict(row)
        for name in ("direction", "approach_dir", "side"):
            if name in one:
                one[name] = other_way[one[name]]
        for name in ("k_ticks", "level_side"):
            if one.get(name) is not None:
                one[name] = -one[name]
        for name, unit in (
            ("level_tick_frozen", 1),
            ("level_price_int", TICK_INT),
            ("price_int", TICK_INT),
            ("level_price", TICK_INT / 1e9),
            ("wall_price", TICK_INT / 1e9),
        ):
            if one.get(name) is not None:
                one[name] = 2 * middle_tick * unit - one[name]
        found.append(one)
    return found
