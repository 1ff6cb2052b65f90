"""The compiled book engine against the plain one, in every output column."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from naive.book import replay
from spymaster_engine.kernels.book.latency import bucket_floor_ns, latency_bucket
from support.engine_rows import EngineRows, engine_config
from support.strategies.mbo import MarketCase, market_cases, random_case

LATENCIES = ("latency_ns_q50", "latency_ns_q99")


def assert_same_rows(ours: list[dict[str, Any]], plain: list[dict[str, Any]]) -> None:
    for row, expected in zip(ours, plain, strict=False):
        assert {name: row[name] for name in expected} == expected
    assert len(ours) == len(plain)


def assert_agrees(case: MarketCase, chunk_records: int | None = None) -> None:
    plain = replay(case.records, case.config)
    ours = EngineRows(case.records, engine_config(case.config), chunk_records)
    assert_same_rows(ours.snapshot, plain.snapshot)
    assert_same_rows(ours.wall, plain.wall)
    assert_same_rows(ours.reprice, plain.reprice)
    for name, value in plain.qa.items():
        if name in LATENCIES and value is not None:
            value = bucket_floor_ns(latency_bucket(value))
        assert (name, ours.qa[name]) == (name, value)


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(case=market_cases())
def test_agrees_on_drawn_streams(case: MarketCase) -> None:
    assert_agrees(case)


@pytest.mark.parametrize("seed", range(40))
def test_agrees_on_random_streams(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert_agrees(random_case(rng, 600), chunk_records=int(rng.integers(1, 400)))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 400))
def test_agrees_on_many_random_streams(seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert_agrees(random_case(rng, 3_000), chunk_records=int(rng.integers(1, 4_000)))


def test_no_record_gives_no_row() -> None:
    case = random_case(np.random.default_rng(1), 1)
    rows = EngineRows(case.records[:0], engine_config(case.config))
    assert (rows.snapshot, rows.wall, rows.reprice) == ([], [], [])
    assert rows.qa["n_records"] == 0
    assert rows.qa["latency_ns_q50"] is None


@pytest.mark.parametrize(
    "latency_ns", [0, 1, 127, 128, 255, 256, 1_000, 99_999, 10**9, 10**15, -1, -128, -5_000]
)
def test_latency_bucket_keeps_seven_bits(latency_ns: int) -> None:
    floor_ns = bucket_floor_ns(latency_bucket(latency_ns))
    assert abs(floor_ns) <= abs(latency_ns)
    assert abs(latency_ns - floor_ns) <= abs(latency_ns) / 64
    if abs(latency_ns) < 128:
        assert floor_ns == latency_ns


def test_latency_buckets_ascend() -> None:
    values = sorted({s * (1 << b) + d for b in range(40) for d in (-1, 0, 1) for s in (-1, 1)})
    buckets = [latency_bucket(value) for value in values]
    assert buckets == sorted(buckets)
