"""The panels of market features on the picture."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from spymaster.cli import cli
from spymaster.clock import TimeRange
from spymaster.plot import picture
from spymaster.plot.colours import BACKGROUND, BEST_ASK, BEST_BID, BUY, SELL, SPOT, TEXT, Colour
from spymaster.plot.picture_layout import Box, Layout
from spymaster.plot.read import open_reader
from spymaster.plot.requests import MARKET
from spymaster.plot.scene import Scene, make_scene
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support import plot_lake
from support.clock import NEW_YORK
from support.drawn_texts import assert_none_is_cut_or_covers_another, draw_texts
from support.plot_lake import COUNT, DAY, START, SYMBOL

SECONDS = NEW_YORK.time_range(DAY, dt.time(9, 30), dt.time(9, 30, COUNT))
SECOND_PX, TICK_PX = 60, 9
BAR_S = 5
INVALID, MISSING = 6, 3
# second -> spread, imbalance of the best level, of ten levels; all else has CALM
CALM = (1, 0.25, -0.5)
SPECIAL = {1: (2, -1.0, 1.0), 2: (0, 0.0, 0.0), INVALID: (None, None, None)}
# start of the bar -> order flow imbalance, volatility of 60 s and of 300 s; the last ends later
BARS = {0: (40, 1.0, None), 5: (None, None, None), 10: (-20, 2.0, 4.0)}
INVALID_BAR = 5
# a line is two pixels thick, and its middle lies at the value
CLOSE_PX = 2


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = plot_lake.write_lake(Lake(tmp_path_factory.mktemp("lake")))
    with duckdb.connect(str(lake.published)) as connection:
        write_features(connection)
        write_bars(connection)
    return lake


def write_features(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the seconds, and those of another contract."""
    connection.execute(
        "create table silver.market_features_1s (symbol varchar, dt date, "
        "window_start_ts timestamp, is_valid boolean, spread_ticks integer, "
        "book_imbalance_l1 double, book_imbalance_l10 double)"
    )
    for second in set(range(COUNT)) - {MISSING}:
        at = START + dt.timedelta(seconds=second)
        for symbol, values in ((SYMBOL, SPECIAL.get(second, CALM)), ("ESH6", (9, 1.0, 1.0))):
            connection.execute(
                "insert into silver.market_features_1s values (?, ?, ?, ?, ?, ?, ?)",
                [symbol, DAY, at, second != INVALID, *values],
            )


def write_bars(connection: duckdb.DuckDBPyConnection) -> None:
    """Write the bars, and those of another contract."""
    connection.execute(
        "create table silver.market_by_price_10_bar5s (symbol varchar, dt date, "
        "bar_start_ts timestamp, bar_end_ts timestamp, is_valid boolean, ofi_l1_sum bigint, "
        "rv_60s_ticks double, rv_300s_ticks double)"
    )
    for first, values in BARS.items():
        start, end = (START + dt.timedelta(seconds=first + more) for more in (0, BAR_S))
        for symbol, found in ((SYMBOL, values), ("ESH6", (999, 99.0, 99.0))):
            connection.execute(
                "insert into silver.market_by_price_10_bar5s values (?, ?, ?, ?, ?, ?, ?, ?)",
                [symbol, DAY, start, end, first != INVALID_BAR, *found],
            )


def scene_of(lake: Lake, seconds: TimeRange = SECONDS, symbol: str = SYMBOL) -> Scene:
    with open_reader(lake, symbol, seconds) as reader:
        return make_scene(
            reader, symbol, seconds, second_px=SECOND_PX, tick_px=TICK_PX, panels=[MARKET]
        )


@pytest.fixture(scope="module")
def scene(lake: Lake) -> Scene:
    return scene_of(lake)


@pytest.fixture(scope="module")
def drawn(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, Layout]:
    path = tmp_path_factory.mktemp("drawn") / "picture.png"
    layout = picture.draw_picture(scene, path)
    return pixels(path), layout


def pixels(path: Path) -> np.ndarray:
    """Return red, green and blue, (height, width, 3), the top row first."""
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def panel_of(drawn: tuple, name: str) -> tuple[np.ndarray, Box]:
    image, layout = drawn
    box = getattr(layout.market, name)
    top = layout.height - box.top
    return image[top : top + box.height, box.left : box.right], box


