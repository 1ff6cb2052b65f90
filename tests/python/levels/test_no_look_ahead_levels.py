"""Events at or after a moment change no earlier level, feature, vector or finished label.

As in `test_no_look_ahead`, with days so small that premarket, opening range, averages, approaches,
labels and setups all fit into four minutes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import duckdb
import numpy as np
import pytest
from naive.level_event_columns import GROUPS
from support.changed_days import Copy, change_sizes, day_start_ns, go_on_elsewhere
from support.dbn_files import SECOND_NS
from support.engine_lakes import change_constants, write_no_answers
from support.small_days import (
    DAYS,
    SmallLake,
    drop_groups,
    group_starts,
    seconds_of,
    small_day,
    symbol_of,
)

SEED = 20_251_001
# a day with approaches from both sides, setups and labels in its three busy minutes
BASE_SEED = 18
COPIES, LONG_COPIES = 12, 60
# moments late enough for vectors before them, with some future left; sometimes in the sessions
# whose extremes are levels
FIRST_MOMENT_S, LAST_MOMENT_S = 110, 200
EARLY_MOMENTS_S, EARLY_EVERY = (50, 68), 5
# an evening would add a row for every second until then
END_S = 240
BASE = "BASE"
# the second session differs from the base
SESSIONS = DAYS[:2]
SESSIONS_BASE, SESSIONS_CHANGED = "SESS", "SCHG"

VARIABLES = {
    "premarket": ["00:00:30", "00:01:10"],
    "rth_start": "00:01:10",
    "opening_range": ["00:01:10", "00:01:25"],
    "bar_lengths_s": [5, 10],
    "sma_bar_s": 5,
    "sigma_lookback_s": 60,
    "sigma_min_changes": 20,
    # small books have few contracts, and short days few seconds
    "condition_min_contracts": 1,
    "condition_min_seconds": 5,
    # in a few minutes of books price seldom moves far
    "approach_over_s": 15,
    "approach_pause_s": 5,
    "approach_min_ticks": 1,
    "approach_sigma": 0.1,
    # a level at any distance
    "level_max_k_ticks": 40,
    "wall_max_ticks": 70,
    "vector_block_windows": [2, 3, 4],
    "horizons_s": {"s10": 10, "s30": 30, "s60": 60},
    "barrier_horizon": "s60",
    "horizon_bars": 2,
    "barrier_ticks": 6,
    "barrier_ticks_range": [2, 20],
    "setup_rearm_bars": 1,
    "setup_rearm_ticks": 1,
    # breaks, retests and what follows them within the minute
    "break_ticks": 1,
    "broken_hold_s": 2,
    "retest_ticks": 1,
    "retest_outcome_ticks": 3,
    "retest_horizon_s": 20,
}
# averages of a few bars, because a day of four minutes has few
SMA_BARS = {"sma_90": 3, "sma_200": 6, "sma_400": 12}
# windows of the level engines that four minutes fill, and limits that scores of small books reach
ENGINE_CONSTANTS = {
    "w_barrier_s": 20,
    "w_wall_s": 30,
    "w_tape_s": 10,
    "reject_score_max": 45,
    "hold_s": 1,
}
MODELS = (
    "+level_outcomes",
    "+approach_episodes",
    "+setup_events",
    "+mbo_trigger_vectors",
    "+level_surface_1s",
    "+level_ladder_1s",
    "+level_features_wide_1s",
    "+turn_conditions_1s",
    "+level_events",
    "level_signals",
    "+top10_1s",
    "+market_features_1s",
    "+setup_vectors",
    "+setup_feature_vectors",
    "+retest_events",
)
# of level_events; its labels look as far as eight minutes ahead, see test_level_events
FEATURES = tuple(
    name
    for group, names in GROUPS.items()
    for name in names
    if group != "labels" and name not in ("symbol", "dt")
)
# of retest_events, known at the retest
OF_RETEST = (
    "level_id",
    "approach_dir",
    "basis",
    "broken_ts",
    "retest_ts",
    "retest_price_int",
    "retest_window_end_ts",
    "retest_wait_s",
    "excursion_ticks",
    "retest_x_ticks",
    "c1",
    "c2",
    "c3",
    "c4",
    "turn_state",
    "recent_turn_state",
    "missing",
    "held_s",
    "above_score",
    "below_score",
    "bid_states",
    "ask_states",
)

AT_END_OF_WINDOW = (
    "silver.levels_1s",
    "silver.level_offset_1s",
    "silver.level_decisions",
    "silver.level_anchors_1s",
    "silver.level_surface_1s",
    "silver.level_vacuum_1s",
    "silver.mbo_level_vacuum_5s",
    "silver.level_corridor_1s",
    "silver.level_ladder_1s",
    "silver.level_features_wide_1s",
    "silver.turn_flows_1s",
    "silver.turn_measures_1s",
    "silver.turn_states_1s",
    "gold.turn_conditions_1s",
    "gold.mbo_trigger_vectors",
    "silver.engine_levels_1s",
    "silver.barrier_engine_1s",
    "silver.tape_engine_1s",
    "silver.fuel_engine_1s",
    "gold.break_score_1s",
    "gold.level_signals",
    "silver.market_book_1s",
    "silver.top10_1s",
    "silver.market_features_1s",
    "gold.market_feature_vectors",
    "gold.setup_feature_vectors",
)


@dataclass(frozen=True)
class Known:
    """Columns of a relation and the time from which they are known.

    Attributes:
        relation: with its schema.
        at: SQL expression of the time from which a row's columns are known.
        columns: their names; empty means all.
        where: condition on the rows.
    """

    relation: str
    at: str = "window_end_ts"
    columns: tuple[str, ...] = ()
    where: str = "true"


KNOWN = {
    **{relation: Known(relation) for relation in AT_END_OF_WINDOW},
    "silver.contract_trades": Known(
        "silver.contract_trades", "window_start_ts + interval 1 second"
    ),
    "silver.bars": Known("silver.bars", "bar_end_ts"),
    "silver.market_by_price_10_bar5s": Known("silver.market_by_price_10_bar5s", "bar_end_ts"),
    "gold.setup_vectors": Known("gold.setup_vectors", "infer_ts"),
    "value of a level": Known(
        "(select distinct symbol, dt, level_id, level_tick, level_price, available_from_ts "
        "from silver.levels_1s where is_active)",
        "available_from_ts",
        ("level_id", "level_tick", "level_price"),
    ),
    "begin of an episode": Known(
        "gold.approach_episodes",
        "first_window_end_ts",
        ("episode_id", "level_id", "approach_dir", "attempt_index", "level_tick_first"),
    ),
    "course of an episode": Known("gold.approach_episodes", "available_from_ts"),
    "decision of a label": Known(
        "gold.level_outcomes",
        columns=(
            "level_id",
            "window_end_ts",
            "barrier_kind",
            "horizon_id",
            "label_reason",
            "barrier_ticks",
            "horizon_s",
            "x0_ticks",
            "episode_id",
        ),
    ),
    "label": Known("gold.level_outcomes", "label_end_ts", where="outcome is not null"),
    "features of an event": Known("gold.level_events", "event_ts", FEATURES),
    "inference of a setup": Known(
        "gold.setup_events",
        "infer_ts",
        (
            "level_id",
            "direction",
            "trigger_candle_id",
            "confirm_candle_id",
            "lookback_start_candle_id",
            "level_price_int",
            "trigger_high_ticks",
            "trigger_close_ticks",
            "confirm_open_ticks",
            "confirm_close_ticks",
        ),
    ),
    "break of a level": Known(
        "gold.retest_events",
        "broken_window_end_ts",
        (
            "level_id",
            "approach_dir",
            "basis",
            "level_price_int",
            "approach_ts",
            "cross_ts",
            "cross_price_int",
            "broken_ts",
            "broken_window_end_ts",
        ),
    ),
    "retest": Known(
        "gold.retest_events", "retest_window_end_ts", OF_RETEST, "retest_ts is not null"
    ),
    "outcome of a retest": Known("gold.retest_events", "label_end_ts"),
    "label of a setup": Known("gold.setup_events", "label_end_ts"),
}


def day_of(day: dt.date, seed: int) -> np.ndarray:
    """Return the records of a day up to the end of its busy minutes."""
    return cut(small_day(day, seed))


def cut(records: np.ndarray) -> np.ndarray:
    starts = group_starts(records)
    late = starts[seconds_of(records)[starts] >= END_S]
    return records[: late[0]] if late.size else records


def delete(records: np.ndarray, start: int, _: np.random.Generator) -> np.ndarray:
    """Return the records before a position, and the last event, so that the day ends as before."""
    return np.concatenate([records[:start], records[group_starts(records)[-1] :]])


CHANGES = (delete, drop_groups, change_sizes, go_on_elsewhere)


def copies_of(records: np.ndarray, count: int) -> list[Copy]:
    rng = np.random.default_rng(SEED)
    starts = group_starts(records)
    event_ns = records["ts_event"].astype(np.int64)[starts] - day_start_ns()
    copies = []
    for number in range(count):
        is_early = number % EARLY_EVERY == EARLY_EVERY - 1
        first_s, last_s = EARLY_MOMENTS_S if is_early else (FIRST_MOMENT_S, LAST_MOMENT_S)
        moment_ns = int(rng.integers(first_s * SECOND_NS, last_s * SECOND_NS))
        if number % 3 == 0:
            # exactly where a decision window ends
            moment_ns -= moment_ns % (5 * SECOND_NS)
        change = CHANGES[number % len(CHANGES)]
        start = int(starts[np.flatnonzero(event_ns >= moment_ns)[0]])
        changed = cut(change(records, start, rng))
        copies.append(Copy(f"L{number:03}", moment_ns, change.__name__, changed))
    return copies


@dataclass(frozen=True)
class Built:
    """A lake built in a single run, and the copies of the base day."""

    lake: SmallLake
    copies: list[Copy]


@pytest.fixture(scope="module")
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    base = day_of(DAYS[0], BASE_SEED)
    copies = copies_of(base, LONG_COPIES if request.config.getoption("--long") else COPIES)
    lake = SmallLake(
        tmp_path_factory.mktemp("future_levels"),
        [BASE, *(copy.root for copy in copies), SESSIONS_BASE, SESSIONS_CHANGED],
    )
    shorten_averages(lake)
    change_constants(lake.lake.warehouse, **ENGINE_CONSTANTS)
    write_no_answers(lake.lake.warehouse)
    first, second = SESSIONS
    lake.land(
        {
            (BASE, DAYS[0]): base,
            **{(copy.root, DAYS[0]): copy.records for copy in copies},
            **{(root, first): base for root in (SESSIONS_BASE, SESSIONS_CHANGED)},
            (SESSIONS_BASE, second): day_of(second, seed=1),
            (SESSIONS_CHANGED, second): day_of(second, seed=2),
        }
    )
    lake.run("--select", *MODELS, **VARIABLES)
    return Built(lake, copies)


def shorten_averages(lake: SmallLake) -> None:
    """Replace the seed of the levels by one with averages of fewer bars."""
    with duckdb.connect(str(lake.lake.warehouse)) as connection:
        connection.execute(
            "create table reference.level_weights (level_id varchar, level_kind varchar, "
            "edge varchar, sma_bars integer, priority integer, weight double)"
        )
        ranges = [("pm", 1.0), ("or", 0.9)]
        rows = [
            (f"{kind}_{edge}", kind, edge, None, weight)
            for kind, weight in ranges
            for edge in ("high", "low")
        ]
        rows += [(name, "sma", None, SMA_BARS[name], 0.8) for name in reversed(SMA_BARS)]
        connection.executemany(
            "insert into reference.level_weights values (?, ?, ?, ?, ?, ?)",
            [(*row[:4], number, row[4]) for number, row in enumerate(rows, 1)],
        )


def columns_of(lake: SmallLake, known: Known) -> tuple[str, ...]:
    described = lake.ask(f"describe {known.relation}")
    return known.columns or tuple(name for name, *_ in described if name != "symbol")


def row_hash_of(columns: tuple[str, ...]) -> str:
    """Return an SQL expression over columns, with the symbol removed from names."""
    named = ("episode_id", "vector_id", "payload")
    values = ", ".join(
        f"replace({name}, symbol, '')" if name in named else name for name in columns
    )
    return f"cast(md5_number_lower(cast(row({values}) as varchar)) as hugeint)"


Content = tuple[int, int]


def contents(built: Built, known: Known) -> dict[tuple[str, bool, bool], Content]:
    """Return row count and sum of row hashes per copy, whether of base, and whether of the past.

    The base is split at the moment of every copy.
    """
    moments = ", ".join(
        f"('{copy.root}', '{symbol_of(copy.root)}', "
        f"date '{DAYS[0]}' + interval {copy.moment_ns // 1_000} microsecond)"
        for copy in built.copies
    )
    rows = built.lake.ask(
        f"""
        with copies(copy_root, copy_symbol, moment_ts) as (values {moments}),
        hashed as (
            select
                symbol,
                {known.at} as known_from_ts,
                {row_hash_of(columns_of(built.lake, known))} as row_hash
            from {known.relation}
            where dt = date '{DAYS[0]}' and {known.where}
        )
        select
            copies.copy_root,
            hashed.symbol = '{symbol_of(BASE)}',
            hashed.known_from_ts <= copies.moment_ts,
            count(*),
            sum(hashed.row_hash)
        from copies
        inner join hashed on hashed.symbol in (copies.copy_symbol, '{symbol_of(BASE)}')
        group by all
        """
    )
    return {
        (root, is_base, is_past): (count, total) for root, is_base, is_past, count, total in rows
    }


@pytest.mark.parametrize("name", KNOWN)
def test_the_future_changes_no_known_value(built: Built, name: str) -> None:
    found = contents(built, KNOWN[name])
    compared = changed = 0
    for copy in built.copies:
        past = found.get((copy.root, True, True))
        assert found.get((copy.root, False, True)) == past, copy
        compared += past is not None
        changed += found.get((copy.root, False, False)) != found.get((copy.root, True, False))
    # or the test would detect nothing
    assert compared > len(built.copies) / 2
    assert changed > len(built.copies) / 2


def test_the_compared_past_has_rows_of_every_kind(built: Built) -> None:
    """Episodes and vectors of both directions, second attempts, labels and levels of every kind."""
    last = f"date '{DAYS[0]}' + interval {LAST_MOMENT_S} second"
    symbol = symbol_of(BASE)
    kinds = {
        "gold.approach_episodes": (
            "available_from_ts",
            "approach_dir || if(attempt_index > 1, ' again', '')",
        ),
        "gold.mbo_trigger_vectors": ("window_end_ts", "approach_dir"),
        "gold.level_outcomes": ("label_end_ts", "outcome"),
        "gold.setup_events": ("label_end_ts", "direction"),
        "gold.retest_events": ("label_end_ts", "basis"),
        "silver.levels_1s": ("window_end_ts", "if(is_primary, level_id[:3], 'none')"),
        "gold.break_score_1s": ("window_end_ts", "if(score_smooth is null, 'none', signal)"),
    }
    found = {
        relation: {
            kind
            for (kind,) in built.lake.ask(
                f"select distinct {column} from {relation} "
                f"where symbol = '{symbol}' and {at} <= {last}"
            )
        }
        for relation, (at, column) in kinds.items()
    }
    assert found == {
        "gold.approach_episodes": {
            "approach_down",
            "approach_down again",
            "approach_up",
            "approach_up again",
        },
        "gold.mbo_trigger_vectors": {"approach_down", "approach_up"},
        "gold.level_outcomes": {"BREAK", "CHOP", "REJECT"},
        "gold.setup_events": {"up"},
        "gold.retest_events": {"bars", "seconds"},
        "silver.levels_1s": {"none", "pm_", "or_", "sma"},
        "gold.break_score_1s": {"none", "NEUTRAL", "REJECT"},
    }


def session_contents(built: Built, known: Known) -> dict[tuple[str, dt.date], Content]:
    """Return row count and sum of row hashes per symbol and session of the sessions."""
    symbols = ", ".join(f"'{symbol_of(root)}'" for root in (SESSIONS_BASE, SESSIONS_CHANGED))
    rows = built.lake.ask(
        f"select symbol, dt, count(*), sum({row_hash_of(columns_of(built.lake, known))}) "
        f"from {known.relation} where symbol in ({symbols}) and {known.where} group by symbol, dt"
    )
    return {(symbol, day): (count, total) for symbol, day, count, total in rows}


@pytest.mark.parametrize("name", KNOWN)
def test_a_changed_session_changes_no_earlier_session(built: Built, name: str) -> None:
    found = session_contents(built, KNOWN[name])
    base, changed = (symbol_of(root) for root in (SESSIONS_BASE, SESSIONS_CHANGED))
    first, second = SESSIONS
    assert found[base, first] == found[changed, first]
    # a changed session may have no row of vectors
    assert found[base, second] != found.get((changed, second))


def test_averages_continue_from_the_session_before(built: Built) -> None:
    """Otherwise a changed session could not even affect later sessions."""
    [(n_seconds, n_averages)] = built.lake.ask(
        "select count(distinct window_end_ts), count(*) filter (is_active) from silver.levels_1s "
        f"where symbol = '{symbol_of(SESSIONS_BASE)}' and dt = '{SESSIONS[1]}' "
        "and level_id like 'sma_%'"
    )
    assert n_averages == 3 * n_seconds > 0
