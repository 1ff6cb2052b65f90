"""The fingerprint kernel equals its plain twin on hand-made, drawn and generated streams."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from naive.model import NS_PER_S, BookConfig
from naive.order_fingerprint_rows import COLUMNS
from naive.order_fingerprints import fingerprints as plain_fingerprints
from spymaster_ingest.synthetic import SessionPlan, SyntheticMarket, generate_day
from spymaster_ingest.synthetic.contract_days import contract_day
from support.fingerprint_streams import fingerprints, mirrored, scripted
from support.strategies.mbo import random_options, random_stream
from support.strategies.mbo_script import TICK_INT, script_config
from support.synthetic_book import DAY, ES

Row = dict[str, Any]
# the kernel leaves validity to the model
MEASURES = [name for name in COLUMNS if name != "is_valid"]
ICEBERGS = ("refill_count", "refill_qty", "reload_count", "reload_qty", "hidden_fill_qty")


def differences(records: np.ndarray, config: BookConfig, **settings: Any) -> list[str]:
    """Return every measure in which kernel and twin differ."""
    expected, expected_icebergs = plain_fingerprints(records, config, hides_invalid=False)
    day_start_s = config.day_start_ns // NS_PER_S
    found, icebergs = fingerprints(records, chunks=3, day_start_s=day_start_s, **settings)
    return unlike(
        {(row["window_end_s"], row["side"]): row for row in expected},
        {(row["window_end_s"], row["side"]): row for row in found},
        {name: name for name in MEASURES},
    ) + unlike(
        {
            (row["window_end_s"] - 1, row["side"], row["price_int"]): row
            for row in expected_icebergs
        },
        {(row["window_s"], row["side"], row["price_int"]): row for row in icebergs},
        {name: name for name in ICEBERGS},
    )


def unlike(expected: dict[Any, Row], found: dict[Any, Row], names: dict[str, str]) -> list[str]:
    """Return the keys and values that differ; integers are equal, doubles to 1e-9."""
    wrong = [f"row {key}" for key in expected.keys() ^ found.keys()]
    for key in sorted(expected.keys() & found.keys()):
        for ours, theirs in names.items():
            want, have = expected[key][theirs], found[key][ours]
            if isinstance(want, float) and isinstance(have, float):
                is_equal = math.isclose(want, have, rel_tol=1e-9, abs_tol=1e-9)
            else:
                is_equal = want == have
            if not is_equal:
                wrong.append(f"{key} {theirs}: twin {want}, kernel {have}")
    return wrong


def test_the_stream_written_by_hand() -> None:
    for records in (scripted(), mirrored(scripted())):
        assert differences(records, script_config()) == []


@pytest.mark.parametrize("seed", range(12))
def test_drawn_streams(seed: int) -> None:
    rng = np.random.default_rng(seed)
    options = random_options(rng, tick_int=TICK_INT)
    records = random_stream(rng, 900, options)
    assert differences(records, script_config()) == []


@pytest.fixture(scope="module")
def market_records() -> np.ndarray:
    """A minute and a half of the dense market, its snapshot right before."""
    plan = SessionPlan(
        hours=0.1, overnight_rate=1e-9, premarket_rate=1e-9, evening_seconds=0, tail_seconds=0
    )
    market = SyntheticMarket(ES, seed=3, plan=plan, agents=10)
    records = generate_day(market, DAY).copy()
    start_ns = contract_day(market, DAY).pace.dense_start_s * NS_PER_S
    is_snapshot = records["flags"] & 32 > 0
    records["ts_recv"][is_snapshot] += start_ns - NS_PER_S
    return records


def test_a_generated_market(market_records: np.ndarray) -> None:
    day_start_ns = int(np.datetime64(DAY, "ns").astype(np.int64))
    config = script_config(day_start_ns=day_start_ns)
    assert differences(market_records[:20_000], config) == []
