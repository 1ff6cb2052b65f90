"""The fingerprint kernel on a stream written by hand, whose answers follow from its records."""

from __future__ import annotations

import math

import numpy as np
import pytest
from naive.model import NS_PER_S
from support.fingerprint_streams import DAY_S, fingerprints, mirrored, scripted, window
from support.strategies.mbo_script import DAY_START_NS, TICK_INT

ASKS = {
    "add_count": 3,
    "add_size_entropy": -(2 / 3 * math.log2(2 / 3) + 1 / 3 * math.log2(1 / 3)),
    "top_size": 2,
    "top_size_share": 2 / 3,
    "cancel_count": 3,
    "requote_count": 1,
    "requote_pair_count": 1,
    "requote_median_ms": 9.5,
    "requote_share": 1 / 3,
    "chase_share": 1.0,
    "approached_qty": 2,
    "withdrawn_qty": 2,
    "withdraw_on_approach_share": 1.0,
    "react_1ms": 1 / 3,
    "react_5ms": 1 / 3,
    "react_20ms": 2 / 3,
    "n_orders_max_life_ms_10": 1,
    "refill_count": 0,
    "refill_qty": 0,
    "reload_count": 1,
    "reload_qty": 5,
    "hidden_fill_qty": 0,
    # five events follow the trade within 0.5, 10, 15, 18 and 500 ms, three of them cancels:
    # Bin(3, 1/5) and Bin(3, 4/5)
    "react_1ms_null_q95": 2 / 3,
    "react_20ms_null_q95": 1.0,
    # three of the five follow the move up: Bin(1, 3/5)
    "chase_share_null_q95": 1.0,
    # contracts pulled 1 to 4 ticks behind the best: 2, then 2 and 3 (of 1002, one behind 1001);
    # four of five events fall into the withdrawal: Bin(7^2 / 17, 4/5) of 7 contracts, over 2
    "withdraw_on_approach_share_null_q95": 7 / 2,
    "periodicity_s": None,
    "periodicity_p": None,
}
BIDS = {
    "add_count": 5,
    "add_size_entropy": -(0.6 * math.log2(0.6) + 0.4 * math.log2(0.2)),
    "top_size": 2,
    "top_size_share": 0.6,
    "cancel_count": 5,
    "requote_count": 4,
    "requote_pair_count": 3,
    "requote_median_ms": 26.0,
    "requote_share": 0.6,
    "chase_share": 0.25,
    "approached_qty": 13,
    "withdrawn_qty": 9,
    "withdraw_on_approach_share": 9 / 13,
    "react_1ms": 0.0,
    "react_5ms": 0.2,
    "react_20ms": 0.2,
    "n_orders_max_life_ms_10": 1,
    "refill_count": 1,
    "refill_qty": 5,
    "reload_count": 0,
    "reload_qty": 0,
    "hidden_fill_qty": 3,
    # one cancel in second 62, of whose two events one follows within 5 ms; none in the others:
    # Bin(5, 0.5 / 5)
    "react_5ms_null_q95": 0.4,
    "periodicity_s": None,
}
ICEBERGS = [
    {"side": "A", "window_s": 61, "ticks": 1_001, "refills": (0, 0), "reloads": (1, 5)},
    {"side": "B", "window_s": 62, "ticks": 1_000, "refills": (1, 5), "reloads": (0, 0)},
]
HIDDEN = (0, 3)


def test_every_fingerprint_once() -> None:
    records = scripted()
    assert len(records) == 36
    windows, icebergs = fingerprints(records)
    for side, expected in (("A", ASKS), ("B", BIDS)):
        row = window(windows, 65, side)
        assert {name: row[name] for name in expected} == pytest.approx(expected)
    for row, expected, hidden in zip(icebergs, ICEBERGS, HIDDEN, strict=True):
        assert row == {
            "side": expected["side"],
            "price_int": expected["ticks"] * TICK_INT,
            "window_s": DAY_S + expected["window_s"],
            "refill_count": expected["refills"][0],
            "refill_qty": expected["refills"][1],
            "reload_count": expected["reloads"][0],
            "reload_qty": expected["reloads"][1],
            "hidden_fill_qty": hidden,
        }


def test_chunks_do_not_matter() -> None:
    assert fingerprints(scripted(), chunks=7) == fingerprints(scripted())


def test_mirror_and_translation() -> None:
    """Reflected prices: the sides change places; shifted prices: only prices shift."""
    windows, icebergs = fingerprints(scripted())
    other = {"A": "B", "B": "A"}
    # without a trade spot is the middle rounded down, which decides on the order at 20 ticks
    reflected, _ = fingerprints(mirrored(scripted()))
    for side in "AB":
        row, image = window(windows, 65, side), window(reflected, 65, other[side])
        assert image | {"side": side} == row
    shifted, moved = fingerprints(scripted(middle=1_777))
    assert shifted == windows
    assert [row | {"price_int": row["price_int"] - 777 * TICK_INT} for row in moved] == icebergs


def test_rows_of_the_surface_only() -> None:
    windows, _ = fingerprints(scripted(), surfaces_s=[(DAY_S + 60, DAY_S + 62)])
    assert windows == []
    windows, icebergs = fingerprints(scripted(), surfaces_s=[(DAY_S + 60, DAY_S + 65)])
    assert [row["window_end_s"] - DAY_S for row in windows] == [65, 65]
    assert windows == [window(fingerprints(scripted())[0], 65, side) for side in "AB"]
    assert len(icebergs) == 2


def test_no_orders_have_no_shares() -> None:
    assert fingerprints(scripted()[:0]) == ([], [])
    quiet, _ = fingerprints(scripted()[:8])
    assert {row["add_count"] for row in quiet} == {0}
    shares = [name for name in quiet[0] if "share" in name or "react" in name]
    assert {row[name] for row in quiet for name in shares} == {None}


def test_later_records_change_no_earlier_window() -> None:
    """Rows that end before the cut, from the records before it and from all."""
    records = scripted()
    cut = int((records["ts_event"].astype(np.int64) < DAY_START_NS + 63 * NS_PER_S).sum())
    early = scripted()
    # what follows is another stream
    early[cut:]["size"] += 1
    changed, hidden = fingerprints(early)
    windows, icebergs = fingerprints(records)
    assert window(changed, 60, "A") == window(windows, 60, "A")
    assert hidden == icebergs
    assert window(changed, 65, "B") != window(windows, 65, "B")
