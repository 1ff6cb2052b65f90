"""The picture of the screen, one pixel at a time, from the rows of the compact surfaces."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
Colour = Sequence[int]
NOTHING = (0, 0, 0, 0)


@dataclass(frozen=True)
class PlainPicture:
    """Rows of each surface by second, and what else decides a cell.

    Attributes:
        paint: contents of paint.json.
        theme: name of the theme.
        rows: surface -> second -> rows.
        end: newest second.
        seconds: columns of seconds; the future follows.
        max_ticks: distance from spot up to which walls were read.
        low_qty: depth at the start of the ramps.
        high_qty: depth at their end.
        tick_px: pixels a row.
        spot_now: spot of the newest second that has one.
        largest_gex: largest exposure in the picture.
        layers: names of the layers that are drawn.
    """

    paint: Mapping[str, Any]
    theme: str
    rows: Mapping[str, Mapping[int, list[Row]]]
    end: int
    seconds: int
    max_ticks: int
    low_qty: int
    high_qty: int
    tick_px: int
    spot_now: int
    largest_gex: float
    layers: Sequence[str]

    @property
    def colours(self) -> Mapping[str, Any]:
        return self.paint["themes"][self.theme]

    def at(self, surface: str, second: int) -> list[Row]:
        """Return a second's rows; a second without snap has none."""
        if not self.rows["snap"].get(second):
            return []
        return self.rows.get(surface, {}).get(second, [])

    def spot(self, second: int) -> int | None:
        rows = self.at("snap", second)
        return rows[0]["spot_tick"] if rows else None


def plain_picture(
    tables: Mapping[str, list[Row]],
    paint: Mapping[str, Any],
    *,
    theme: str,
    end: int,
    seconds: int,
    future: int,
    reach: int,
    max_ticks: int,
    low_qty: int | None,
    high_qty: int | None,
    layers: Sequence[str],
    tick_px: int = 1,
) -> list[list[tuple[int, int, int]]]:
    """Return red, green and blue of each pixel, the row of the highest price first.

    Args:
        tables: rows of each compact surface; ``gaps`` has a row per second of a gap.
        paint: contents of paint.json.
        theme: ``dark`` or ``light``.
        end: newest second.
        seconds: columns of seconds.
        future: columns after them.
        reach: ticks above and below spot.
        max_ticks: distance from spot up to which walls were read.
        low_qty: depth at the start of the ramps, None for the 2 % quantile of the picture.
        high_qty: depth at their end, None for its 98 % quantile.
        layers: names of the layers to draw.
        tick_px: pixels a row.
    """
    shown = range(end - seconds + 1, end + 1)
    rows: dict[str, dict[int, list[Row]]] = {}
    for surface, table in tables.items():
        rows[surface] = {}
        for row in table:
            if row["second"] in shown:
                rows[surface].setdefault(row["second"], []).append(row)
    spots = [
        (second, row["spot_tick"])
        for second, found in rows["snap"].items()
        for row in found
        if row["spot_tick"] is not None
    ]
    spot_now = max(spots)[1]
    in_picture = [
        row["gex_abs"]
        for second, found in rows.get("gex", {}).items()
        for row in found
        if rows["snap"].get(second)
        and row["gex_abs"] is not None
        and abs(row["strike_tick"] - spot_now) <= reach
    ]
    depths = sorted(
        row["depth_qty_end"]
        for second, found in rows.get("wall", {}).items()
        for row in found
        if rows["snap"].get(second)
        and row["depth_qty_end"]
        and abs(row["tick"] - spot_now) <= reach
    )
    if low_qty is None or high_qty is None:
        low_qty, high_qty = paint["depth_low_qty"], paint["depth_high_qty"]
        if depths:
            low_qty = depths[int(0.02 * (len(depths) - 1))]
            high_qty = max(low_qty + 1, depths[int(0.98 * (len(depths) - 1))])
    picture = PlainPicture(
        paint,
        theme,
        rows,
        end,
        seconds,
        max_ticks,
        low_qty,
        high_qty,
        tick_px,
        spot_now,
        max(in_picture, default=0.0),
        layers,
    )
    image = []
    for row in range(2 * reach + 1):
        tick = spot_now + reach - row
        columns = [end - seconds + 1 + column for column in range(seconds + future)]
        for below in range(tick_px):
            image.append([pixel(picture, second, tick, below) for second in columns])
    return image


def pixel(picture: PlainPicture, second: int, tick: int, below: int) -> tuple[int, int, int]:
    """Return red, green and blue of a pixel: its layers over the background, back to front.

    Args:
        picture: the picture.
        second: of its column.
        tick: of its row.
        below: pixels between it and the upper edge of the row.
    """
    out = tuple(picture.colours["background"][:3])
    for name, layer in LAYERS.items():
        if name in picture.layers and is_drawn(picture, name, second, below):
            *colour, alpha = layer(picture, second, tick)
            out = tuple(
                math.floor((above * alpha + below * (255 - alpha) + 127) / 255)
                for above, below in zip(colour, out, strict=True)
            )
    return out


