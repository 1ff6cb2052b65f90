"""A lake that an earlier version built lacks the newest settings: each command names the remedy.

``setups`` at a level and ``evaluate`` are asked where their lakes are made.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from spymaster.cli import cli
from spymaster.stream.reader import open_reader
from spymaster.stream.surfaces import COMPACT
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support import hud_lake, level_words_lake, retest_lake
from support.older_lakes import forget_setting


def refusal(lake: Lake, *arguments: str) -> str:
    """Return the one line that a command ends with."""
    result = CliRunner().invoke(cli, arguments, env={LAKE_VARIABLE: str(lake.root)})
    assert result.exit_code != 0
    assert isinstance(result.exception, SpymasterError), result.exception
    return str(result.exception)


def line(relation: str, name: str) -> str:
    return (
        f"{relation}: an earlier version of Spymaster built it, without the setting {name} "
        "(run `spymaster build`)"
    )


def test_levels(tmp_path: Path) -> None:
    lake = level_words_lake.write_lake(tmp_path / "lake")
    forget_setting(lake, "ease_difference_ratio")
    asked = ("levels", "--symbol", "ESZ5", "--dt", str(level_words_lake.DAY), "--at", "09:40:00")
    assert refusal(lake, *asked) == line("silver.word_settings", "ease_difference_ratio")


@pytest.mark.parametrize(
    ("relation", "name"),
    [
        ("gold.retrieval_settings", "retest_outcome_ticks"),
        ("silver.word_settings", "ladder_rung_points"),
    ],
)
def test_retests(tmp_path: Path, relation: str, name: str) -> None:
    lake = retest_lake.retest_lake(tmp_path / "lake", [retest_lake.event("10:00", "FAILS")])
    forget_setting(lake, name)
    asked = ("--symbol", retest_lake.SYMBOL, "--dt", str(retest_lake.DAY), "--level", "pm_high")
    assert refusal(lake, "setups", "--pattern", "retest", *asked) == line(relation, name)


@pytest.mark.parametrize("surface", ["turns", "scores"])
def test_serve(tmp_path: Path, surface: str) -> None:
    """The error that a client gets before the connection ends."""
    lake = hud_lake.write_lake(Lake(tmp_path / "lake"))
    forget_setting(lake, "condition_z")
    first = hud_lake.window_end_ns(2_000) // 10**9
    with open_reader(lake) as reader, pytest.raises(SpymasterError) as refused:
        of = reader.contract_day(hud_lake.SYMBOL, hud_lake.DAY)
        reader.read(surface, COMPACT, of, range(first, first + 60), 100)
    assert str(refused.value) == line("silver.word_settings", "condition_z")