def column_of(drawn: tuple, name: str, second: int) -> np.ndarray:
    """Return the pixels in the middle of a second of a panel, from its top."""
    return panel_of(drawn, name)[0][:, second * SECOND_PX + SECOND_PX // 2]


def line_of(drawn: tuple, name: str, second: int, colour: Colour) -> float | None:
    """Return the middle of a line as pixels from the panel's bottom; None without a line."""
    column = column_of(drawn, name, second)
    [places] = np.nonzero((column == colour).all(axis=1))
    return None if not places.size else len(column) - places.mean() - 0.5


def is_hatched(drawn: tuple, name: str, second: int) -> bool:
    """Whether the top rows of a second, where no value is, have more than the background."""
    panel, _ = panel_of(drawn, name)
    return bool((panel[:8, second * SECOND_PX + 2 : (second + 1) * SECOND_PX] != BACKGROUND).any())


def test_seconds_and_bars_are_in_their_columns(scene: Scene) -> None:
    market = scene.market
    expected = [None if s == MISSING else SPECIAL.get(s, CALM)[0] for s in range(COUNT)]
    assert [None if np.isnan(v) else v for v in market.spread] == expected
    assert np.flatnonzero(market.invalid_seconds).tolist() == [INVALID]
    nan = np.nan
    np.testing.assert_equal(market.ofi, [40] * 5 + [nan] * 5 + [-20] * 2)
    np.testing.assert_equal(market.volatility_300s, [nan] * 10 + [4] * 2)
    assert np.flatnonzero(market.invalid_bars).tolist() == list(range(5, 10))
    assert (market.bar_s, market.bar_ends) == (BAR_S, (5, 10))
    assert scene.remarks == ()


def test_a_bar_that_began_before_the_picture_is_shown(lake: Lake) -> None:
    later = NEW_YORK.time_range(DAY, dt.time(9, 30, 2), dt.time(9, 30, COUNT))
    market = scene_of(lake, later).market
    np.testing.assert_equal(market.ofi, [40] * 3 + [np.nan] * 5 + [-20] * 2)
    assert market.bar_ends == (3, 8)


def test_spread_is_a_height_in_ticks(drawn: tuple) -> None:
    _, box = panel_of(drawn, "spread")
    # the panel ends a tick above the widest spread, of two
    for second, ticks in ((0, 1), (1, 2), (2, 0)):
        place = line_of(drawn, "spread", second, TEXT)
        assert place == pytest.approx(ticks / 3 * box.height, abs=CLOSE_PX)
    for second in (MISSING, INVALID):
        assert line_of(drawn, "spread", second, TEXT) is None


def test_order_flow_imbalance_has_the_colour_of_its_sign(drawn: tuple) -> None:
    sizes = {}
    for second, colour, is_up in ((2, BUY, True), (11, SELL, False)):
        column = column_of(drawn, "ofi", second)
        middle = len(column) // 2
        # the background shows through a bar
        [places] = np.nonzero(np.abs(column - colour).sum(axis=1) < 140)
        sizes[second] = len(places)
        assert ((places < middle) == is_up).all()
        # it begins at the middle
        assert abs(places[-1 if is_up else 0] - middle) <= 1
    assert sizes[2] == pytest.approx(2 * sizes[11], abs=CLOSE_PX)


def test_bars_are_parted_by_a_pixel(drawn: tuple) -> None:
    panel, box = panel_of(drawn, "ofi")
    row = panel[box.height // 2 - 2, : BAR_S * SECOND_PX]
    assert np.flatnonzero(np.abs(row - BUY).sum(axis=1) > 140).tolist() == [BAR_S * SECOND_PX - 1]


def test_book_imbalance_of_the_best_level_and_of_ten(drawn: tuple) -> None:
    _, box = panel_of(drawn, "imbalance")
    for second, imbalance in ((0, CALM[2]), (1, 1.0), (2, 0.0)):
        expected = (0.5 + imbalance / 2.12) * box.height
        place = line_of(drawn, "imbalance", second, TEXT)
        assert place == pytest.approx(expected, abs=CLOSE_PX)
    middle = box.height // 2
    bids, asks = (column_of(drawn, "imbalance", second) for second in (0, 1))
    for pixel, one, other in (
        (bids[middle - 4], BEST_BID, BEST_ASK),
        (asks[middle + 4], BEST_ASK, BEST_BID),
    ):
        fill = pixel - BACKGROUND
        likeness = [fill @ colour / np.linalg.norm(colour) for colour in (one, other)]
        assert likeness[0] > likeness[1] > 0


def test_volatility_is_a_height_in_ticks(drawn: tuple) -> None:
    _, box = panel_of(drawn, "volatility")
    for second, ticks, colour in ((2, 1, SPOT), (11, 2, SPOT), (11, 4, TEXT)):
        place = line_of(drawn, "volatility", second, colour)
        assert place == pytest.approx(ticks / 4.4 * box.height, abs=CLOSE_PX)
    assert line_of(drawn, "volatility", 2, TEXT) is None
    assert line_of(drawn, "volatility", 7, SPOT) is None


def test_what_is_not_valid_is_hatched(drawn: tuple) -> None:
    for name, invalid in (
        ("spread", [INVALID]),
        ("imbalance", [INVALID]),
        ("ofi", range(5, 10)),
        ("volatility", range(5, 10)),
    ):
        # the recording gap is hatched in seconds 9 and 10
        others = set(range(COUNT)) - {*invalid, 1, 9, 10}
        assert all(is_hatched(drawn, name, second) for second in invalid), name
        if name == "spread":
            assert not any(is_hatched(drawn, name, second) for second in others)


def test_panels_stand_below_the_delta_on_its_seconds(drawn: tuple) -> None:
    layout = drawn[1]
    market = layout.market
    boxes = [layout.delta, market.spread, market.ofi, market.imbalance, market.volatility]
    for above, below in pairwise(boxes):
        assert above.bottom > below.top
        assert (above.left, above.width) == (below.left, below.width)


def test_the_picture_above_is_the_same(drawn: tuple, scene: Scene, tmp_path: Path) -> None:
    """All but the time axis, which moves below the lowest panel."""
    image, layout = drawn
    without_path = tmp_path / "without.png"
    without = picture.draw_picture(replace(scene, market=None), without_path)
    assert without.market is None
    added = layout.height - without.height
    assert added == layout.delta.bottom - without.delta.bottom > 0
    rows = slice(0, without.height - without.delta.bottom)
    assert (pixels(without_path)[rows] == image[rows]).all()


def test_texts_are_whole(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extents, whole = draw_texts(scene, tmp_path / "a.png", monkeypatch)
    words = {name.split(" ", 1)[1] for name in extents}
    assert {"spread", "order flow imbalance", "book imbalance", "realised volatility"} <= words
    assert_none_is_cut_or_covers_another(extents, whole)


def test_all_unknown_is_an_empty_panel(scene: Scene, tmp_path: Path) -> None:
    unknown = np.full(COUNT, np.nan)
    names = ("spread", "imbalance_l1", "imbalance_l10", "ofi", "volatility_60s", "volatility_300s")
    market = replace(scene.market, **dict.fromkeys(names, unknown))
    layout = picture.draw_picture(replace(scene, market=market), tmp_path / "a.png")
    drawn = pixels(tmp_path / "a.png"), layout
    for name, colour in (("spread", TEXT), ("imbalance", TEXT), ("volatility", SPOT)):
        assert not (panel_of(drawn, name)[0] == colour).all(axis=2).any()


def test_a_picture_without_the_option_has_no_panel(lake: Lake) -> None:
    with open_reader(lake, SYMBOL, SECONDS) as reader:
        scene = make_scene(reader, SYMBOL, SECONDS)
    assert scene.market is None
    assert scene.remarks == ()


def plot(lake: Lake, path: Path, *arguments: str) -> tuple[str, str]:
    """Run the command and return what it prints as result and as remarks."""
    clock = ("--start", "09:30:00", "--end", "09:30:12")
    result = CliRunner().invoke(
        cli,
        ["plot", "--symbol", SYMBOL, "--dt", str(DAY), *clock, *arguments, "--out", str(path)],
        env={LAKE_VARIABLE: str(lake.root)},
    )
    assert result.exit_code == 0, result.output
    return result.stdout, result.stderr


def test_the_command_draws_them(lake: Lake, tmp_path: Path) -> None:
    plain, more = tmp_path / "plain.png", tmp_path / "more.png"
    assert plot(lake, plain)[1] == ""
    assert plot(lake, more, "--panels", "market")[1] == ""
    heights = [len(pixels(path)) for path in (plain, more)]
    assert heights[1] > heights[0] + 300


@pytest.mark.parametrize(
    ("relation", "change"),
    [
        ("silver.market_features_1s", "drop table {}"),
        ("silver.market_by_price_10_bar5s", "drop table {}"),
        ("silver.market_features_1s", "delete from {} where symbol = 'ESZ5'"),
        ("silver.market_by_price_10_bar5s", "delete from {} where symbol = 'ESZ5'"),
    ],
)
def test_a_missing_relation_is_a_remark_of_one_line(
    tmp_path: Path, relation: str, change: str
) -> None:
    lake = plot_lake.write_lake(Lake(tmp_path / "lake"))
    with duckdb.connect(str(lake.published)) as connection:
        write_features(connection)
        write_bars(connection)
        connection.execute(change.format(relation))
    path = tmp_path / "picture.png"
    result, remark = plot(lake, path, "--panels", "market")
    assert result.startswith(f"{path}: ESZ5")
    assert remark.startswith(f"no market panels: {relation} ")
    assert remark.count("\n") == 1
    assert "mbo or mbp-10" in remark
    plain = tmp_path / "plain.png"
    plot(lake, plain)
    assert path.read_bytes() == plain.read_bytes()
