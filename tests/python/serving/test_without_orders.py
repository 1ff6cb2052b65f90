"""Commands on a day without market by order say what is missing, why, and what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from spymaster.cli import cli
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support import lakes, mbp_lakes

MISSING = (
    "No market-by-order file is landed for {day}: single orders, pulls, depth beyond ten levels "
    "and the four conditions are not known. Land its .mbo.dbn files to see them."
)
COMPARED = (
    "Compared by market features of the ten best levels: no market-by-order file is landed for "
    "this day, so order flow at the level is not known."
)
THIS_DAY = MISSING.format(day="this day")
CONTRACT_DAY = ("--symbol", mbp_lakes.ES, "--dt", str(mbp_lakes.DAY))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    raw = mbp_lakes.write_raw(tmp_path_factory.mktemp("raw"))
    lake = mbp_lakes.landed(raw, tmp_path_factory.mktemp("lake"), "mbp-10")
    lakes.build_models(lake)
    return lake


def run(lake: Lake, *arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, env={LAKE_VARIABLE: str(lake.root), "COLUMNS": "300"})


def refusal(result: Result) -> str:
    assert isinstance(result.exception, SpymasterError)
    return str(result.exception)


def test_levels_come_without_orders(lake: Lake) -> None:
    result = run(lake, "levels", *CONTRACT_DAY)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[1] == THIS_DAY
    assert "not shown (no market-by-order file is landed for this day)" in result.stdout
    document = json.loads(run(lake, "levels", *CONTRACT_DAY, "--json").stdout)
    assert document["orders_missing"] == THIS_DAY
    assert document["levels"][0]["level_price_int"] > 0


def test_setups_compare_market_features(lake: Lake) -> None:
    asked = ("setups", *CONTRACT_DAY, "--level", "pm_high")
    result = run(lake, *asked)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert COMPARED in lines
    # a first day has no earlier one to compare with
    assert "No odds" in lines[lines.index(COMPARED) + 1]
    assert "the four conditions: not shown (they need market by order)" in lines
    assert json.loads(run(lake, *asked, "--json").stdout)["compared"] == COMPARED


def test_a_picture_shows_price_and_levels(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "day.png"
    times = ("--start", "09:29:00", "--end", "09:33:00")
    result = run(lake, "plot", *CONTRACT_DAY, *times, "--out", str(path))
    assert result.exit_code == 0, result.output
    assert path.stat().st_size > 10_000
    assert THIS_DAY in result.stderr.replace("\n", " ")
    assert THIS_DAY not in result.stdout


def test_there_are_no_orders_to_rebuild(lake: Lake) -> None:
    at = f"{mbp_lakes.DAY}T13:31:00"
    message = refusal(run(lake, "book", "--symbol", mbp_lakes.ES, "--at", at))
    assert "there are no orders to rebuild" in message
    assert THIS_DAY in message


def test_status_names_the_day(lake: Lake) -> None:
    sentence = MISSING.format(day=f"{mbp_lakes.ES} {mbp_lakes.DAY}")
    assert sentence in run(lake, "status").stdout.splitlines()
    assert json.loads(run(lake, "status", "--json").stdout)["orders_missing"] == sentence


def test_a_count_has_no_orders_behind_it(lake: Lake) -> None:
    value = ("--relation", "snap", "--column", "best_bid_price_int", "--at", "09:31:00")
    result = run(lake, "explain", *CONTRACT_DAY, *value)
    assert result.exit_code == 0, result.output
    assert f"records not shown: {THIS_DAY}" in " ".join(result.stdout.split())
