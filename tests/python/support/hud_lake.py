"""A published file made by hand: 2,460 seconds of one contract-day with all that a screen shows.

Prices are ticks of 0.25 points. ``second`` counts windows from ``START``: window ``second`` ends at
``window_end(second)``. Spot goes up and down between 26600 and 26620, one tick in 20 seconds. Each
second has walls at 26640 (asks) and 26580 (bids), a tick with as many bids as asks, a tick with
flow but without depth, and touches beside spot. In every tenth second each fourth tick within 100
of spot holds a marker, in every thirtieth one lies 150 ticks away.

Exceptions are the seconds named below, all within the last 1,800. ``strikes`` lie every 5 points,
and one is half a tick off the grid. ``or_high`` is provisional up to ``PROVISIONAL_UNTIL``. The
score of a level goes round from 0 to 100 and from state to state.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
from spymaster_ingest.lake import Lake
from spymaster_ingest.units import NS_PER_S, epoch_ns

from support.relations_of_models import create_relation, create_view
from support.settings import write_word_settings

SYMBOL = "ESZ5"
DAY = dt.date(2025, 10, 1)
START = dt.datetime(2025, 10, 1, 13, 30)
COUNT = 2_460
TICK_INT = 250_000_000
LOW_TICK = 26_600
ASK_WALL, BID_WALL, TIE_TICK, FLOW_TICK = 26_640, 26_580, 26_644, 26_648
# no row anywhere; not to be trusted; without spot and walls; without gamma; scores unknown
MISSING, INVALID, NO_SPOT, NO_GEX = 2_100, 2_110, 2_120, 2_130
NULL_SCORES = range(2_140, 2_150)
# start and end in seconds
RECORDING_GAP = (2_160.5, 2_164.25)
MARKER_EVERY_S, MARKER_EVERY_TICKS, MARKER_TICKS, FAR_TICKS = 10, 4, 100, 150
# price of a strike half a tick above tick 26630, which rounds up
OFF_TICK_STRIKE_INT = 26_630 * TICK_INT + TICK_INT // 2
PROVISIONAL_UNTIL = 1_500
# level, direction, first and last decision; the label of the last ends 240 s later, which for the
# second episode is after the end
EPISODES = (
    ("or_high", "approach_up", 1_900, 1_990),
    ("pm_low", "approach_down", 2_300, 2_390),
)
# level, direction, first and last second of a course; the first resolves, the second is lost, and
# the third is under way
COURSES = (
    ("sma_90", "up", 940, 1_180),
    ("or_high", "up", 1_900, 2_099),
    ("pm_low", "down", 2_300, None),
)
# seconds of a break of or_high, of its retest and of its end
RETEST = (2_000, 2_050, 2_100)
RELATIONS = (
    "bronze.ingest_manifest",
    "bronze.future_mbo",
    "bronze.market_by_price_10",
    "reference.engine_constants",
    "reference.instruments",
    "silver.contract_days",
    "silver.book_snapshot_1s",
    "silver.wall_surface_1s",
    "silver.vacuum_surface_1s",
    "silver.radar_vacuum_1s",
    "silver.physics_bands_1s",
    "silver.physics_surface_1s",
    "steps.physics_calibration_modes",
    "silver.gex_surface_1s",
    "silver.gex_summary_1s",
    "silver.option_physics_1s",
    "silver.levels_1s",
    "silver.level_offset_1s",
    "silver.level_decisions",
    "silver.level_corridor_1s",
    "silver.level_ladder_1s",
    "silver.recording_gaps",
    "steps.usual_depth_1s",
    "silver.barrier_engine_1s",
    "silver.tape_engine_1s",
    "silver.fuel_engine_1s",
    "gold.break_score_1s",
    "gold.level_signals",
    "gold.approach_episodes",
    "gold.approaches",
    "gold.course_odds_1s",
    "gold.eval_turn_conditions",
    "gold.retest_events",
    "gold.level_outcomes",
    "gold.mbo_pressure_stream",
    "gold.mbo_trigger_signals",
    "gold.retrieval_outcomes",
    "gold.retrieval_settings",
    "gold.conditions_in_use_1s",
)
# what steps.book_records reads
SOURCES_OF_BOOK = (
    "silver.contract_days",
    "bronze.future_mbo",
    "bronze.market_by_price_10",
)
# in this order: later ones read what earlier ones wrote
_ROWS = (
    "hud_lake_book",
    "hud_lake_strikes_and_levels",
    "hud_lake_scores",
    "hud_lake_approaches",
    "hud_lake_courses",
)


def window_end(second: int) -> dt.datetime:
    """Return the end of a window, naive UTC."""
    return START + dt.timedelta(seconds=second + 1)


def window_end_ns(second: int) -> int:
    """Return the end of a window in ns since 1970."""
    return epoch_ns(START) + (second + 1) * NS_PER_S


def spot_tick(second: int) -> int | None:
    """Return spot of a second in ticks; None where it has none."""
    if second in (MISSING, NO_SPOT):
        return None
    place = second // 20 % 40
    return LOW_TICK + min(place, 40 - place)


def write_lake(
    lake: Lake, *, count: int = COUNT, without: tuple[str, ...] = (), symbol: str = SYMBOL
) -> Lake:
    """Write the published file of a lake, in place of one that is there.

    Args:
        lake: the lake.
        count: seconds of the contract-day.
        without: relations that the build left out.
        symbol: raw symbol of the contract.
    """
    lake.make_root()
    written = lake.published.with_name("writing.duckdb")
    written.unlink(missing_ok=True)
    with duckdb.connect(str(written)) as connection:
        for relation in RELATIONS:
            create_relation(connection, relation)
        create_view(connection, "steps.book_records", SOURCES_OF_BOOK)
        _insert(connection, count, symbol)
        for relation in without:
            connection.execute(f"drop table {relation}")
    written.replace(lake.published)
    return lake


def _insert(connection: duckdb.DuckDBPyConnection, count: int, symbol: str) -> None:
    connection.execute("set TimeZone = 'UTC'")
    values = {
        "symbol": symbol,
        "day": DAY,
        "start_ts": START,
        "count": count,
        "tick_int": TICK_INT,
        "low_tick": LOW_TICK,
        "ask_wall": ASK_WALL,
        "bid_wall": BID_WALL,
        "tie_tick": TIE_TICK,
        "flow_tick": FLOW_TICK,
        "missing": MISSING,
        "invalid": INVALID,
        "no_spot": NO_SPOT,
        "no_gex": NO_GEX,
        "null_from": NULL_SCORES.start,
        "null_to": NULL_SCORES.stop,
        "gap_from": RECORDING_GAP[0],
        "gap_to": RECORDING_GAP[1],
        "marker_every_s": MARKER_EVERY_S,
        "marker_every_ticks": MARKER_EVERY_TICKS,
        "marker_ticks": MARKER_TICKS,
        "far_ticks": FAR_TICKS,
        "off_tick_strike_int": OFF_TICK_STRIKE_INT,
        "provisional_until": PROVISIONAL_UNTIL,
        "episodes": [
            {"level_id": level, "approach_dir": direction, "first": first, "last": last}
            for level, direction, first, last in EPISODES
        ],
    }
    for name, value in values.items():
        # prices are products of whole numbers
        text = "cast($value as bigint)" if isinstance(value, int) else "$value"
        connection.execute(f"set variable {name} = {text}", {"value": value})
    for name in _ROWS:
        connection.execute(Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8"))
    write_word_settings(connection)