def is_drawn(picture: PlainPicture, name: str, second: int, below: int) -> bool:
    """Whether a layer is drawn in a pixel: two of them are lines at the edges of a row."""
    thick = max(1, picture.tick_px // 6)
    if name == "levels":
        return below < thick
    if name == "gex":
        return below >= picture.tick_px - thick and (second - 4) % 8 < picture.tick_px * 8 // 6
    return True


def physics(picture: PlainPicture, second: int, tick: int) -> Colour:
    asks, bids = (
        [
            row["ease_signed"]
            for row in picture.at("physics_surface", second)
            if row["tick"] == tick and row["is_bid"] == side
        ]
        for side in (0, 1)
    )
    spot = picture.spot(second)
    if not asks and not bids:
        return NOTHING
    if not asks or not bids:
        ease = (asks or bids)[0]
    elif spot is not None and tick < spot:
        ease = bids[0]
    elif spot is not None and tick > spot:
        ease = asks[0]
    elif asks[0] is None or bids[0] is None:
        ease = bids[0] if asks[0] is None else asks[0]
    else:
        ease = bids[0] if abs(bids[0]) > abs(asks[0]) else asks[0]
    if ease is None:
        return NOTHING
    return picture.colours["ramps"]["ease"][clamp(math.floor(ease * 127.5 + 127.5 + 0.5))]


def wall(picture: PlainPicture, second: int, tick: int) -> Colour:
    found = picture.at("wall", second)
    here = {row["is_bid"]: row["depth_qty_end"] for row in found if row["tick"] == tick}
    spot = picture.spot(second)
    if not here:
        within = spot is not None and abs(tick - spot) <= picture.max_ticks
        return picture.colours["zero_depth"] if found and within else NOTHING
    asks, bids = here.get(0, 0), here.get(1, 0)
    if asks == bids == 0:
        return picture.colours["zero_depth"]
    ramp = picture.colours["ramps"]["ask" if asks >= bids else "bid"]
    low, high = (depth_step(picture, qty) for qty in (picture.low_qty, picture.high_qty))
    high = max(high, low + 1)
    return ramp[clamp((depth_step(picture, max(asks, bids)) - low) * 255 // (high - low))]


def gex(picture: PlainPicture, second: int, tick: int) -> Colour:
    found = [
        row
        for row in picture.at("gex", second)
        if row["strike_tick"] == tick and row["gex_abs"] is not None
    ]
    if not found:
        return NOTHING
    row = max(found, key=lambda strike: strike["strike_points"])
    ratio = row["gex_abs"] / picture.largest_gex if picture.largest_gex else 0.0
    reached = [step for step in picture.paint["gex_alpha_steps"] if step <= ratio]
    side = "gex_put" if row["gex_put_abs"] > row["gex_call_abs"] else "gex_call"
    return [*picture.colours[side][:3], 40 + len(reached)]


def vacuum(picture: PlainPicture, second: int, tick: int) -> Colour:
    scores = [
        row["vacuum_score"]
        for row in picture.at("vacuum", second)
        if row["tick"] == tick and row["vacuum_score"] is not None
    ]
    if not scores:
        return NOTHING
    above = math.floor(max(scores) * picture.paint["vacuum_alpha"] + 0.5)
    return [*picture.colours["vacuum"][:3], picture.paint["vacuum_zero_alpha"] + above]


def quality(picture: PlainPicture, second: int, tick: int) -> Colour:
    if picture.rows.get("gaps", {}).get(second) and (second - tick) % 8 in (0, 1):
        return picture.colours["gap"]
    rows = picture.at("snap", second)
    if not rows or rows[0]["window_valid"]:
        return NOTHING
    lines = {0: picture.colours["hatch"], 1: picture.colours["hatch_dark"]}
    return lines.get((second + tick) % 8, NOTHING)


def grid(picture: PlainPicture, second: int, tick: int) -> Colour:
    return picture.colours["grid_line"] if tick % 4 == 0 else NOTHING


def strikes(picture: PlainPicture, second: int, tick: int) -> Colour:
    if second <= picture.end:
        return NOTHING
    for newest in range(picture.end, picture.end - picture.seconds, -1):
        rows = picture.at("gex", newest)
        if rows:
            on = any(row["strike_tick"] == tick for row in rows)
            return picture.colours["strike_line"] if on else NOTHING
    return NOTHING


def levels(picture: PlainPicture, second: int, tick: int) -> Colour:
    at = second
    if second > picture.end:
        at = max(known for known, rows in picture.rows["snap"].items() if rows)
    lines = [row for row in picture.at("levels", at) if row["level_tick"] == tick]
    # a quarter of the row's pixels at most, half of that while it is provisional
    of_eight = min(8, 2 * picture.tick_px)
    if any(second % 8 < of_eight // (2 if row["is_provisional"] else 1) for row in lines):
        return picture.colours["level"]
    return NOTHING


def spot(picture: PlainPicture, second: int, tick: int) -> Colour:
    price = picture.spot_now if second > picture.end else picture.spot(second)
    return picture.colours["spot"] if tick == price else NOTHING


def trades(picture: PlainPicture, second: int, tick: int) -> Colour:
    qty = {1: 0, -1: 0, 0: 0}
    for row in picture.at("trades", second):
        if row["tick"] == tick:
            qty[row["aggressor"]] += row["qty"]
    if not any(qty.values()):
        return NOTHING
    most = max(qty, key=lambda aggressor: qty[aggressor])
    return picture.colours[{1: "buy", -1: "sell", 0: "no_aggressor"}[most]]


def separator(picture: PlainPicture, second: int, tick: int) -> Colour:
    return picture.colours["separator"] if second == picture.end + 1 else NOTHING


LAYERS = {
    "physics": physics,
    "wall": wall,
    "gex": gex,
    "vacuum": vacuum,
    "quality": quality,
    "grid": grid,
    "strikes": strikes,
    "levels": levels,
    "spot": spot,
    "trades": trades,
    "separator": separator,
}


def depth_step(picture: PlainPicture, qty: int) -> int:
    return sum(1 for step in picture.paint["depth_steps"] if step <= qty)


def clamp(index: int) -> int:
    return min(max(index, 0), 255)
