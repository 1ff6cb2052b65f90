"""A picture of a contract's book over some minutes, to look at before one reads.

``time_range`` says which seconds, ``read`` queries the published file, ``grid`` and ``trades``
arrange rows into columns and ticks, ``scene`` puts that together, ``picture`` draws it: ``layers``
the main panel, ``panels`` those around it. matplotlib is imported where drawing starts.
"""

from __future__ import annotations

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
) -> None:
    """Write a picture of a range; directories above it are made.

    Args:
        lake: the lake, built and published.
        symbol: raw symbol of the contract.
        seconds: the columns.
        path: PNG to write; replaced when it is there.
        half_ticks: rows above and below the middle of spot's range; None shows all prices reached.
        second_px: pixels a second; None chooses.
        tick_px: pixels a tick; None chooses.

    Raises:
        SpymasterError: There is nothing to show, it is too much, or the file cannot be written.
    """
    from spymaster.plot.read import open_reader
    from spymaster.plot.scene import make_scene

    if path.suffix.lower() != _SUFFIX:
        raise SpymasterError(path, "is not the name of a PNG", f"end it with {_SUFFIX}")
    with open_reader(lake, symbol, seconds) as reader:
        scene = make_scene(
            reader, symbol, seconds, half_ticks=half_ticks, second_px=second_px, tick_px=tick_px
        )
    from spymaster.plot.picture import draw

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draw(scene, path)
    except OSError as error:
        raise SpymasterError(path, f"cannot be written: {error.strerror or error}") from error
