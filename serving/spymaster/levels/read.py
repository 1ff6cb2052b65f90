"""Read the levels of a second from the published file; models do the computing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import duckdb
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import PRICE_SCALE

from spymaster.book_source import missing_orders
from spymaster.clock import LocalClock, clock_of
from spymaster.contracts import built_instead
from spymaster.levels.settings import WordSettings
from spymaster.published import Row, ask_rows, open_published, relations_of
from spymaster.setups.order_flow import RELATIONS as _OF_FAMILIES
from spymaster.setups.order_flow import nothing_to_compare

_QUERIES = Path(__file__).parent / "queries"
_OF_STRIKE = (
    "call_physics",
    "put_physics",
    "call_net_aggressive_qty",
    "put_net_aggressive_qty",
    "call_net_resting_qty",
    "put_net_resting_qty",
    "gex_call_abs",
    "gex_put_abs",
)
# relations that a build may leave out, by query with a row per level
_OPTIONAL = {
    "conditions": ("gold.conditions_in_use_1s",),
    "engines": (
        "gold.break_score_1s",
        "silver.barrier_engine_1s",
        "silver.tape_engine_1s",
        "silver.fuel_engine_1s",
        "reference.engine_constants",
    ),
    "odds": ("gold.retrieval_outcomes",),
    "course": ("gold.course_odds_1s",),
}
_PRODUCT = ("silver.contract_days", "reference.instruments")
_RECORD = ("gold.approaches", "reference.instruments")
_PLACEBOS = ("gold.level_placebo", "gold.retrieval_settings")
_WALLS = ("silver.walls_1s", "gold.eval_walls")
_GAMMA_WALLS = ("gold.eval_gamma_walls", "gold.retrieval_settings")
_CLAIMS = ("gold.eval_turn_conditions", "gold.retrieval_settings")
_SCORE_VERDICT = ("gold.eval_break_score", "gold.retrieval_settings")
_RELATIONS = (
    "silver.book_snapshot_1s",
    "silver.word_settings",
    "silver.levels_1s",
    "silver.level_offset_1s",
    "silver.level_corridor_1s",
    "silver.level_ladder_1s",
    "silver.gex_surface_1s",
    "silver.gex_summary_1s",
)


@dataclass(frozen=True)
class LevelView:
    """One level of a second.

    Attributes:
        facts: row of levels_1s with the offset and the corridor; values are None where unknown.
        rungs: rows of level_ladder_1s, highest first; empty without a ladder.
        strikes: strikes nearest to the rungs, highest first; empty without options.
        conditions: row of conditions_in_use_1s; None without a row.
        engines: row of break_score_1s with the readings of the engines; None without a row.
        odds: row of retrieval_outcomes at the last decision; None without a row.
        course: row of course_odds_1s; None without an approach under way.
        record: how approaches of earlier days in the course's direction ended; None without any.
        placebo: row of level_placebo, the level against shifted prices; None before an evaluation.
    """

    facts: Row
    rungs: list[Row]
    strikes: list[Row]
    conditions: Row | None
    engines: Row | None
    odds: Row | None
    course: Row | None = None
    record: Row | None = None
    placebo: Row | None = None


@dataclass(frozen=True)
class MomentView:
    """A second of a contract and its levels: with an approach under way, active, provisional.

    Attributes:
        symbol: raw symbol.
        at: end of the second, naive UTC.
        spot_price_int: spot in 1e-9 units; None without a spot.
        tick_int: minimum price increment, 1e-9 units.
        is_valid: whether the book of the second can be trusted.
        levels: the requested active and provisional levels, of each kind the nearest first.
        exposure: gamma exposure of the second; None without options.
        statuses: every possible level, whether it is there, and from when it is known.
        settings: settings of the build for ladders and conditions; the height of a rung is the
            product's.
        constants: constants of the engines by name; empty if the lake has no engines.
        score_verdict: row of eval_break_score that says what the score is worth; None before an
            evaluation.
        clock: the lake's clock.
        orders_missing: what is not known without market by order; None with it.
        odds_missing: why no level of the day can have odds; None if one can.
        claims: verdicts on the sentences of the hypothesis, by state of the four conditions.
        walls: walls of the order book with what became of walls like them, the largest first; empty
            before an evaluation.
        gamma_walls: row of eval_gamma_walls; None before an evaluation.
    """

    symbol: str
    at: dt.datetime
    spot_price_int: int | None
    tick_int: int
    is_valid: bool
    levels: list[LevelView]
    exposure: Row | None
    statuses: list[Row]
    settings: WordSettings
    constants: dict[str, float]
    score_verdict: Row | None
    clock: LocalClock
    orders_missing: str | None = None
    odds_missing: str | None = None
    claims: Mapping[str, str] = field(default_factory=dict)
    walls: Sequence[Row] = ()
    gamma_walls: Row | None = None

    @property
    def has_orders(self) -> bool:
        """Whether the book of the day is made of orders."""
        return self.orders_missing is None


def read_levels(
    lake: Lake, symbol: str, day: dt.date, at: dt.datetime | None, level_id: str | None = None
) -> MomentView:
    """Read the levels of a second.

    Args:
        lake: lake with the published file.
        symbol: raw symbol of a contract.
        day: UTC date of the partition.
        at: end of the second, naive UTC; None takes the day's last second with an approach
            (to ``level_id`` if given).
        level_id: the level to read; None reads all.

    Raises:
        SpymasterError: The published file, its relations, the second or the level is missing.
    """
    with open_published(lake, _RELATIONS) as connection:
        relations = relations_of(connection)
        key = {"symbol": symbol, "dt": day}
        moments = _rows(connection, "moment", key | {"at": at, "level_id": level_id})
        if not moments:
            when = f" {at:%H:%M:%S} UTC" if at else ""
            raise SpymasterError(
                f"{symbol} {day}{when}",
                "there is no such second in silver.book_snapshot_1s",
                built_instead(connection, symbol),
            )
        [moment] = moments
        key["at"] = moment["window_end_ts"]
        statuses = _rows(connection, "statuses", key)
        _require_level(level_id, [status["level_id"] for status in statuses])
        clock = clock_of(connection)
        [row] = _rows(connection, "settings", key)
        settings = WordSettings.of(row)
        step = read_ladder_step(connection, relations, symbol, day)
        if step is not None:
            settings = replace(settings, ladder_rung_points=step)
        rung_ticks = round(settings.ladder_rung_points * PRICE_SCALE / moment["tick_int"])
        rungs = _by_level(
            [rung | {"rung_ticks": rung_ticks} for rung in _rows(connection, "ladder", key)]
        )
        [average] = _rows(connection, "average_strike", key)
        there = {name for name, needed in _OPTIONAL.items() if relations.issuperset(needed)}
        conditions, engines, odds, courses = (
            {row["level_id"]: row for row in _rows(connection, name, key)} if name in there else {}
            for name in _OPTIONAL
        )
        constants = _rows(connection, "engine_constants", key) if "engines" in there else []
        is_judged = relations.issuperset(_SCORE_VERDICT)
        verdicts = _rows(connection, "score_verdict", key) if is_judged else []
        records = read_records(connection, relations, symbol, day) if courses else {}
        placebos = read_placebos(connection, relations, symbol)
        views = [
            LevelView(
                facts,
                rungs[facts["level_id"]],
                _strikes(rungs[facts["level_id"]], average),
                conditions.get(facts["level_id"]),
                engines.get(facts["level_id"]),
                odds.get(facts["level_id"]),
                courses.get(facts["level_id"]),
                _record_of(records, courses.get(facts["level_id"])),
                placebos.get(facts["level_id"]),
            )
            for facts in _rows(connection, "levels", key)
            if level_id in (None, facts["level_id"])
        ]
        # the rows are ordered by distance
        views.sort(key=lambda view: (view.course is None, not view.facts["is_active"]))
        exposures = _rows(connection, "exposure", key)
        orders_missing = missing_orders(connection, symbol, day)
        claims = read_claims(connection, relations, symbol, is_net=orders_missing is not None)
        walls = _rows(connection, "walls", key) if relations.issuperset(_WALLS) else []
        gamma_walls = read_gamma_walls(connection, relations, symbol)
        odds_missing = None
        if relations.issuperset(_OF_FAMILIES):
            odds_missing = nothing_to_compare(connection, symbol, day)
    return MomentView(
        symbol,
        moment["window_end_ts"],
        moment["spot_ref_price_int"],
        moment["tick_int"],
        moment["window_valid"],
        views,
        exposures[0] if exposures else None,
        [status for status in statuses if level_id in (None, status["level_id"])],
        settings,
        {row["name"]: row["value"] for row in constants},
        verdicts[0] if verdicts else None,
        clock,
        orders_missing,
        odds_missing,
        claims,
        walls,
        gamma_walls,
    )


def read_ladder_step(
    connection: duckdb.DuckDBPyConnection, relations: Collection[str], symbol: str, day: dt.date
) -> float | None:
    """Return the height of a rung that the product of a contract has of its own, points.

    Args:
        connection: the published file.
        relations: relations that it holds, with their schema.
        symbol: raw symbol of a contract.
        day: UTC date of the partition.
    """
    if not set(_PRODUCT) <= set(relations):
        return None
    found = _rows(connection, "ladder_step", {"symbol": symbol, "dt": day})
    return found[0]["ladder_step"] if found else None


def read_claims(
    connection: duckdb.DuckDBPyConnection,
    relations: Collection[str],
    symbol: str,
    *,
    is_net: bool = False,
) -> dict[str, str]:
    """Return verdicts on the sentences of the hypothesis, by state; empty before an evaluation.

    Args:
        connection: the published file.
        relations: relations that it holds, with their schema.
        symbol: raw symbol of a contract.
        is_net: whether the conditions come from market by price.
    """
    if not set(_CLAIMS) <= set(relations):
        return {}
    values = {"symbol": symbol, "conditions_basis": "net" if is_net else "orders"}
    return {row["state"]: row["verdict"] for row in _rows(connection, "claims", values)}


def read_records(
    connection: duckdb.DuckDBPyConnection, relations: Collection[str], symbol: str, day: dt.date
) -> dict[tuple[str, str], Row]:
    """Return how approaches of earlier days ended, by level and direction.

    Args:
        connection: the published file.
        relations: relations that it holds, with their schema.
        symbol: raw symbol of a contract.
        day: UTC date; earlier days count.
    """
    if not set(_RECORD) <= set(relations):
        return {}
    found = _rows(connection, "record", {"symbol": symbol, "dt": day})
    return {(row["level_id"], row["direction"]): row for row in found}


def read_placebos(
    connection: duckdb.DuckDBPyConnection, relations: Collection[str], symbol: str
) -> dict[str, Row]:
    """Return levels against shifted prices, by level; empty before an evaluation.

    Args:
        connection: the published file.
        relations: relations that it holds, with their schema.
        symbol: raw symbol of a contract.
    """
    if not set(_PLACEBOS) <= set(relations):
        return {}
    return {row["level_id"]: row for row in _rows(connection, "placebos", {"symbol": symbol})}


def read_gamma_walls(
    connection: duckdb.DuckDBPyConnection, relations: Collection[str], symbol: str
) -> Row | None:
    """Return what the evaluation says of gamma walls; None before an evaluation.

    Args:
        connection: the published file.
        relations: relations that it holds, with their schema.
        symbol: raw symbol of a contract.
    """
    if not set(_GAMMA_WALLS) <= set(relations):
        return None
    return next(iter(_rows(connection, "gamma_walls", {"symbol": symbol})), None)


def direction_of(course: Row | None) -> str | None:
    """Return the direction of the course under way; None without one."""
    return None if course is None else course["direction"]


def _record_of(records: Mapping[tuple[str, str], Row], course: Row | None) -> Row | None:
    return None if course is None else records.get((course["level_id"], course["direction"]))


def _strikes(rungs: list[Row], average: Row) -> list[Row]:
    """Return each strike of a ladder once, with its gamma over the average strike's."""
    found: list[Row] = []
    for strike, group in groupby(rungs, lambda rung: rung["strike_points"]):
        if strike is None:
            continue
        sharing = list(group)
        first, offsets = sharing[0], [rung["point_offset"] for rung in sharing]
        found.append(
            {
                "strike_points": strike,
                "points_from_level": strike - first["level_price_int"] / PRICE_SCALE,
                "lowest_point": min(offsets),
                "highest_point": max(offsets),
                **{name: first[name] for name in _OF_STRIKE},
                **{
                    f"gex_{right}_ratio": _ratio(
                        first[f"gex_{right}_abs"], average[f"gex_{right}_abs"]
                    )
                    for right in ("call", "put")
                },
            }
        )
    return found


def _ratio(value: float | None, average: float | None) -> float | None:
    return value / average if value is not None and average else None


def _by_level(rows: list[Row]) -> defaultdict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["level_id"]].append(row)
    return found


def _require_level(level_id: str | None, known: list[str]) -> None:
    if level_id is not None and level_id not in known:
        raise SpymasterError(level_id, "is no level", f"the levels are {', '.join(known)}")


def _rows(connection: duckdb.DuckDBPyConnection, name: str, values: Row) -> list[Row]:
    return ask_rows(connection, _QUERIES / f"{name}.sql", values)
