"""The plain book engine on random streams: identities, causality, symmetry, reach."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from naive.book import replay
from naive.model import FLAG_LAST, FLAG_SNAPSHOT, UNDEFINED_PRICE, NaiveResult
from naive.state import Book
from support.strategies.mbo import (
    COMMAND_WEIGHTS,
    MarketCase,
    build_stream,
    market_cases,
    random_case,
    random_config,
    random_options,
    random_stream,
)
from support.strategies.mbo_builder import COMMANDS, Command
from support.strategies.mbo_script import script_config

MS = 1_000_000


def comparable(result: NaiveResult, *left_out: str) -> tuple:
    rows = [
        [{name: value for name, value in row.items() if name not in left_out} for row in table]
        for table in (result.snapshot, result.wall, result.reprice)
    ]
    return (*rows, {name: value for name, value in result.qa.items() if name not in left_out})


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(market_cases())
def test_identities_hold_on_any_stream(case: MarketCase) -> None:
    """The engine asserts conservation; quotes must lie on their side of spot."""
    result = replay(case.records, case.config)
    crossed = {
        row["window_start_s"]
        for row in result.snapshot
        if row["spot_ref_price_int"] is not None
        and row["best_bid_price_int"] > row["best_ask_price_int"]
    }
    for row in result.wall:
        if row["window_start_s"] not in crossed and row["depth_qty_end"] > 0:
            assert row["rel_ticks"] * (1 if row["side"] == "A" else -1) >= 0


@pytest.mark.parametrize("seed", range(6))
def test_rows_of_the_past_do_not_depend_on_the_future(seed: int) -> None:
    case = random_case(np.random.default_rng(seed), 150)
    ends: list[int] = []
    whole = replay(case.records, case.config, lambda _, index: ends.append(index))
    for end in ends[:: max(1, len(ends) // 12)]:
        part = replay(case.records[: end + 1], case.config)
        past = part.snapshot[:-1]
        assert past == whole.snapshot[: len(past)]
        now_s = part.snapshot[-1]["window_start_s"]
        assert [row for row in part.wall if row["window_start_s"] < now_s] == [
            row for row in whole.wall if row["window_start_s"] < now_s
        ]


@pytest.mark.parametrize("seed", range(6))
def test_closing_records_change_no_output(seed: int) -> None:
    rng = np.random.default_rng(seed)
    options = random_options(rng, unterminated=False)
    streams = [
        random_stream(np.random.default_rng(seed), 200, replace(options, closing_records=closing))
        for closing in (False, True)
    ]
    assert len(streams[0]) < len(streams[1])
    config = random_config(rng, streams[0], options.tick_int)
    first, second = (comparable(replay(s, config), "n_records", "n_N") for s in streams)
    assert first == second


@pytest.mark.parametrize("shift_ticks", [-25_000, 5_000])
def test_shifted_prices_shift_the_outputs_only(shift_ticks: int) -> None:
    rng = np.random.default_rng(11)
    options = random_options(rng)
    records = random_stream(rng, 300, options)
    config = random_config(rng, records, options.tick_int)
    shift = shift_ticks * options.tick_int
    moved = records.copy()
    moved["price"][records["price"] != UNDEFINED_PRICE] += shift

    def shifted(table: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                name: value + shift if name.endswith("_int") and value is not None else value
                for name, value in row.items()
            }
            for row in table
        ]

    before, after = replay(records, config), replay(moved, config)
    assert before.wall
    assert shifted(before.snapshot) == after.snapshot
    assert shifted(before.wall) == after.wall
    assert shifted(before.reprice) == after.reprice


def swap_bits(records: np.ndarray) -> np.ndarray:
    """Read LAST as SNAPSHOT and the other way round."""
    wrong = records.copy()
    flags = records["flags"] & ~np.uint8(FLAG_LAST | FLAG_SNAPSHOT)
    flags |= np.where(records["flags"] & FLAG_LAST, FLAG_SNAPSHOT, 0).astype(np.uint8)
    flags |= np.where(records["flags"] & FLAG_SNAPSHOT, FLAG_LAST, 0).astype(np.uint8)
    wrong["flags"] = flags
    return wrong


def sort_by_event_time(records: np.ndarray) -> np.ndarray:
    return records[np.argsort(records["ts_event"], kind="stable")]


@pytest.mark.parametrize("mutate", [swap_bits, sort_by_event_time])
def test_a_wrong_reading_of_the_records_is_detected(mutate: Any) -> None:
    case = random_case(np.random.default_rng(3), 300, snapshot_start="clear", snapshot_size=20)
    right = replay(case.records, case.config)
    wrong = replay(mutate(case.records), case.config)
    assert comparable(right) != comparable(wrong)


def test_generator_reaches_every_rule() -> None:
    """Every counter and flag occurs in the random streams."""
    seen: Counter[str] = Counter()
    flags: Counter[int] = Counter()
    sources: Counter[str | None] = Counter()
    for seed in range(25):
        case = random_case(np.random.default_rng(seed), 200)
        assert (np.diff(case.records["ts_recv"].astype(np.int64)) >= 0).all()
        result = replay(case.records, case.config)
        seen.update({name: abs(value or 0) for name, value in result.qa.items()})
        for row in result.snapshot:
            sources[row["spot_source"]] += 1
            flags.update(1 << bit for bit in range(7) if row["invalid_flags"] >> bit & 1)
            flags[0] += row["invalid_flags"] == 0
    never = {"off_tick", "negative_depth_moments"}
    assert {name for name, value in seen.items() if value == 0} == never
    assert set(flags) == {0, 1, 2, 4, 8, 16, 32, 64}
    assert set(sources) == {None, "mid", "trade", "clamped_bid", "clamped_ask"}


@pytest.mark.parametrize("kind", COMMANDS)
def test_every_command_makes_valid_records(kind: str) -> None:
    adds = [Command("add", 1_000, pick, pick % 5, 1 + pick % 4) for pick in range(12)]
    for variant in range(24):
        options = random_options(np.random.default_rng(variant))
        command = Command(kind, MS, variant, variant % 7, 1 + variant % 5)
        records = build_stream([*adds, command, *adds[:3]], options)
        placed = np.isin(records["action"], [b"A", b"M"])
        assert (records["price"][placed] != UNDEFINED_PRICE).all()
        assert np.isin(records["side"][placed], [b"A", b"B"]).all()
        assert (records["price"][placed] % options.tick_int == 0).all()
        replay(records, script_config(tick_int=options.tick_int))
    assert set(COMMAND_WEIGHTS) <= set(COMMANDS)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 140))
def test_identities_hold_on_long_random_streams(seed: int) -> None:
    book_sizes: list[int] = []

    def remember(book: Book, _: int) -> None:
        book_sizes.append(len(book.orders))

    case = random_case(np.random.default_rng(seed), 5_000)
    replay(case.records, case.config, remember)
    assert max(book_sizes) > 0
