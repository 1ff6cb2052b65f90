"""Synthetic days look real, and the report detects days that do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from spymaster_ingest.synthetic import (
    SessionPlan,
    SignatureSettings,
    SyntheticMarket,
    load_product,
    market_arrays,
)
from spymaster_ingest.synthetic.contract_days import DayPiece, day_pieces
from spymaster_ingest.synthetic.realism_report import DayReport, Finding
from support.synthetic_book import DAY, live

MARKET = SyntheticMarket(load_product("ES"))
WHOLE = replace(MARKET, seed=3, plan=SessionPlan(hours=3.2))


def findings(market: SyntheticMarket) -> list[Finding]:
    return findings_of(market, day_pieces(market, DAY))


def findings_of(market: SyntheticMarket, pieces: object) -> list[Finding]:
    report = DayReport(market, market.pace_of(DAY))
    for piece in pieces:
        report.add(piece)
    return report.findings()


@pytest.fixture(scope="module")
def whole_day() -> DayPiece:
    """A whole day in one piece."""
    pieces = [[part.copy() for part in piece] for piece in day_pieces(WHOLE, DAY)]
    joined = [np.concatenate(parts) for parts in zip(*pieces, strict=True)]
    # bars, named levels and the depth profile are running totals
    return DayPiece(*joined[:4], *pieces[-1][4:])


@pytest.mark.parametrize("seed", [1, 2])
def test_a_small_day_looks_real(seed: int) -> None:
    found = findings(replace(MARKET, seed=seed))
    assert [(f.quantity, f.target, f.value) for f in found if f.is_met is False] == []
    unmeasured = [f.quantity for f in found if f.value is None]
    assert unmeasured == ["records per second, open / late morning"]


def test_a_whole_day_looks_real(whole_day: DayPiece) -> None:
    found = findings_of(WHOLE, [whole_day])
    assert [(f.quantity, f.target, f.value) for f in found if f.is_met is not True] == []
    assert found == findings(WHOLE), "depends on where pieces end"


@pytest.mark.long
@pytest.mark.parametrize("hours", [1.0, 3.2])
def test_twenty_seeds_look_real(hours: float) -> None:
    missed = []
    for seed in range(1, 21):
        found = findings(replace(MARKET, seed=seed, plan=SessionPlan(hours=hours)))
        # A short day has no late morning; a whole day is measured in full.
        allowed = 1 if hours < 2 else 0
        assert sum(f.value is None for f in found) == allowed
        missed += [(seed, f.quantity, f.value) for f in found if f.is_met is False]
    assert missed == []


@pytest.mark.long
@pytest.mark.parametrize("scale", [2.6, 8.0, 26.5])
def test_busier_days_look_real(scale: float) -> None:
    found = findings(replace(MARKET, plan=SessionPlan(hours=3, scale=scale)))
    assert [(f.quantity, f.target, f.value) for f in found if f.is_met is not True] == []


def test_no_signature_feeds_on_itself() -> None:
    """The book keeps its depth, however strong and fast the following orders are."""
    plan = SessionPlan(hours=0.3, scale=4.0, overnight_rate=0.05, premarket_rate=0.1)
    loud = replace(MARKET, plan=plan, signatures=SignatureSettings(gain=4.0))
    pieces = [(p.seconds.copy(), p.approaches.copy()) for p in day_pieces(loud, DAY)]
    seconds, rows = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
    assert np.count_nonzero(rows["signature"] == market_arrays.BREAK_FULL) >= 1
    orders = seconds["bid_order_count"] + seconds["ask_order_count"]
    assert orders.max() < 1.5 * np.median(orders)


def _dense(seconds: np.ndarray) -> np.ndarray:
    pace = WHOLE.pace_of(DAY)
    return seconds[pace.cash_s : pace.dense_end_s]


def _turn(piece: DayPiece, action: str, other: str, share: int) -> None:
    """Turn every share-th record of an action into another action."""
    found = np.flatnonzero(piece.records["action"] == action.encode())
    found = found[(piece.records["flags"][found] & 32) == 0]
    piece.records["action"][found[::share]] = other.encode()


def _more_contracts_filled(piece: DayPiece) -> None:
    filled = piece.records["action"] == b"F"
    piece.records["size"][filled] *= 2


def _packets_of_one(piece: DayPiece) -> None:
    piece.records["sequence"] = np.arange(piece.records.size)


def _book_runs_empty(piece: DayPiece) -> None:
    dense = _dense(piece.seconds)
    for name in ("bid_order_count", "ask_order_count"):
        dense[name] = dense[name] * np.linspace(1, 0.5, dense.size)


def _thin_book(piece: DayPiece) -> None:
    for name in ("bid_order_count", "ask_order_count"):
        piece.seconds[name] //= 2


def _whole_cancels_only(piece: DayPiece) -> None:
    piece.seconds["partial_cancels"] = 0


def _even_depth(piece: DayPiece) -> None:
    piece.profile[4:] = piece.profile[4:].mean()


def _depth_at_the_touch(piece: DayPiece) -> None:
    piece.profile[0] = 2 * piece.profile.max()


def _wide_quotes(piece: DayPiece) -> None:
    _dense(piece.seconds)["best_ask"][::19] += 1


def _trend_of_trades(piece: DayPiece) -> None:
    trades = piece.records["action"] == b"T"
    piece.records["price"][trades] = np.cumsum(np.arange(trades.sum()) // 100 % 2)


def _quotes_that_return(piece: DayPiece) -> None:
    for name in ("best_bid", "best_ask"):
        _dense(piece.seconds)[name][::2] += 1


def _even_moves(piece: DayPiece) -> None:
    dense = _dense(piece.seconds)
    path = np.cumsum(np.random.default_rng(0).choice((-1, 1), dense.size))
    dense["best_bid"], dense["best_ask"] = 1_000 + path, 1_001 + path


def _even_pace(piece: DayPiece) -> None:
    piece.seconds["n_records"] = 50


def _nothing_gathers(piece: DayPiece) -> None:
    before = piece.seconds["phase"] == market_arrays.PRE_OPEN
    piece.seconds["best_ask"][before] = piece.seconds["best_bid"][before] + 1


def _crossed_once(piece: DayPiece) -> None:
    _dense(piece.seconds)["best_ask"][50] -= 2


@pytest.mark.parametrize(
    ("quantity", "spoil"),
    [
        ("share of A, %", lambda p: _turn(p, "A", "C", 4)),
        ("share of C, %", lambda p: _turn(p, "M", "C", 4)),
        ("share of M, %", lambda p: _turn(p, "M", "A", 3)),
        ("share of F, %", lambda p: _turn(p, "A", "F", 5)),
        ("share of T, %", lambda p: _turn(p, "A", "T", 8)),
        ("resting orders, end / start", _book_runs_empty),
        ("C / T", lambda p: _turn(p, "C", "T", 12)),
        ("size of F / size of T", _more_contracts_filled),
        ("share of C of the whole order", _whole_cancels_only),
        ("records sharing a packet, %", _packets_of_one),
        ("depth exponent beyond 3 ticks", _even_depth),
        ("hump of the depth, ticks from the touch", _depth_at_the_touch),
        ("spread of one tick, % of seconds", _wide_quotes),
        ("bid-ask bounce of trades", _trend_of_trades),
        ("mid return autocorrelation, 1 s", _quotes_that_return),
        ("mid return excess kurtosis, 1 s", _even_moves),
        ("records per second, open / late morning", _even_pace),
        ("crossed seconds before the open", _nothing_gathers),
        ("crossed seconds in trading", _crossed_once),
        ("resting orders, median", _thin_book),
    ],
)
def test_every_row_of_the_report_can_fail(
    whole_day: DayPiece, quantity: str, spoil: Callable[[DayPiece], None]
) -> None:
    spoilt = DayPiece(*(part.copy() for part in whole_day))
    spoil(spoilt)
    (row,) = [f for f in findings_of(WHOLE, [spoilt]) if f.quantity == quantity]
    assert row.is_met is False, row.value


def test_the_table_matches_the_specification(whole_day: DayPiece) -> None:
    bounds = {f.quantity: (f.low, f.high) for f in findings_of(WHOLE, [whole_day])}
    exponent = MARKET.flow.depth_exponent
    assert bounds == {
        **{
            f"share of {a}, %": (p - 3, p + 3)
            for a, p in zip("ACMFT", (34, 30, 20, 11, 5), strict=True)
        },
        "resting orders, end / start": (0.7, 1.4),
        "C / T": (pytest.approx(6.05 * 0.75), pytest.approx(6.05 * 1.25)),
        "size of F / size of T": (1.0, 1.05),
        "share of C of the whole order": (0.98, 0.999),
        "records sharing a packet, %": (18, 30),
        "depth exponent beyond 3 ticks": (exponent - 0.3, exponent + 0.3),
        "hump of the depth, ticks from the touch": (2, 5),
        "spread of one tick, % of seconds": (95, None),
        "bid-ask bounce of trades": (-0.45, -0.1),
        "mid return autocorrelation, 1 s": (-0.05, 0.05),
        "mid return excess kurtosis, 1 s": (1.0, None),
        "records per second, open / late morning": (3, None),
        "crossed seconds before the open": (1, None),
        "crossed seconds in trading": (None, 0),
        "resting orders, median": (5_000, None),
    }


def test_records_that_close_events_are_not_messages() -> None:
    plan = SessionPlan(hours=0.1, overnight_rate=0.05, premarket_rate=0.1)
    market = replace(MARKET, plan=plan)
    closed = findings(replace(market, closing_records=True))
    # the pace per second counts every record
    assert closed == findings(market)
    assert live(next(day_pieces(market, DAY)).records).size == 0
