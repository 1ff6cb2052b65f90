"""The strips of scores below the prices, one cell at a time, from the rows of the surfaces."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
Pixel = tuple[int, ...]


def plain_strips(
    tables: Mapping[str, Sequence[Row]],
    paint: Mapping[str, Any],
    *,
    theme: str,
    end: int,
    seconds: int,
    future: int,
) -> tuple[list[str], list[list[Pixel]]]:
    """Return the level of each strip, and the colour of each cell, the highest row first.

    Args:
        tables: rows of the compact surfaces ``snap`` and ``scores``.
        paint: contents of paint.json.
        theme: ``dark`` or ``light``.
        end: newest second.
        seconds: columns of seconds.
        future: columns after them.
    """
    shown = range(end - seconds + 1, end + 1)
    spots = {row["second"]: row["spot_tick"] for row in tables["snap"] if row["second"] in shown}
    spot_now = spots[max(second for second, spot in spots.items() if spot is not None)]
    found = {
        (row["second"], row["level_id"]): row for row in tables["scores"] if row["second"] in spots
    }
    last = {level: found[second, level] for second, level in sorted(found)}
    nearest = sorted(last, key=lambda level: (abs(last[level]["level_tick"] - spot_now), level))
    of_strips = nearest[: paint["grid"]["strips"]]
    of_strips.sort(key=lambda level: (-last[level]["level_tick"], level))
    image = [
        [
            _cell(found.get((second, level)), place, second - end, paint, theme)
            for second in range(shown.start, end + 1 + future)
        ]
        for level in of_strips
        for place in range(20)
    ]
    return of_strips, image


def _cell(row: Row | None, place: int, ahead: int, paint: Mapping[str, Any], theme: str) -> Pixel:
    """Return the colour of a cell: two rows of room, two of the signal, 16 of the score."""
    colours = paint["themes"][theme]
    background = colours["background"]
    if ahead == 1:
        return tuple(colours["separator"][:3])
    if place < 2 or row is None or row["score_smooth"] is None or row["barrier_state"] is None:
        return tuple(background[:3])
    signals = {"BREAK": "break", "REJECT": "reject", "CONTESTED": "contested"}
    if place < 4:
        if row["signal"] in signals:
            return tuple(colours[signals[row["signal"]]][:3])
        return _over(colours["zero_depth"], background)
    height = 19 - place
    if height < _rows(row["score_smooth"]):
        return tuple(colours["barrier_" + row["barrier_state"].lower()][:3])
    limits = [row["break_score_min"], row["reject_score_max"]]
    under = _over(colours["zero_depth"], background)
    if height in [min(_rows(limit), 15) for limit in limits if limit is not None]:
        return _over(colours["score_line"], under)
    return under


def _rows(score: float) -> int:
    return math.floor(score / 100 * 16 + 0.5)


def _over(colour: Sequence[int], under: Sequence[int]) -> Pixel:
    *channels, alpha = colour
    return tuple(
        (above * alpha + below * (255 - alpha) + 127) // 255
        for above, below in zip(channels, under, strict=False)
    )
