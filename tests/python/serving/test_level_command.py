"""`spymaster level`: own levels are written to levels.csv, and refused in one line."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from spymaster.cli import main
from spymaster_ingest.lake import LAKE_VARIABLE

FROM = ("--from", "2025-10-16T10:05:00 New York")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Any:
    """Run `spymaster level` in a new lake; return its exit status, and what it printed."""
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path / "lake"))
    monkeypatch.setenv("COLUMNS", "400")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["spymaster", "level", *arguments])
        try:
            main()
            status = 0
        except SystemExit as error:
            status = int(error.code or 0)
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    run.file = tmp_path / "lake" / "levels.csv"  # type: ignore[attr-defined]
    return run


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_level_is_added_listed_and_removed(run: Any) -> None:
    status, printed, _ = run(
        "add", "ESZ5", "weekly_low", "6712.250", *FROM, "--note", 'a, "quoted" note'
    )
    assert (status, printed.strip()) == (
        0,
        "own:weekly_low of ESZ5 at 6712.25 from 2025-10-16 14:05:00Z; the next build has it",
    )
    assert (
        run(
            "add",
            "ES",
            "weekly_low",
            "6700",
            "--from",
            "2025-10-16T14:05:00",
            "--until",
            "2025-10-17T14:05:00+02:00",
        )[0]
        == 0
    )
    assert rows(run.file) == [
        {
            "symbol_or_root": "ESZ5",
            "name": "weekly_low",
            "price": "6712.25",
            "known_from": "2025-10-16 14:05:00Z",
            "until": "",
            "note": 'a, "quoted" note',
        },
        {
            "symbol_or_root": "ES",
            "name": "weekly_low",
            "price": "6700",
            "known_from": "2025-10-16 14:05:00Z",
            "until": "2025-10-17 12:05:00Z",
            "note": "",
        },
    ]
    assert run("list")[1].splitlines() == [
        'own:weekly_low of ESZ5 at 6712.25 from 2025-10-16 14:05:00Z: a, "quoted" note',
        "own:weekly_low of ES at 6700 from 2025-10-16 14:05:00Z until 2025-10-17 12:05:00Z",
    ]
    assert run("remove", "ESZ5", "own:weekly_low")[0] == 0
    assert [row["symbol_or_root"] for row in rows(run.file)] == ["ES"]
    assert [path.name for path in run.file.parent.glob("*levels.csv*")] == ["levels.csv"]


def test_a_level_without_a_moment_is_known_from_now(run: Any) -> None:
    assert run("list")[1] == "no own levels (spymaster level add)\n"
    assert run("add", "NQ", "now", "20000")[0] == 0
    [row] = rows(run.file)
    assert row["known_from"] > "2026"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ESZ5", "it's", "6700"), "is no name"),
        (("ESZ5", 'a"b', "6700"), "is no name"),
        (("ESZ5", "a\nb", "6700"), "is no name"),
        (("ESZ5", "a" * 5_000, "6700"), "is no name"),
        (("ESZ5", "x'); drop table levels; --", "6700"), "is no name"),
        (("ESZ5", "", "6700"), "is no name"),
        (("ESZ5'", "a", "6700"), "is no contract or product"),
        (("ABCZ5", "a", "6700"), "is of no product"),
        (("ESZ5", "a", "6700.10"), "give 6700.00 or 6700.25"),
        (("ESZ5", "a", "nan"), "is no price"),
        (("ESZ5", "a", "1e12"), "is no price"),
        (("ESZ5", "a", "6,700"), "is no price"),
        (("ESZ5", "a", "6700", "--until", "2025-10-16T14:05:00"), "is not after"),
        (("ESZ5", "a", "6700", "--note", "two\nlines"), "is no text of one line"),
        (("ESZ5", "a", "6700", "--note", "a" * 201), "is no text of one line"),
    ],
)
def test_what_is_no_level_is_refused_in_one_line(
    run: Any, arguments: tuple[str, ...], words: str
) -> None:
    status, printed, error = run("add", *arguments, *FROM)
    assert (status, printed) == (1, "")
    assert error.count("\n") == 1
    assert words in error
    assert len(error) < 1_000
    assert not run.file.exists()


def test_a_name_counts_once(run: Any) -> None:
    assert run("add", "ESZ5", "shelf", "6700", *FROM)[0] == 0
    status, _, error = run("add", "ESZ5", "Shelf", "6701", *FROM)
    assert status == 1
    assert "spymaster level remove ESZ5 Shelf" in error
    assert run("remove", "ESZ5", "other")[0] == 1
    assert len(rows(run.file)) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,price\n", "does not begin with its columns"),
        ("symbol_or_root,name,price,known_from,until,note\nES,a\n", "line 2"),
    ],
)
def test_a_damaged_file_is_said_so(run: Any, text: str, words: str) -> None:
    assert run("add", "ESZ5", "shelf", "6700", *FROM)[0] == 0
    run.file.write_text(text, encoding="utf-8")
    status, _, error = run("list")
    assert status == 1
    assert words in error
    assert error.count("\n") == 1
