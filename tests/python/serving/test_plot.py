"""The picture of a built lake agrees with its relations."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
from spymaster.plot import picture
from spymaster.plot.read import open_reader
from spymaster.plot.scene import make_scene
from support.built_lakes import Built
from support.clock import NEW_YORK
from support.lakes import DAYS, ES, ask

# 00:05:30 to 00:07:10 UTC: the opening burst, and ten seconds beyond `surface_window`; in New
# York the evening before
START, END = dt.time(20, 5, 30), dt.time(20, 7, 10)
FROM_UTC, UNTIL_UTC = "00:05:30", "00:07:10"


def test_picture_shows_what_the_relations_hold(built: Built, tmp_path: Path) -> None:
    seconds = NEW_YORK.time_range(DAYS[0], START, END)
    assert seconds.local(0).date() == DAYS[0] - dt.timedelta(days=1)
    with open_reader(built.lake, ES, seconds) as reader:
        scene = make_scene(reader, ES, seconds)
    where = (
        f"where symbol = '{ES}' and dt = '{DAYS[0]}' and window_start_ts >= '{DAYS[0]} {FROM_UTC}' "
        f"and window_start_ts < '{DAYS[0]} {UNTIL_UTC}'"
    )
    (bought, sold, low, high), *_ = ask(
        built.lake,
        "select sum(trade_qty_buy), sum(trade_qty_sell), min(spot_ref_price_int), "
        f"max(spot_ref_price_int) from silver.book_snapshot_1s {where}",
    )
    assert bought > 0 < sold
    # by second from the snapshot, by trade and by price from the records
    assert scene.delta_y[-1] == bought - sold
    assert [int(scene.bubbles[side].qty.sum()) for side in "BA"] == [bought, sold]
    assert [int(scene.profile[side].sum()) for side in "BA"] == [bought, sold]
    assert scene.rows.low_tick < low // scene.tick_int <= high // scene.tick_int
    assert high // scene.tick_int < scene.rows.high_tick

    resting = ask(
        built.lake,
        f"select epoch(window_start_ts), price_int // {scene.tick_int}, side "
        f"from silver.wall_surface_1s {where} and depth_qty_end > 0",
    )
    hues = np.full(scene.depth.shape[:2], "", "<U1")
    for at, tick, side in resting:
        if scene.rows.low_tick <= tick <= scene.rows.high_tick:
            hues[int(tick - scene.rows.low_tick), int(at) - seconds.start_s] = side
    red, blue = scene.depth[..., 0].astype(int), scene.depth[..., 2].astype(int)
    assert (hues == "A").any()
    assert (red[hues == "A"] > blue[hues == "A"]).all()
    assert (blue[hues == "B"] > red[hues == "B"]).all()
    shown = scene.depth[..., 3] > 0
    assert shown[:, :90].all()
    assert not shown[:, 90:].any()
    assert [(gap.start, gap.end, gap.reason) for gap in scene.depth_gaps] == [
        (90, 100, "outside surface_window: build with a wider one")
    ]
    picture.draw_picture(scene, tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 10_000
