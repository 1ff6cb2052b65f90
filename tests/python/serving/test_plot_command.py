"""``spymaster plot`` on the command line."""

from __future__ import annotations

import struct
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from spymaster.cli import cli
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support import plot_lake

RANGE = ("--start", "09:30:00", "--end", "09:30:12")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return plot_lake.write_lake(Lake(tmp_path_factory.mktemp("lake")))


def plot(lake: Lake, out: Path, *arguments: str, symbol: str = plot_lake.SYMBOL) -> Result:
    return CliRunner().invoke(
        cli,
        ["plot", "--symbol", symbol, "--dt", str(plot_lake.DAY), *arguments, "--out", str(out)],
        env={LAKE_VARIABLE: str(lake.root)},
    )


def png_size(path: Path) -> tuple[int, int]:
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", content[16:24])


def test_writes_a_picture_and_prints_its_path(lake: Lake, tmp_path: Path) -> None:
    out = tmp_path / "new" / "picture.png"
    result = plot(lake, out, *RANGE)
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{out}: ESZ5 2025-10-01 09:30:00 to 09:30:12 New York\n"
    width, height = png_size(out)
    # twelve seconds, the number of pixels of each closest to 1300 / 12
    assert width > 12 * 108
    assert height > 600
    assert [path.name for path in out.parent.iterdir()] == ["picture.png"]
    before = out.read_bytes()
    assert plot(lake, out, *RANGE).exit_code == 0
    assert out.read_bytes() == before


def test_pixels_can_be_chosen(lake: Lake, tmp_path: Path) -> None:
    sizes = []
    for second_px, tick_px in ((100, 9), (101, 9), (100, 10)):
        options = ("--second-pixels", str(second_px), "--tick-pixels", str(tick_px))
        assert plot(lake, tmp_path / "a.png", *RANGE, "--ticks", "20", *options).exit_code == 0
        sizes.append(png_size(tmp_path / "a.png"))
    (width, height), wider, higher = sizes
    assert wider == (width + plot_lake.COUNT, height)
    assert higher == (width, height + 41)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--start", "09:45:00", "--end", "09:30:00"), "is not after --start 09:45:00"),
        (("--start", "09:30:00", "--end", "09:30:00"), "is not after"),
        (("--start", "11:00:00", "--end", "11:10:00"), "no second in this range"),
        (("--start", "03:00:00", "--end", "09:30:00"), "23,400 cells of 1 px are more than"),
        ((*RANGE, "--second-pixels", "5000"), "--second-pixels: 12 cells of 5000 px"),
        ((*RANGE, "--tick-pixels", "5000"), "--tick-pixels:"),
        ((*RANGE, "--ticks", "100000"), "--ticks: 200,001 cells"),
        (("--start", "09:30:07", "--end", "09:30:08"), "no second of this range has a spot price"),
    ],
)
def test_impossible_pictures_are_errors_of_one_line(
    lake: Lake, tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    assert reason in refusal(plot(lake, tmp_path / "picture.png", *arguments))
    assert not (tmp_path / "picture.png").exists()


def test_partition_that_is_not_there(lake: Lake, tmp_path: Path) -> None:
    out = tmp_path / "picture.png"
    refused = refusal(plot(lake, out, *RANGE, symbol="NQZ5"))
    assert refused.startswith("NQZ5 2025-10-01: there is no such partition")
    # the later of two options counts
    refused = refusal(plot(lake, out, *RANGE, "--dt", "2025-10-02"))
    assert refused == "ESZ5 2025-10-02: there is no such partition (there is 2025-10-01)"


@pytest.mark.parametrize("name", ["picture.jpg", "picture"])
def test_only_png_is_written(lake: Lake, tmp_path: Path, name: str) -> None:
    assert "not the name of a PNG" in refusal(plot(lake, tmp_path / name, *RANGE))


def test_a_path_that_cannot_be_written(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "cannot be written" in refusal(plot(lake, tmp_path / "file" / "a.png", *RANGE))


def test_nothing_published(tmp_path: Path) -> None:
    assert "nothing is published yet" in refusal(plot(Lake(tmp_path), tmp_path / "a.png", *RANGE))


def test_lake_of_an_older_version(tmp_path: Path) -> None:
    lake = plot_lake.write_lake(Lake(tmp_path / "lake"))
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute("drop table silver.wall_surface_1s")
    refused = refusal(plot(lake, tmp_path / "a.png", *RANGE))
    assert refused.startswith("silver.wall_surface_1s: is not in this lake")
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute("create table silver.wall_surface_1s (symbol varchar)")
    assert "cannot be read" in refusal(plot(lake, tmp_path / "a.png", *RANGE))


def test_landed_but_not_built(tmp_path: Path) -> None:
    lake = plot_lake.write_lake(Lake(tmp_path / "lake"))
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute("delete from silver.book_snapshot_1s")
    assert "is landed but not built" in refusal(plot(lake, tmp_path / "a.png", *RANGE))


def test_help_explains_dt(lake: Lake) -> None:
    result = CliRunner().invoke(cli, ["plot", "--help"])
    assert result.exit_code == 0
    text = " ".join(result.output.split())
    assert "UTC date of the partition" in text
    assert "the lake's local time" in text
    assert "[%Y" not in text
    assert "plot" in CliRunner().invoke(cli, ["--help"]).output


@pytest.mark.parametrize("clock", ["9h30", "24:00:00", "09:30:00.5"])
def test_an_invalid_time_is_refused(lake: Lake, tmp_path: Path, clock: str) -> None:
    result = plot(lake, tmp_path / "a.png", "--start", clock, "--end", "10:00:00")
    assert result.exit_code == 2
    assert clock in result.output


def refusal(result: Result) -> str:
    assert isinstance(result.exception, SpymasterError), result.output
    assert "\n" not in str(result.exception)
    return str(result.exception)
