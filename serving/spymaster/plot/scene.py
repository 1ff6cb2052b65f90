"""The data of a picture in columns and ticks, ready to draw."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from spymaster_ingest.errors import SpymasterError

from spymaster.clock import TimeRange
from spymaster.hud.cells import PriceRows
from spymaster.hud.paint import DepthScale
from spymaster.plot import grid, scale
from spymaster.plot.break_scores import BreakScore, read_break_scores
from spymaster.plot.conditions import read_conditions
from spymaster.plot.depth import read_depth
from spymaster.plot.levels import Approach, read_approaches, read_level_lines
from spymaster.plot.market import MarketFeatures, read_market_features
from spymaster.plot.read import (
    BANDS,
    CALIBRATION,
    CALIBRATION_MODES,
    Columns,
    Reader,
    Reading,
)
from spymaster.plot.requests import MARKET, RETESTS
from spymaster.plot.retests import Retest, read_retests
from spymaster.plot.strikes import Strike, read_strikes
from spymaster.plot.trades import BUYER, NOBODY, SELLER, Bubbles, bubbles, volume_by_row

SCORES = ("above_score", "below_score", "vacuum_total_score")

# margin beyond the prices reached: in ticks, and as a share of their range
_MARGIN_TICKS = 10
_MARGIN_SHARE = 0.25

# target sizes of the main panel, and limits of any panel
_TARGET_WIDTH_PX = 1300
_TARGET_HEIGHT_PX = 600
_MAX_WIDTH_PX = 12_000
_MAX_HEIGHT_PX = 6_000

# change of a quantile, as a share of the range between the two, that is marked as a step
_STEP_SHARE = 0.25

_OUTSIDE = "outside surface_window: build with a wider one"
_NO_LEVELS = "the ten levels are not known"
_NO_ORDERS = "no market-by-order file is landed for this day"


@dataclass(frozen=True)
class Cell:
    """Size of one second by one tick, whole pixels."""

    second_px: int
    tick_px: int


@dataclass(frozen=True)
class Gap:
    """Columns ``[start, end)`` in which something is not shown, and why."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Scene:
    """The data of a picture.

    Attributes:
        symbol: raw symbol of the contract.
        seconds: seconds of the columns.
        tick_int: minimum price increment, 1e-9 units.
        rows: prices of the rows.
        cell: size of a cell.
        best_bid, best_ask, spot: float64 (count,), ticks; NaN for none.
        missing: bool (count,), no row of book_snapshot_1s.
        invalid: bool (count,), a row that is not window_valid.
        unrecorded: bool (count,), a gap in the recording touches the second.
        depth: uint8 (rows, count, 4), coloured cells, transparent where depth is NULL.
        depth_scale: scale of the colours; None when nothing rests in the picture.
        depth_gaps: columns without walls.
        levels: price of each level, float64 (count,), ticks; NaN while it is not active.
        conditions: of the levels that matter most, float64 (4, count): 1 met, 0 not met, NaN
            unknown.
        break_scores: of the same levels.
        approaches: runs of windows in which price came to a level.
        retests: breaks of levels and their retests; none when not requested.
        strikes: listed strikes among the rows with their gamma exposure.
        bubbles: volume per second of each side of the aggressor that traded.
        profile: contracts per row of each side of the aggressor that traded.
        scores: float64 (count,) of each score, NaN for NULL.
        score_gaps: columns without any score.
        calibration_steps: columns at which the calibration of the scores leaps.
        delta_x, delta_y: cumulative volume delta, columns and contracts.
        calibration: calibration modes of the scores.
        market: market features; None when not requested or not there.
        remarks: what is not there and why, a line each.
    """

    symbol: str
    seconds: TimeRange
    tick_int: int
    rows: PriceRows
    cell: Cell
    best_bid: np.ndarray
    best_ask: np.ndarray
    spot: np.ndarray
    missing: np.ndarray
    invalid: np.ndarray
    unrecorded: np.ndarray
    depth: np.ndarray
    depth_scale: DepthScale | None
    depth_gaps: tuple[Gap, ...]
    levels: dict[str, np.ndarray]
    conditions: dict[str, np.ndarray]
    break_scores: dict[str, BreakScore]
    approaches: tuple[Approach, ...]
    retests: tuple[Retest, ...]
    strikes: tuple[Strike, ...]
    bubbles: dict[str, Bubbles]
    profile: dict[str, np.ndarray]
    scores: dict[str, np.ndarray]
    score_gaps: tuple[Gap, ...]
    calibration_steps: tuple[int, ...]
    delta_x: np.ndarray
    delta_y: np.ndarray
    calibration: str
    market: MarketFeatures | None
    remarks: tuple[str, ...]


