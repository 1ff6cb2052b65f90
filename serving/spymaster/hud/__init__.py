"""The screen: what the page and the headless renderer share, and the renderer.

``paint`` holds colours, ``cells`` and ``frame`` the arithmetic of cells, ``layers`` draws each
layer, ``render`` lays them over each other, ``card`` says what ``spymaster levels`` says,
``picture`` writes the PNG. matplotlib is imported where a file is written.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

if TYPE_CHECKING:
    from spymaster.hud.render import Look

_SUFFIX = ".png"


def render_hud(
    symbol: str,
    day: dt.date,
    end_s: int | None,
    path: Path,
    *,
    lake: Lake | None = None,
    look: Look | None = None,
    second_px: int = 1,
    tick_px: int = 1,
    with_axes: bool = False,
    with_card: bool = False,
    level_id: str | None = None,
) -> int:
    """Write the picture of the screen at a moment, from the compact surfaces alone.

    Args:
        symbol: raw symbol of the contract.
        day: UTC date of the contract-day.
        end_s: end of the newest window, seconds since 1970; None for the last of the day.
        path: PNG to write, and folders above it to create; an existing file is replaced.
        lake: the lake, built and published; that of the environment by default.
        look: what to show; the start of the screen by default.
        second_px: pixels a column.
        tick_px: pixels a row.
        with_axes: add title, prices and times around the cells.
        with_card: add the card of a level at the right.
        level_id: level of the card; None takes the one in question.

    Returns:
        End of the newest window, seconds since 1970.

    Raises:
        SpymasterError: There is nothing to show, or the file cannot be written.
    """
    from spymaster.hud.card import read_card
    from spymaster.hud.moment import read_moment
    from spymaster.hud.picture import write_picture
    from spymaster.hud.render import Look

    if path.suffix.lower() != _SUFFIX:
        raise SpymasterError(path, "is not the name of a PNG", f"end it with {_SUFFIX}")
    look = look or Look()
    lake = lake or Lake.from_environment()
    moment = read_moment(lake, symbol, day, end_s, look)
    card = read_card(lake, symbol, day, moment.end_s, level_id) if with_card else None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_picture(moment, look, path, second_px, tick_px, with_axes=with_axes, card=card)
    except OSError as error:
        raise SpymasterError(path, f"cannot be written: {error.strerror or error}") from error
    return moment.end_s
