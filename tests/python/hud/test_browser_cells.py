"""Pixels of the page, compared with cells worked out by hand and with the headless renderer."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest
from spymaster.hud.moment import read_moment
from spymaster.hud.paint import PAINT_FILE, DepthScale
from spymaster.hud.render import Look, hud_cells, hud_pixels, score_strips
from spymaster_ingest.lake import Lake
from support import hud_lake
from support.hud_page import FIRST_SECOND, Screen, launched, opened
from support.stream_server import serving

PAINT = json.loads(PAINT_FILE.read_text(encoding="utf-8"))
DARK = PAINT["themes"]["dark"]
BACKGROUND = tuple(DARK["background"][:3])
# the range that colours are worked out with by hand
DEPTH = f"{PAINT['depth_low_qty']},{PAINT['depth_high_qty']}"
ALL_LAYERS = "physics,wall,gex,vacuum,grid,strikes,levels,spot,trades,quality,scores"
# shows the whole picture, 2,118 cells wide and 801 high, with cells one pixel wide and two high
LARGE, WHOLE = {"width": 3_840, "height": 2_400}, "0.1,0.5"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return hud_lake.write_lake(Lake(tmp_path_factory.mktemp("hud") / "lake"))


@pytest.fixture(scope="module")
def screen(lake: Lake) -> Iterator[Screen]:
    with (
        serving(lake) as server,
        launched() as browser,
        opened(browser, f"http://{server.host}", color_scheme="dark") as screen,
    ):
        yield screen


def over(colour: list[int], under: tuple[int, ...] = BACKGROUND) -> tuple[int, ...]:
    """Return a colour laid over an opaque one, by the rule of the contract."""
    *channels, alpha = colour
    return tuple(
        (above * alpha + below * (255 - alpha) + 127) // 255
        for above, below in zip(channels, under, strict=True)
    )


def depth_colour(side: str, qty: int) -> tuple[int, ...]:
    """Return the colour of depth at the range ``DEPTH``."""

    def step(contracts: int) -> int:
        return sum(entry <= contracts for entry in PAINT["depth_steps"])

    low, high = step(PAINT["depth_low_qty"]), step(PAINT["depth_high_qty"])
    index = min(max((step(qty) - low) * 255 // (high - low), 0), 255)
    return over(DARK["ramps"][side][index])


def test_markers_lie_every_ten_seconds_and_four_ticks_while_spot_moves(screen: Screen) -> None:
    end = 2_399
    screen.show(end, layers="wall", zoom="0.5,1", depth=DEPTH)
    picture = screen.picture()
    spots = set()
    for second in range(end - 400, end + 1):
        if second in (hud_lake.MISSING, hud_lake.NO_SPOT):
            continue
        spot = hud_lake.spot_tick(second)
        spots.add(spot)
        own = {
            spot - 1, spot, spot + 1,
            hud_lake.ASK_WALL, hud_lake.BID_WALL, hud_lake.TIE_TICK, hud_lake.FLOW_TICK,
        }  # fmt: skip
        for tick in range(26_660, 26_670):
            is_marker = second % 10 == 0 and tick % 4 == 0 and tick not in own
            expected = depth_colour("ask", 5) if is_marker else over(DARK["zero_depth"])
            assert picture.cell(second, tick) == expected, (second, tick)
    assert len(spots) > 10


def test_walls_keep_their_price_and_take_the_hue_of_their_side(screen: Screen) -> None:
    screen.show(2_399, layers="wall", zoom="0.5,1", depth=DEPTH)
    picture = screen.picture()
    for second in range(2_200, 2_399, 7):
        cells = {
            hud_lake.ASK_WALL: depth_colour("ask", 64 + second % 50),
            hud_lake.BID_WALL: depth_colour("bid", 48 + second % 30),
            hud_lake.TIE_TICK: depth_colour("ask", 9),
            hud_lake.FLOW_TICK: over(DARK["zero_depth"]),
        }
        for tick, expected in cells.items():
            assert picture.cell(second, tick) == expected, (second, tick)


def test_what_is_unknown_stays_empty_and_what_is_zero_does_not(screen: Screen) -> None:
    screen.show(2_399, layers="wall,physics,vacuum", zoom="0.5,1")
    picture = screen.picture()
    tick = hud_lake.ASK_WALL
    # a missing second is an empty column between its neighbors
    assert picture.cell(hud_lake.MISSING, tick) == BACKGROUND
    assert picture.cell(hud_lake.MISSING - 1, tick) != BACKGROUND
    assert picture.cell(hud_lake.MISSING + 1, tick) != BACKGROUND
    assert picture.cell(hud_lake.NO_SPOT, tick) == BACKGROUND
    null_second = hud_lake.NULL_SCORES.start + 1
    near = hud_lake.spot_tick(null_second) + 7
    assert picture.cell(null_second, near) == over(DARK["zero_depth"])
    # scores of 0 are drawn: share is 0 where (7 * second + 13 * rel_ticks) mod 101 is 0
    second, rel_ticks = next(
        (second, rel_ticks)
        for second in range(2_200, 2_300)
        if second % 10
        for rel_ticks in range(3, 15)
        if (second * 7 + rel_ticks * 13) % 101 == 0
    )
    vacuum = [*DARK["vacuum"][:3], PAINT["vacuum_zero_alpha"]]
    expected = over(vacuum, over(DARK["zero_depth"], over(DARK["ramps"]["ease"][128])))
    assert picture.cell(second, hud_lake.spot_tick(second) + rel_ticks) == expected


def test_a_second_without_spot_leaves_the_grid_at_the_spot_before(screen: Screen) -> None:
    screen.show(hud_lake.NO_SPOT)
    before = hud_lake.spot_tick(hud_lake.NO_SPOT - 1)
    assert screen.value("hud.screen.cells.spotTick") == before
    top = screen.picture().top_tick
    screen.show(hud_lake.NO_SPOT - 1)
    assert screen.picture().top_tick == top


def test_invalid_seconds_are_hatched_along_absolute_ticks(screen: Screen) -> None:
    screen.show(2_399, layers="quality", zoom="0.5,1")
    picture = screen.picture()
    first = screen.value("hud.player.second") - 2_399
    for tick in range(26_600, 26_616):
        place = (first + hud_lake.INVALID + tick) % 8
        name = {0: "hatch", 1: "hatch_dark"}.get(place)
        expected = over(DARK[name]) if name else BACKGROUND
        assert picture.cell(hud_lake.INVALID, tick) == expected
        assert picture.cell(hud_lake.INVALID + 1, tick) == BACKGROUND


def test_the_future_is_empty_behind_its_separator(screen: Screen) -> None:
    screen.show(2_399, layers="wall,spot", zoom="0.5,1")
    picture = screen.picture()
    spot = hud_lake.spot_tick(2_399)
    for tick in (spot + 5, spot, spot - 5):
        assert picture.cell(2_400, tick) == over(DARK["separator"])
        future = over(DARK["spot"]) if tick == spot else BACKGROUND
        assert picture.cell(2_401, tick) == future
    seen = screen.value("hud.view.futureInSight * hud.view.secondPx / hud.view.width")
    assert seen == pytest.approx(0.15, abs=0.01)


@pytest.mark.parametrize(
    ("end", "theme", "depth"),
    [(2_399, "dark", None), (2_111, "light", (4, 128)), (1_200, "dark", None)],
)
def test_every_pixel_equals_the_headless_renderer(
    screen: Screen, lake: Lake, end: int, theme: str, depth: tuple[int, int] | None
) -> None:
    screen.page.emulate_media(color_scheme=theme)
    screen.page.set_viewport_size(LARGE)
    fixed = {"depth": f"{depth[0]},{depth[1]}"} if depth else {}
    screen.show(end, zoom=WHOLE, layers=ALL_LAYERS, **fixed)
    # prices far from spot come with the second request
    screen.wait("hud.player.maxTicks === 400 && !hud.player.loading")
    screen.wait()
    assert screen.value("[hud.view.secondPx, hud.view.tickPx]") == [1, 2]
    picture = screen.picture()
    # without a range both take that of the picture
    look = Look(theme=theme, depth_scale=DepthScale(*depth) if depth else None)
    end_s = hud_lake.window_end_ns(end) // 10**9
    moment = read_moment(lake, hud_lake.SYMBOL, hud_lake.DAY, end_s, look)
    of = moment.tables, moment.end_second, moment.max_ticks, look
    expected = hud_cells(*of, tick_px=2)[::-1]
    rows, columns, _ = expected.shape
    assert (rows, columns) == (2 * 801, 2_118)
    top = picture.y(hud_lake.spot_tick(end) + 400)
    left = picture.x(end - 1_799)
    shown = picture.pixels[top : top + rows, left : left + columns]
    assert shown.shape == (rows, columns, 3)
    different = np.argwhere((shown != expected).any(axis=2))
    assert different.size == 0, (len(different), different[:5])
    # nothing lies outside the picture
    background = PAINT["themes"][theme]["background"][:3]
    assert (picture.pixels[:top] == background).all()
    strips = score_strips(moment.tables, moment.end_second, look)
    level_ids, cells = screen.strips()
    assert level_ids == list(strips.level_ids)
    count = len(strips.cells)
    # 20 rows each, and or_high is no level before 1500
    assert count == 20 * (4 if end > 1_500 else 3)
    assert (cells[:count, left : left + columns] == strips.cells[::-1]).all()
    assert (cells[:count, :left] == background).all()
    # room for the other levels of the day
    assert len(cells) == 20 * 6
    assert set(map(tuple, cells[count:].reshape(-1, 3))) == {
        tuple(background), tuple(PAINT["themes"][theme]["separator"][:3]),
    }  # fmt: skip


# what cells that were composited step by step hold in other places than those composited at once
_STALE = """(() => {
    const { cells, paint } = hud.screen;
    const fresh = new cells.constructor(cells.ring, paint.grid);
    fresh.lowTick = cells.lowTick;
    fresh.wallReach = cells.wallReach;
    fresh.show(cells.tables, cells.shown);
    const composited = fresh.update();
    const lines = ({ rows }) => [...rows].flatMap(([row, { colours }]) =>
        [...colours].flatMap((colour, slot) => (colour ? [`${row} ${slot} ${colour}`] : [])));
    const isSame = (one, other) => one.sort().join() === other.sort().join();
    return {
        composited,
        recorded: cells.ring.slots.filter((slot) => slot?.size > 0).length,
        colours: cells.colours.filter((colour, at) => colour !== fresh.colours[at]).length,
        levels: isSame(lines(cells.levelLines), lines(fresh.levelLines)),
        gex: isSame(lines(cells.gexLines), lines(fresh.gexLines)),
    };
})()"""


@pytest.mark.parametrize("layers", [ALL_LAYERS, "levels", "gex,quality"])
def test_seconds_without_a_record_are_not_composited_and_keep_nothing(
    screen: Screen, layers: str
) -> None:
    screen.page.set_viewport_size({"width": 1280, "height": 720})
    screen.show(2_399, layers=layers)
    # forwards and backwards, until most seconds of the screen lie before the first of the day
    for second in (2_410, 2_390, 1_900, 600, 590, 400):
        screen.value(f"hud.player.seek({second} + {FIRST_SECOND})")
        screen.wait()
        found = screen.value(_STALE)
        assert found["composited"] == found["recorded"], second
        assert [found[name] for name in ("colours", "levels", "gex")] == [0, True, True], second
    assert found["recorded"] == 401


@pytest.mark.parametrize("zoom", ["0.5,1", "1,1", "3,1"])
def test_lines_and_bubbles_equal_the_headless_renderer(
    screen: Screen, lake: Lake, zoom: str
) -> None:
    """In rows of 2, 5 and 15 pixels, with a range of depth that follows what is in sight."""
    screen.page.emulate_media(color_scheme="dark")
    screen.page.set_viewport_size({"width": 1280, "height": 720})
    end = 1_600
    screen.show(end, zoom=zoom, layers=ALL_LAYERS)
    picture = screen.picture()
    scale = DepthScale(
        *screen.value("[hud.screen.depthRange.lowQty, hud.screen.depthRange.highQty]")
    )
    # trades of up to ten contracts have bubbles
    scale = DepthScale(1, 5)
    screen.value(f"hud.screen.fixDepth([{scale.low_qty}, {scale.high_qty}])")
    screen.wait()
    picture = screen.picture()
    look = Look(depth_scale=scale)
    end_s = hud_lake.window_end_ns(end) // 10**9
    moment = read_moment(lake, hud_lake.SYMBOL, hud_lake.DAY, end_s, look)
    of = moment.tables, moment.end_second, moment.max_ticks, look
    expected = hud_pixels(*of, picture.second_px, picture.tick_px)
    top = (hud_lake.spot_tick(end) + 400 - picture.top_tick) * picture.tick_px
    height, width, _ = picture.pixels.shape
    right = 1_800 + screen.value("hud.view.futureInSight")
    expected = expected[top : top + height, right - width : right]
    different = np.argwhere((picture.pixels != expected).any(axis=2))
    assert different.size == 0, (len(different), different[:5])


@pytest.mark.parametrize("zoom", ["0.7,1", "1,1", "2,1"])
@pytest.mark.parametrize(("layer", "tick"), [("levels", hud_lake.ASK_WALL), ("gex", 26_610)])
def test_depth_stays_readable_in_the_row_of_a_line(
    screen: Screen, layer: str, tick: int, zoom: str
) -> None:
    """Contrast is the standard deviation of a row's colours, with lines and within each of them."""
    screen.page.emulate_media(color_scheme="dark")
    screen.page.set_viewport_size({"width": 1280, "height": 720})

    def row(layers: str) -> np.ndarray:
        screen.show(1_219, layers=layers, zoom=zoom, depth="4,128")
        picture = screen.picture()
        y = picture.y(tick)
        right = picture.x(1_220)
        return picture.pixels[y : y + picture.tick_px, :right].astype(np.float64)

    without, lined = row("wall"), row(f"wall,{layer}")
    assert (without != lined).any()
    # colours differ between the pixels of a row and along it; what a line adds is no depth
    assert lined.std(axis=(0, 1)).mean() >= 0.9 * without.std(axis=(0, 1)).mean()
    is_line = (without != lined).any(axis=2)
    depth_shares = [lined[~is_line], lined[is_line]]
    variance = sum(len(part) * part.var(axis=0) for part in depth_shares) / is_line.size
    assert np.sqrt(variance).mean() >= 0.9 * without.std(axis=(0, 1)).mean()