def make_scene(
    reader: Reader,
    symbol: str,
    seconds: TimeRange,
    *,
    half_ticks: int | None = None,
    second_px: int | None = None,
    tick_px: int | None = None,
    panels: Collection[str] = (),
    marks: Collection[str] = (),
) -> Scene:
    """Read a range and arrange it in columns and ticks.

    Args:
        reader: the published file.
        symbol: raw symbol of the contract.
        seconds: the seconds to draw, one column each.
        half_ticks: rows above and below the middle of spot's range; None shows all prices reached.
        second_px: pixels per second; None chooses.
        tick_px: pixels per tick; None chooses.
        panels: panels on request, of ``requests.PANELS``.
        marks: marks on request, of ``requests.MARKS``.

    Raises:
        SpymasterError: There is nothing to show, or the picture would be too large.
    """
    _check_size(
        "--second-pixels" if second_px else "--end",
        seconds.count,
        second_px or 1,
        _MAX_WIDTH_PX,
        "a shorter range" + " or fewer pixels" * bool(second_px),
    )
    reading = reader.read()
    snapshots, count = reading.snapshots, seconds.count
    column = {
        name: grid.by_second(snapshots["second"], values, count)
        for name, values in _per_second(reading).items()
    }
    rows = _rows(reading, column, half_ticks, f"{symbol} {seconds.clock(0)}")
    cell = _cell(rows, count, second_px, tick_px)
    missing, invalid = np.isnan(column["valid"]), column["valid"] == 0
    depth, depth_scale, covered = read_depth(
        reader, reading, column["spot"], column["outside"] == 0, rows
    )
    by_side = _trades_by_side(reading)
    delta_x, delta_y = grid.running_total(column["bought"] - column["sold"])
    conditions = read_conditions(reader, count)
    market, why = read_market_features(reader, symbol, count) if MARKET in panels else (None, None)
    retests, no_retests = read_retests(reader, reading.tick_int) if RETESTS in marks else ((), None)
    return Scene(
        symbol=symbol,
        seconds=seconds,
        tick_int=reading.tick_int,
        rows=rows,
        cell=cell,
        best_bid=column["bid"],
        best_ask=column["ask"],
        spot=column["spot"],
        missing=missing,
        invalid=invalid,
        unrecorded=_unrecorded(reading.recording_gaps, count),
        depth=depth,
        depth_scale=depth_scale,
        depth_gaps=_depth_gaps(reading, covered, missing, column["spot"]),
        levels=read_level_lines(reader, reading.tick_int, count),
        conditions=conditions,
        break_scores=read_break_scores(reader, conditions, count),
        approaches=read_approaches(reader, count),
        retests=retests,
        strikes=read_strikes(reader, reading.tick_int, rows, count),
        bubbles={side: bubbles(*columns) for side, columns in by_side.items()},
        profile={side: volume_by_row(tick, qty, rows) for side, (_, tick, qty) in by_side.items()},
        scores=_scores(reading.bands, count),
        score_gaps=_score_gaps(reading, missing, count),
        calibration_steps=_calibration_steps(reader),
        delta_x=delta_x,
        delta_y=delta_y,
        calibration=_calibration(reading.bands),
        market=market,
        remarks=tuple(
            line
            for line in (
                reading.orders_missing,
                f"no {MARKET} panels: {why}" if why else None,
                f"no marks of {RETESTS}: {no_retests}" if no_retests else None,
            )
            if line
        ),
    )


def _per_second(reading: Reading) -> dict[str, np.ndarray]:
    rows, tick_int = reading.snapshots, reading.tick_int
    return {
        "bid": grid.ticks_of(rows["best_bid_price_int"], tick_int),
        "ask": grid.ticks_of(rows["best_ask_price_int"], tick_int),
        "spot": grid.ticks_of(rows["spot_ref_price_int"], tick_int),
        "bought": grid.floats_of(rows["trade_qty_buy"]),
        "sold": grid.floats_of(rows["trade_qty_sell"]),
        "outside": grid.floats_of(rows["bid_outside_depth_end"] + rows["ask_outside_depth_end"]),
        "valid": grid.floats_of(rows["window_valid"]),
    }


