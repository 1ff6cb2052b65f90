"""Draw a contract's book over some minutes.

``read`` queries the published file, ``grid`` and ``trades`` arrange rows into columns and ticks,
``scene`` combines them, ``picture`` draws the scene: ``layers`` draws the main panel, ``panels``
the panels around it, ``market_panels`` those of market features. matplotlib is imported where
drawing starts.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.clock import TimeRange

_SUFFIX = ".png"


def plot(
    lake: Lake,
    symbol: str,
    seconds: TimeRange,
    path: Path,
    *,
    half_ticks: int | None = None,
    second_px: int | None = None,
    tick_px: int | None = None,
    panels: Collection[str] = (),
    marks: Collection[str] = (),
) -> tuple[str, ...]:
    """Write a picture of a range and create the folders above it.

    Args:
        lake: the lake, built and published.
        symbol: raw symbol of the contract.
        seconds: the seconds to draw, one column each.
        path: PNG to write; an existing file is replaced.
        half_ticks: rows above and below the middle of spot's range; None shows all prices reached.
        second_px: pixels per second; None chooses.
        tick_px: pixels per tick; None chooses.
        panels: panels on request, of ``requests.PANELS``.
        marks: marks on request, of ``requests.MARKS``.

    Returns:
        What the picture lacks and why, a line each.

    Raises:
        SpymasterError: There is nothing to show, the picture would be too large, or the file
            cannot be written.
    """
    from spymaster.plot.read import open_reader
    from spymaster.plot.scene import make_scene

    if path.suffix.lower() != _SUFFIX:
        raise SpymasterError(path, "is not the name of a PNG", f"end it with {_SUFFIX}")
    with open_reader(lake, symbol, seconds) as reader:
        scene = make_scene(
            reader,
            symbol,
            seconds,
            half_ticks=half_ticks,
            second_px=second_px,
            tick_px=tick_px,
            panels=panels,
            marks=marks,
        )
    from spymaster.plot.picture import draw_picture

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draw_picture(scene, path)
    except OSError as error:
        raise SpymasterError(path, f"cannot be written: {error.strerror or error}") from error
    return scene.remarks
