"""The range of depth and the bubbles of a published file, by hand."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
from PIL import Image
from spymaster.hud import render_hud
from spymaster.hud.frame import Size
from spymaster.hud.paint import DepthScale, paint_tables
from spymaster.hud.render import Look
from spymaster_ingest.lake import Lake
from support import hud_lake

LAST = hud_lake.COUNT - 1
SPOT_NOW = 26_602
DARK = paint_tables()["themes"]["dark"]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return hud_lake.write_lake(Lake(tmp_path_factory.mktemp("lake")))


def draw(lake: Lake, path: Path, look: Look) -> np.ndarray:
    render_hud(hud_lake.SYMBOL, hud_lake.DAY, None, path, lake=lake, look=look)
    return np.asarray(Image.open(path).convert("RGB"))


def test_depth_takes_the_range_of_the_picture(lake: Lake, tmp_path: Path) -> None:
    """Two depths of a hundred lie below the range, two above."""
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        rows = connection.execute(
            "select depth_qty_end from silver.wall_surface_1s where depth_qty_end > 0 "
            "and window_end_ts >= ? and abs(price_int / ? - ?) <= 400 order by 1",
            [hud_lake.window_end(LAST - 1_799), hud_lake.TICK_INT, SPOT_NOW],
        ).fetchall()
    found = [qty for (qty,) in rows]
    low, high = (found[int(share * (len(found) - 1))] for share in (0.02, 0.98))
    automatic = draw(lake, tmp_path / "a.png", Look(layers=("wall",)))
    fixed = Look(layers=("wall",), depth_scale=DepthScale(low, high))
    np.testing.assert_array_equal(automatic, draw(lake, tmp_path / "b.png", fixed))
    other = Look(layers=("wall",), depth_scale=DepthScale(low, high + 20))
    assert (automatic != draw(lake, tmp_path / "c.png", other)).any()


def test_trades_are_bubbles_by_size(lake: Lake, tmp_path: Path) -> None:
    """A quarter of the brightest depth reaches a row up and down, pixel by pixel."""
    tick_px, second_px = 6, 3
    of = hud_lake.SYMBOL, hud_lake.DAY, None
    images = {}
    for name, high in (("none", 1_000), ("all", 4)):
        path = tmp_path / f"{name}.png"
        look = Look(Size(40, 7, 20), layers=("trades",), depth_scale=DepthScale(1, high))
        render_hud(*of, path, lake=lake, look=look, second_px=second_px, tick_px=tick_px)
        images[name] = np.asarray(Image.open(path).convert("RGB"))
    expected = images["none"].astype(np.int64)
    # whole rows of cells alone
    cells = expected.reshape(41, tick_px, 47, second_px, 3)
    assert (cells == cells[:, :1, :, :1]).all()
    for at in range(LAST - 39, LAST + 1):
        spot = hud_lake.spot_tick(at)
        if at % 3:
            continue
        sizes = [1 + (at + place) % 5 for place in range(5)]
        trades = {
            spot - 1: (sizes[1], "sell"),
            spot: (sizes[4], "buy"),
            spot + 1: (sizes[0] + sizes[2], "buy"),
            spot + 2: (sizes[3], "no_aggressor"),
        }
        for tick, (qty, colour) in trades.items():
            # contracts times 4 of 4, in rows of six pixels, at most three rows
            radius = min(3 * tick_px, int((qty * tick_px**2) ** 0.5))
            y = (SPOT_NOW + 20 - tick) * tick_px + tick_px // 2
            x = (39 - (LAST - at)) * second_px + second_px // 2
            down, along = np.ogrid[: expected.shape[0], : expected.shape[1]]
            inside = (down - y) ** 2 + (along - x) ** 2 <= radius**2
            over_ = np.array(DARK[colour][:3]) * 110 + expected[inside] * 145
            expected[inside] = (over_ + 127) // 255
    np.testing.assert_array_equal(images["all"], expected)
