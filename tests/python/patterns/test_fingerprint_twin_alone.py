"""The plain twin of fingerprints on streams of a few records, whose answers are counted by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from naive.order_fingerprint_rows import chance_of, rayleigh, smallest_k, spectrum
from naive.order_fingerprints import fingerprints
from support.fingerprint_streams import DAY_S, book_at
from support.strategies.mbo_script import TICK_INT, message, script, script_config

S, MS = 1_000_000_000, 1_000_000


def rows(*records: np.ndarray, **options: Any) -> tuple[dict[str, Any], dict[str, Any], list]:
    """Return asks and bids of the window from 60 s to 65 s, and the icebergs."""
    end = message("A", "B", 999, 900, 1, 66 * S)
    stream = script(*book_at(59 * S), *records, end)
    found, icebergs = fingerprints(stream, script_config(), hides_invalid=False, **options)
    asks, bids = (row for row in found if row["window_end_s"] == DAY_S + 65)
    return asks, bids, icebergs


def at(ms: float, action: str, side: str, number: int, ticks: int, size: int, flags: int = 128):
    return message(action, side, number, ticks, size, 60 * S + int(ms * MS), flags)


def test_a_requote_takes_the_newest_of_equal_size() -> None:
    asks, bids, _ = rows(
        at(0, "C", "B", 2, 999, 4),
        at(10, "A", "B", 20, 998, 4),
        at(30, "C", "B", 20, 998, 4),
        at(90, "A", "B", 21, 998, 4),
    )
    assert (bids["requote_pair_count"], bids["requote_median_ms"]) == (1, 10.0)
    assert (bids["requote_share"], bids["cancel_count"]) == (0.5, 2)
    assert asks["requote_count"] == 0 and asks["requote_share"] is None


def test_a_cancel_reacts_to_a_trade_on_its_side_only() -> None:
    asks, bids, _ = rows(
        at(0, "T", "A", 0, 1_000, 1, 0),
        at(0, "F", "B", 1, 1_000, 1, 0),
        at(0, "M", "B", 1, 1_000, 4),
        at(5, "C", "B", 2, 999, 4),
        at(6, "C", "A", 7, 1_003, 2),
    )
    assert [bids[f"react_{ms}ms"] for ms in (1, 5, 20)] == [0.0, 1.0, 1.0]
    assert asks["react_20ms"] == 0.0


def test_depth_withdraws_after_the_quote_came_nearer() -> None:
    asks, _, _ = rows(
        at(0, "C", "A", 5, 1_001, 5),
        at(20, "C", "A", 7, 1_003, 2),
        at(21, "C", "A", 6, 1_002, 7),
    )
    # the move to 1,002 leaves 2 contracts behind it; the second is open for 20 ms and no more
    assert (asks["approached_qty"], asks["withdrawn_qty"]) == (2, 2)
    assert asks["withdraw_on_approach_share"] == 1.0


def test_both_kinds_of_icebergs_and_what_they_hide() -> None:
    _, bids, icebergs = rows(
        at(0, "T", "A", 0, 1_000, 9, 0),
        at(0, "F", "B", 1, 1_000, 9, 0),
        at(0, "M", "B", 1, 1_000, 5),
        at(500, "T", "A", 0, 1_000, 5, 0),
        at(500, "F", "B", 1, 1_000, 5, 0),
        at(500, "C", "B", 1, 1_000, 5),
        at(520, "A", "B", 30, 1_000, 5),
    )
    (row,) = icebergs
    assert row["price_int"] == 1_000 * TICK_INT
    for found in (row, bids):
        assert (found["refill_count"], found["refill_qty"]) == (1, 5)
        assert (found["reload_count"], found["reload_qty"]) == (1, 5)
        assert found["hidden_fill_qty"] == 4


def test_a_partly_filled_order_is_reloaded_at_its_shown_size() -> None:
    _, bids, _ = rows(
        at(0, "T", "A", 0, 1_000, 2, 0),
        at(0, "F", "B", 1, 1_000, 2, 0),
        at(0, "M", "B", 1, 1_000, 3),
        at(500, "T", "A", 0, 1_000, 3, 0),
        at(500, "F", "B", 1, 1_000, 3, 0),
        at(500, "C", "B", 1, 1_000, 3),
        # the rest is not what was shown
        at(505, "A", "B", 30, 1_000, 3),
        at(510, "A", "B", 31, 1_000, 5),
    )
    assert (bids["refill_count"], bids["reload_count"], bids["reload_qty"]) == (0, 1, 5)


def test_invalid_windows_hide_their_measures() -> None:
    stream = script(*book_at(61 * S), message("A", "B", 999, 900, 1, 71 * S))
    found, _ = fingerprints(stream, script_config())
    by_end = {row["window_end_s"] - DAY_S: row for row in found if row["side"] == "B"}
    assert by_end[65]["is_valid"] is False and by_end[65]["add_count"] is None
    assert by_end[70]["is_valid"] is True and by_end[70]["add_count"] == 0
    assert by_end[70]["react_1ms_null_q95"] is None


def test_a_timer_is_coherent_at_its_frequency() -> None:
    blocks = [[second * S, second * S + S // 2] for second in range(60)]
    coherence, squared = spectrum(blocks)
    assert coherence[120] == pytest.approx(60) and squared[120] == pytest.approx(120**2)
    clocks = [clock for block in blocks for clock in block]
    for k in (12, 120, 121, 600):
        assert squared[k] / 120 == pytest.approx(rayleigh(clocks, k), abs=1e-9)
    assert chance_of(0.0, 1189) == 1.0
    assert chance_of(10.0, 2) == pytest.approx(1 - (1 - np.exp(-10.0)) ** 2)


def test_the_quantile_of_a_binomial() -> None:
    assert [smallest_k(2, p) for p in (0.0, 0.02, 0.2, 0.5, 1.0)] == [0, 0, 1, 2, 2]
