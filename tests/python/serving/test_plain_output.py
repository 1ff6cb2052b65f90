"""Nothing that a user, a file name or a file says acts on the terminal, or fills it."""

from __future__ import annotations

import io
import re
import sys
import unicodedata
from pathlib import Path

import pytest
from rich.table import Table
from spymaster.cli import main
from spymaster_ingest.console import PlainConsole
from spymaster_ingest.errors import SpymasterError, as_one_line
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_ingest.plain_text import LONGEST, plain, shortened
from support.publish_lake import built_lake

# sets the title of a window, clears the screen, turns the direction of writing, hides, ends a line
ACTING = "\x1b]0;owned\x07\x1b[2J\u202e\u2066\u200b\x9b31m\x7f\u2028\udcff"
NAME = f"x{ACTING}y"
LONG = "z" * 5_000


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    lake = built_lake(tmp_path)
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    monkeypatch.chdir(tmp_path)
    return lake


def assert_plain(text: str) -> None:
    acting = {letter for letter in text if unicodedata.category(letter)[0] in "CZ"} - set("\n\t ")
    assert acting == set()


COMMANDS = {
    "levels --symbol": ["levels", "--symbol", "{}", "--dt", "2025-10-01", "--at", "09:31:00"],
    "levels --dt": ["levels", "--symbol", "ES", "--dt", "{}", "--at", "09:31:00"],
    "levels --at": ["levels", "--symbol", "ES", "--dt", "2025-10-01", "--at", "{}"],
    "setups --level": ["setups", "--symbol", "ES", "--dt", "2025-10-01", "--level", "{}"],
    "setups --horizon": ["setups", "--symbol", "ES", "--dt", "2025-10-01", "--horizon", "{}"],
    "plot --symbol": ["plot", "--symbol", "{}", "--dt", "2025-10-01", "--out", "a.png"],
    "catalogue --symbol": ["catalogue", "--symbol", "{}"],
    "evaluate --horizon": ["evaluate", "--horizon", "{}"],
    "evaluate --root": ["evaluate", "--root", "{}"],
    "generate --root": ["generate", "--root", "{}", "--out", "out"],
    "generate --schemas": ["generate", "--schemas", "{}", "--out", "out"],
    "generate --start-date": ["generate", "--start-date", "{}", "--out", "out"],
    "compare": ["compare", "{}", "{}"],
    "flags": ["flags", "{}"],
    "land": ["land", "{}"],
    "build --vars": ["build", "--vars", "{}"],
    "build --vars name": ["build", "--vars", '{{"{}": 1}}'],
    "an unknown option": ["levels", "--{}"],
    "an unknown command": ["{}"],
}


@pytest.mark.parametrize("value", [NAME, LONG], ids=["acting", "long"])
@pytest.mark.parametrize("command", COMMANDS)
def test_what_a_user_types_comes_back_plain_and_short(
    command: str, value: str, lake: Lake, monkeypatch, capsys
) -> None:
    arguments = [argument.replace("{}", value) for argument in COMMANDS[command]]
    monkeypatch.setattr(sys, "argv", ["spymaster", *arguments])
    with pytest.raises(SystemExit) as exit_status:
        main()
    assert exit_status.value.code in (1, 2)
    printed = capsys.readouterr()
    assert_plain(printed.out + printed.err)
    assert len(printed.out + printed.err) < 2_000


def test_names_of_files_are_plain(lake: Lake, tmp_path: Path, monkeypatch, capsys) -> None:
    for name in ("\x1b]0;owned\x07a.dbn", "\u202eb.dbn"):
        (tmp_path / "raw").mkdir(exist_ok=True)
        (tmp_path / "raw" / name).write_bytes(b"")
    monkeypatch.setattr(sys, "argv", ["spymaster", "land", str(tmp_path / "raw")])
    with pytest.raises(SystemExit):
        main()
    error = capsys.readouterr().err
    assert_plain(error)
    assert "\\x1b]0;owned\\x07a.dbn" in error
    assert "\\u202eb.dbn" in error


def test_tables_and_lines_are_plain_and_keep_their_colours() -> None:
    console = PlainConsole(file=io.StringIO(), force_terminal=True, color_system="standard")
    table = Table(title=NAME)
    table.add_column(NAME)
    table.add_row(NAME)
    console.print(table, NAME, markup=False)
    console.print("red", style="red")
    written = console.file.getvalue()
    assert "\x1b[31mred\x1b[0m" in written
    # the styles of the console
    written = re.sub(r"\x1b\[[0-9;]*m", "", written)
    assert_plain(written)


def test_an_error_is_plain_and_keeps_its_remedy() -> None:
    error = SpymasterError(NAME, f"{LONG} is too long", "shorten it")
    assert_plain(str(error))
    assert str(error).endswith("z is too long (shorten it)")
    assert len(str(error)) < 2 * LONGEST
    assert_plain(as_one_line(FileNotFoundError(2, NAME, NAME)) or "")


def test_letters_of_any_language_stay() -> None:
    for text in ("über 中文 עברית ½ 🙂", "a\tb\nc"):
        assert plain(text) == text
    assert shortened("a" * LONGEST) == "a" * LONGEST
    assert len(shortened("a" * (LONGEST + 1))) == LONGEST