def _rows(
    reading: Reading, column: dict[str, np.ndarray], half_ticks: int | None, where: str
) -> PriceRows:
    if np.isnan(column["spot"]).all():
        raise SpymasterError(
            where, "no second of this range has a spot price", "a side of the book is empty"
        )
    if half_ticks is not None:
        rows = grid.rows_about_middle(column["spot"], half_ticks)
    else:
        valid = column["valid"] == 1
        quotes = [column["bid"][valid], column["ask"][valid]]
        traded = grid.ticks_of(reading.trades["price_int"], reading.tick_int)
        prices = np.concatenate([column["spot"], *quotes, traded])
        rows = grid.rows_around(prices, _MARGIN_TICKS, _MARGIN_SHARE)
    _check_size("--ticks", rows.count, 1, _MAX_HEIGHT_PX, "fewer of them")
    return rows


def _cell(rows: PriceRows, count: int, second_px: int | None, tick_px: int | None) -> Cell:
    if tick_px:
        _check_size("--tick-pixels", rows.count, tick_px, _MAX_HEIGHT_PX, "fewer pixels or --ticks")
    return Cell(
        second_px or scale.cell_pixels(count, _TARGET_WIDTH_PX),
        tick_px or scale.cell_pixels(rows.count, _TARGET_HEIGHT_PX),
    )


def _check_size(option: str, cells: int, cell_px: int, most_px: int, remedy: str) -> None:
    if cells * cell_px > most_px:
        size = f"{cells:,} cells of {cell_px} px are more than the {most_px:,} px of a picture"
        raise SpymasterError(option, size, f"ask for {remedy}")


def _unrecorded(gaps: Columns, count: int) -> np.ndarray:
    """Return a mask, bool (count,), of the seconds that recording gaps touch."""
    marked = np.zeros(count, bool)
    for first, last in zip(gaps["first_second"], gaps["last_second"], strict=True):
        marked[max(first, 0) : max(last + 1, 0)] = True
    return marked


def _depth_gaps(
    reading: Reading, covered: np.ndarray, missing: np.ndarray, spot: np.ndarray
) -> tuple[Gap, ...]:
    no_walls = ~covered & ~missing
    why = _why_no_walls(reading) if reading.orders_missing is None else _NO_LEVELS
    return _gaps(
        (
            ("no such second in the lake", missing),
            ("no spot price", no_walls & np.isnan(spot)),
            (why, no_walls & ~np.isnan(spot)),
        )
    )


def _why_no_walls(reading: Reading) -> str:
    return _OUTSIDE if reading.orders_missing is None else _NO_ORDERS


def _scores(bands: Columns | None, count: int) -> dict[str, np.ndarray]:
    if bands is None:
        return {name: np.full(count, np.nan) for name in SCORES}
    return {
        name: grid.by_second(bands["second"], grid.floats_of(bands[name]), count) for name in SCORES
    }


def _score_gaps(reading: Reading, missing: np.ndarray, count: int) -> tuple[Gap, ...]:
    """Return the columns without scores, with the reason."""
    bands = reading.bands
    if bands is None:
        return (Gap(0, count, str(reading.bands_missing)),)
    has_row = np.zeros(count, bool)
    has_row[bands["second"]] = True
    scored = ~np.isnan(np.stack(list(_scores(bands, count).values()))).all(axis=0)
    valid = grid.by_second(bands["second"], grid.floats_of(bands["window_valid"]), count) == 1
    return _gaps(
        (
            (f"no row in {BANDS} ({_why_no_walls(reading)})", ~has_row & ~missing),
            ("calibration in warm-up (or just after a gap)", has_row & valid & ~scored),
            ("seconds are not valid", has_row & ~valid & ~scored),
        )
    )


def _gaps(marked: Iterable[tuple[str, np.ndarray]]) -> tuple[Gap, ...]:
    return tuple(
        Gap(start, end, reason) for reason, columns in marked for start, end in grid.runs(columns)
    )


def _calibration(bands: Columns | None) -> str:
    if bands is None or not len(bands["second"]):
        return "not known"
    modes = np.ma.asarray(bands["calibration_mode"]).compressed()
    return ", ".join(sorted(set(modes))) or "not known"


def _calibration_steps(reader: Reader) -> tuple[int, ...]:
    """Return the columns at which the calibration leaps; none if the lake does not hold it."""
    if any(reader.why_unusable(relation) for relation in (CALIBRATION, CALIBRATION_MODES)):
        return ()
    steps = reader.ask("calibration_steps", step_share=_STEP_SHARE)
    return tuple(steps["second"].tolist())


def _trades_by_side(reading: Reading) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return second, tick and contracts of the trades by side of the aggressor."""
    trades = {name: np.asarray(values) for name, values in reading.trades.items()}
    tick = trades["price_int"] // reading.tick_int
    chosen = {side: trades["side"] == side for side in (BUYER, SELLER, NOBODY)}
    return {
        side: (trades["second"][rows], tick[rows], trades["qty"][rows])
        for side, rows in chosen.items()
        if rows.any()
    }
