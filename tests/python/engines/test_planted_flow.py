"""Planted order flow gets the states of barrier and tape that the specification gives it.

Records whose signatures are known go through the real book engine and every model up to the
signals. The tables of what was planted against what was found are part of the tests' output.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import duckdb
import jsonschema
import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import PROJECT_ROOT
from support import engine_lakes, lakes, small_days
from support.planted_flow import (
    LEVEL,
    STATE_OF,
    Block,
    PlantedDay,
    block_end,
    drawn_blocks,
)
from support.small_days import DAYS, SmallLake

ROOT = "FLOW"
PLANTED_DAY, NULL_DAY = DAYS[:2]
MODELS = ("+break_score_1s", "level_signals", "--exclude", "path:models/silver/options")
VARIABLES = {
    "premarket": ["00:00", "00:01"],
    "rth_start": "00:01",
    "rth_end": "04:00",
    "opening_range": ["00:01", "00:02"],
    "surface_window": ["00:00", "04:00"],
    # both quotes are levels
    "stack_max_ticks": 0,
}
# times that each side gets each signature, and blocks of the null market
EACH, N_NULL = 4, 8
# asks that are pulled from a tape that sweeps up, while bids are added: one level breaks, one holds
LAST_BLOCK = Block("pulled", "stacked", "UP", n_sweeps=8)
LEAST_SHARE = 0.9
# least imbalance and contracts of a tape that pushes to one side
PRESSURE, LEAST_VOLUME = 0.5, 40
MOST_BY_CHANCE = 0.01
MARKED = {"VACUUM", "WALL", "CONSUMED"}
SCHEMA = PROJECT_ROOT / "models" / "gold" / "engines" / "level_signals.schema.json"


@dataclass(frozen=True)
class Market:
    """The lake of a planted day and a null day, and the blocks of the first."""

    lake: SmallLake
    blocks: list[Block]
    sweep_prints: dict[int, int]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    lake = SmallLake(tmp_path_factory.mktemp("planted"), [ROOT])
    # the book is in order before the last one
    blocks = [*drawn_blocks(seed=1, each=EACH), Block(), LAST_BLOCK]
    planted, null = PlantedDay(PLANTED_DAY, seed=1), PlantedDay(NULL_DAY, seed=2)
    lake.land(
        {
            (ROOT, PLANTED_DAY): planted.write(blocks),
            (ROOT, NULL_DAY): null.write([Block()] * N_NULL),
        }
    )
    engine_lakes.write_no_options(lake.lake.warehouse)
    engine_lakes.write_no_answers(lake.lake.warehouse)
    engine_lakes.change_constants(lake.lake.warehouse)
    lake.run("--select", *MODELS, **VARIABLES)
    return Market(lake, blocks, planted.sweep_prints)


def found_at_ends(market: Market) -> dict[tuple[int, str], tuple]:
    """Return state, tape and sweep by block and side, at the end of each block."""
    number_of = {block_end(PLANTED_DAY, n): n for n in range(len(market.blocks))}
    side_of = {level: side for side, level in LEVEL.items()}
    rows = market.lake.ask(
        "select window_end_ts, level_id, state, imbalance, buy_vol + sell_vol, "
        "sweep_direction, sweep_num_prints "
        "from silver.barrier_engine_1s inner join silver.tape_engine_1s as tape "
        "using (dt, window_end_ts, level_id) "
        f"where dt = '{PLANTED_DAY}' and level_id in ('pm_high', 'pm_low')"
    )
    return {
        (number_of[end], side_of[level]): found for end, level, *found in rows if end in number_of
    }


def table_of(pairs: Iterable[tuple[str, str]]) -> str:
    """Return counts of (planted, found) as text, a row per planted."""
    counts = Counter(pairs)
    columns = sorted({found for _, found in counts})
    lines = ["".join(f"{name:>12}" for name in ("", *columns))]
    for planted in dict.fromkeys(planted for planted, _ in sorted(counts)):
        cells = "".join(f"{counts[planted, found]:>12}" for found in columns)
        lines.append(f"{planted:>12}{cells}")
    return "\n".join(lines)


def share_right(pairs: list[tuple[str, str]], planted: str, expected: str) -> float:
    found = [state for name, state in pairs if name == planted]
    return found.count(expected) / len(found)


def test_signatures_get_their_barrier_state(
    market: Market, record_property: Callable[[str, object], None]
) -> None:
    found = found_at_ends(market)
    assert len(found) == 2 * len(market.blocks)
    pairs = [
        (market.blocks[number].of_side(side), str(state))
        for (number, side), (state, *_) in found.items()
    ]
    record_property("planted signature, state of the barrier", table_of(pairs))
    for signature, state in STATE_OF.items():
        assert share_right(pairs, signature, state) >= LEAST_SHARE, signature
    # nothing planted, nothing seen
    assert not {state for signature, state in pairs if signature in ("none", "busy")} & MARKED


def test_sweeps_get_their_direction_and_prints(
    market: Market, record_property: Callable[[str, object], None]
) -> None:
    pairs, right = [], 0
    for (number, _), (*_, direction, n_prints) in found_at_ends(market).items():
        pairs.append((f"sweep {market.blocks[number].sweep}", str(direction)))
        right += n_prints == market.sweep_prints.get(number)
    record_property("planted sweep, sweep of the tape", table_of(pairs))
    for direction in ("UP", "DOWN", "None"):
        assert share_right(pairs, f"sweep {direction}", direction) >= LEAST_SHARE
    assert right >= LEAST_SHARE * len(pairs)


def test_trades_at_the_level_push_the_tape(
    market: Market, record_property: Callable[[str, object], None]
) -> None:
    pairs = []
    for (number, _), (_, imbalance, volume, *_) in found_at_ends(market).items():
        push = "NONE"
        if volume >= LEAST_VOLUME:
            push = "BUY" if imbalance > PRESSURE else "SELL" if imbalance < -PRESSURE else "BOTH"
        pairs.append((market.blocks[number].pressure, push))
    record_property("planted trades, imbalance of the tape", table_of(pairs))
    for pressure in {planted for planted, _ in pairs}:
        assert share_right(pairs, pressure, pressure) >= LEAST_SHARE, pressure


def test_a_market_without_signatures_shows_none(market: Market) -> None:
    """No second of the null market has a planted state, a sweep or a break; chance may reject."""
    found = Counter()
    for state, is_sweep, signal, count in market.lake.ask(
        "select state, sweep_detected, signal, count(*) from silver.barrier_engine_1s "
        "inner join silver.tape_engine_1s using (dt, window_end_ts, level_id) "
        "inner join gold.break_score_1s using (dt, window_end_ts, level_id) "
        f"where dt = '{NULL_DAY}' and state is not null group by all"
    ):
        found.update({state: count, f"sweep {is_sweep}": count, signal: count})
    assert found["NEUTRAL"] > 3_000
    assert not found.keys() & {*MARKED, "WEAK", "sweep True", "BREAK", "CONTESTED"}, found
    assert found["REJECT"] <= MOST_BY_CHANCE * found["sweep False"], found


def test_a_break_at_one_level_silences_no_other(market: Market) -> None:
    """In the same seconds one level breaks upwards, and the one below rejects."""
    signals = market.lake.ask(
        "select list(signal order by level_id) from gold.break_score_1s "
        f"where level_id in ('pm_high', 'pm_low') and dt = '{PLANTED_DAY}' "
        "group by window_end_ts"
    )
    counts = Counter(tuple(pair) for (pair,) in signals)
    assert counts["BREAK", "REJECT"] > 3, counts
    assert counts["NEUTRAL", "REJECT"] > 3, counts


def test_flows_are_the_change_of_depth(market: Market, capsys: pytest.CaptureFixture[str]) -> None:
    """The data test passes in every zone and second, and finds one contract too much."""
    arguments = ("--select", "assert_barrier_flows_are_the_change_of_depth")
    variables = small_days.VARIABLES | VARIABLES
    lakes.run(market.lake.lake, "test", *arguments, **variables)
    relation = "silver.barrier_engine_1s"
    with duckdb.connect(str(market.lake.lake.warehouse)) as connection:
        [(view,)] = connection.execute(
            "select sql from duckdb_views() where view_name = 'barrier_engine_1s'"
        ).fetchall()
        query = view.split(" AS ", 1)[1].rstrip().rstrip(";")
        is_damaged = f"window_end_ts = '{block_end(PLANTED_DAY, 3)}' and level_id = 'pm_low'"
        connection.execute(
            f"create or replace view {relation} as select * replace "
            f"(delta_liq + cast({is_damaged} as bigint) as delta_liq) from ({query})"
        )
    with pytest.raises(SpymasterError):
        lakes.run(market.lake.lake, "test", *arguments, **variables)
    assert "FAIL 1 assert_barrier_flows" in capsys.readouterr().out
    with duckdb.connect(str(market.lake.lake.warehouse)) as connection:
        connection.execute(f"create or replace view {relation} as {query}")


def test_payloads_of_a_day_follow_the_schema(market: Market) -> None:
    """Every row of a day, as JSON knows it: no NaN, no key too many or too few."""
    payloads = market.lake.ask(f"select payload from gold.level_signals where dt = '{NULL_DAY}'")
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    for (payload,) in payloads:
        validator.validate(json.loads(payload, parse_constant=pytest.fail))
    [(n_seconds,)] = market.lake.ask(
        "select count(*) from silver.book_snapshot_1s "
        f"where dt = '{NULL_DAY}' and spot_ref_price_int is not null"
    )
    assert len(payloads) == n_seconds > 2_000
