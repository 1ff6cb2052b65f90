"""``spymaster hud`` on the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from spymaster.cli import cli
from spymaster.hud import render_hud
from spymaster.hud.frame import size_of
from spymaster.hud.render import Look
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support import hud_lake

SMALL = ("--seconds", "60", "--ticks", "30")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return hud_lake.write_lake(Lake(tmp_path_factory.mktemp("lake")), count=900)


def hud(lake: Lake, out: Path, *arguments: str, symbol: str = hud_lake.SYMBOL) -> Result:
    return CliRunner().invoke(
        cli,
        ["hud", "--symbol", symbol, "--dt", str(hud_lake.DAY), *arguments, "--out", str(out)],
        env={LAKE_VARIABLE: str(lake.root)},
    )


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def test_writes_a_picture_and_prints_its_moment(lake: Lake, tmp_path: Path) -> None:
    out = tmp_path / "new" / "now.png"
    result = hud(lake, out, *SMALL, "--end", "09:40:00")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{out}: ESZ5 2025-10-01 09:40:00 New York\n"
    assert [path.name for path in out.parent.iterdir()] == ["now.png"]


def test_cells_of_the_axes_are_those_without(lake: Lake, tmp_path: Path) -> None:
    options = (*SMALL, "--end", "09:40:00", "--second-pixels", "4", "--tick-pixels", "5")
    assert hud(lake, tmp_path / "axes.png", *options, "--no-card").exit_code == 0
    assert hud(lake, tmp_path / "cells.png", *options, "--no-axes").exit_code == 0
    whole, cells = pixels(tmp_path / "axes.png"), pixels(tmp_path / "cells.png")
    # 60 seconds and 10 of the future, 61 prices, 20 rows of each of three strips
    assert cells.shape == (61 * 5 + 3 * 20 * 2, 70 * 4, 3)
    inner = whole[44:-50, 86:-22]
    np.testing.assert_array_equal(inner, cells)
    # the names of times and prices
    assert len(np.unique(whole[-50:].reshape(-1, 3), axis=0)) > 10
    assert len(np.unique(whole[:, :86].reshape(-1, 3), axis=0)) > 10


def test_a_card_stands_at_the_right_and_leaves_the_picture_as_it_is(
    lake: Lake, tmp_path: Path
) -> None:
    options = (*SMALL, "--end", "09:40:00", "--second-pixels", "4", "--tick-pixels", "5")
    assert hud(lake, tmp_path / "card.png", *options).exit_code == 0
    assert hud(lake, tmp_path / "plain.png", *options, "--no-card").exit_code == 0
    with_card, plain = pixels(tmp_path / "card.png"), pixels(tmp_path / "plain.png")
    height, width, _ = plain.shape
    # letters may lie a part of a pixel elsewhere, cells may not
    cells = slice(44, height - 50), slice(86, width - 22)
    np.testing.assert_array_equal(with_card[cells], plain[cells])
    assert with_card.shape == (720, width + 600, 3)
    assert len(np.unique(with_card[:, width:].reshape(-1, 3), axis=0)) > 10
    # bare cells have a card only on demand
    bare = (*options, "--no-axes")
    assert hud(lake, tmp_path / "bare.png", *bare).exit_code == 0
    assert hud(lake, tmp_path / "both.png", *bare, "--card").exit_code == 0
    bare_cells, both = pixels(tmp_path / "bare.png"), pixels(tmp_path / "both.png")
    height, width, _ = bare_cells.shape
    np.testing.assert_array_equal(both[:height, :width], bare_cells)
    assert both.shape == (720, width + 600, 3)


def test_the_level_of_the_card_is_chosen(lake: Lake, tmp_path: Path) -> None:
    options = (*SMALL, "--end", "09:40:00", "--no-axes", "--card")
    pictures = []
    for arguments in ((), ("--level", "pm_high")):
        assert hud(lake, tmp_path / "now.png", *options, *arguments).exit_code == 0
        pictures.append(pixels(tmp_path / "now.png"))
    assert not np.array_equal(*pictures)
    result = hud(lake, tmp_path / "new.png", *options, "--level", "pm_highest")
    assert str(result.exception).startswith("pm_highest: is no level")
    assert not (tmp_path / "new.png").exists()


def test_newest_second_is_the_end_of_the_day_by_default(lake: Lake, tmp_path: Path) -> None:
    result = hud(lake, tmp_path / "now.png", *SMALL)
    assert "2025-10-01 09:45:00 New York" in result.stdout


def test_theme_and_layers_are_chosen(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "now.png"
    options = (*SMALL, "--no-axes", "--theme", "light", "--layers", "wall,spot")
    assert hud(lake, path, *options).exit_code == 0
    look = Look(size_of(60, 30), "light", ("wall", "spot"))
    render_hud(hud_lake.SYMBOL, hud_lake.DAY, None, tmp_path / "b.png", lake=lake, look=look)
    assert path.read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--layers", "wall,walls"), "'walls' is not one of physics, wall, gex"),
        (("--theme", "grey"), "'grey' is not one of 'dark', 'light'"),
        (("--end", "9:4"), "is not a time"),
        (("--seconds", "1801"), "1801 is not in the range"),
        (("--no-card", "--level", "pm_high"), "--level is about the card: add --card"),
        (("--no-axes", "--level", "pm_high"), "--level is about the card: add --card"),
    ],
)
def test_bad_options_are_refused(
    lake: Lake, tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    result = hud(lake, tmp_path / "now.png", *arguments)
    assert result.exit_code == 2
    assert reason in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("clock", ["09:30:00", "09:45:01"])
def test_end_outside_of_the_day_is_refused(lake: Lake, tmp_path: Path, clock: str) -> None:
    result = hud(lake, tmp_path / "now.png", "--end", clock)
    assert isinstance(result.exception, SpymasterError)
    assert str(result.exception) == (
        f"ESZ5 2025-10-01: has no window that ends at 2025-10-01 {clock} (its windows end at "
        "2025-10-01 09:30:01 to 2025-10-01 09:45:00 New York)"
    )


def test_contract_that_is_not_built_is_named(lake: Lake, tmp_path: Path) -> None:
    result = hud(lake, tmp_path / "now.png", symbol="NQZ5")
    assert isinstance(result.exception, SpymasterError)
    assert "NQZ5 2025-10-01" in str(result.exception)


def test_only_png_is_written(lake: Lake, tmp_path: Path) -> None:
    result = hud(lake, tmp_path / "now.jpg", *SMALL)
    assert "end it with .png" in str(result.exception)


def test_seconds_without_spot_have_no_picture(tmp_path: Path) -> None:
    lake = hud_lake.write_lake(Lake(tmp_path / "lake"), count=hud_lake.NO_SPOT + 1)
    result = hud(lake, tmp_path / "now.png", "--seconds", "1")
    assert "none of its seconds has a spot price" in str(result.exception)
