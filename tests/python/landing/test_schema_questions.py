"""What each landed schema answers: one seed, read by landing and status."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from spymaster.cli import cli
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_ingest.landing.schema_questions import (
    SCHEMA_QUESTIONS_SEED,
    question_lines,
    read_schema_questions,
)
from spymaster_ingest.landing.table_schemas import SCHEMAS
from support import lakes
from support.dbn_files import bars, bbo, mbo, mbp, plain

MBP_10 = (
    "mbp-10 in bronze.market_by_price_10: levels, approaches, episodes and their labels, "
    "two-minute setups, market features and vectors of ten levels, the four conditions net of what "
    "arrived, breaks and retests, odds from market features and the net conditions where no "
    "contract-day of the product has mbo. Not shown from it: orders added, pulled and re-priced, "
    "depth beyond ten levels, level vectors (they need mbo)."
)


def call(*arguments: str | Path) -> list[str]:
    """Return the lines that a command prints."""
    done = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path / "lake"))
    return Lake(tmp_path / "lake")


def test_the_seed_has_every_schema_that_lands() -> None:
    landed = [
        (landing.schema, table.relation) for landing in SCHEMAS.values() for table in landing.tables
    ]
    questions = read_schema_questions()
    assert sorted((row.schema, row.relation) for row in questions) == sorted(landed)


def test_what_is_missing_names_other_schemas_that_land() -> None:
    named = {
        (row.schema, word)
        for row in read_schema_questions()
        for needs in re.findall(r"\((?:they|it) needs? ([^)]+)\)", row.lacks)
        for word in re.split(r", or |, | or ", needs)
    }
    assert {word for _, word in named} <= {*SCHEMAS, "bbo", "files of options"}
    assert ("mbp-10", "mbo") in named
    assert not [schema for schema, word in named if schema == word]


def test_land_prints_a_line_per_schema(lake: Lake, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    plain(raw / "a.dbn", mbp(9))
    plain(raw / "b.dbn", bars(9))
    lines = call("land", "--allow-missing-definitions", raw)
    assert [line.split(" ")[0] for line in lines[:2]] == [
        "bronze.market_by_price_10",
        "bronze.future_ohlcv_1s",
    ]
    assert lines[2:] == [
        MBP_10,
        "ohlcv-1s in bronze.future_ohlcv_1s: bars of one second to query in bronze. Not shown from "
        "it: levels, depth and odds (they need mbo, or mbp-10).",
    ]


def test_land_is_silent_about_what_it_leaves(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbp(9))
    call("land", "--allow-missing-definitions", path)
    (line,) = call("land", "--allow-missing-definitions", path)
    assert line.startswith("bronze.market_by_price_10 ESH4 2024-03-05 9 rows unchanged")


def test_quotes_of_futures_print_what_quotes_of_futures_give(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", bbo(9))
    _, line = call("land", "--allow-missing-definitions", path)
    assert line.startswith("bbo-1s in bronze.future_bbo: best quotes by the second")


def test_trades_with_quotes_say_that_the_quotes_are_left_out(lake: Lake, tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbp(9, levels=1, action=b"T"), "tbbo")
    _, line = call("land", "--allow-missing-definitions", path)
    assert "Not shown from it: the quotes before each trade, which landing leaves out" in line


def test_status_names_the_days_without_orders(lake: Lake, tmp_path: Path) -> None:
    call("land", "--allow-missing-definitions", plain(tmp_path / "a.dbn", mbp(9)))
    lines = call("status")
    at = lines.index("1 contract-day without mbo:")
    assert lines[at + 1] == f"  {MBP_10}"
    call("land", "--allow-missing-definitions", plain(tmp_path / "b.dbn", mbo(9)))
    assert not [line for line in call("status") if "without mbo" in line or "Not shown" in line]


def test_the_seed_can_be_queried(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lake.make_root()
    lakes.build(lake, "--select", "schema_questions")
    rows = lakes.ask(lake, "select schema, relation, gives, lacks from reference.schema_questions")
    assert sorted(rows) == sorted(
        (row.schema, row.relation, row.gives, row.lacks) for row in read_schema_questions()
    )


def test_a_damaged_seed_is_one_clear_error(tmp_path: Path) -> None:
    seed = tmp_path / "schema_questions.csv"
    with pytest.raises(SpymasterError, match="the schema_questions seed cannot be read"):
        read_schema_questions(seed)
    header, *rows = SCHEMA_QUESTIONS_SEED.read_text(encoding="utf-8").splitlines()
    seed.write_text("\n".join([f"{header},more", *rows]), encoding="utf-8")
    with pytest.raises(SpymasterError, match="the schema_questions seed cannot be read"):
        read_schema_questions(seed)
    assert question_lines(set()) == []
