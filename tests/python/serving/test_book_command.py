"""``spymaster book`` on a landed real day."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from spymaster.cli import cli
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_ingest.landing import land
from support.known_day import FILE


@pytest.fixture(scope="module")
def lake(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    assert land([shared_data / FILE], lake, allow_missing_definitions=True).ok
    return lake


@pytest.fixture(scope="module")
def known(shared_data: Path) -> dict:
    return json.loads((shared_data / "known_answers.json").read_text())["esh4_20231225"]


def book(lake: Lake, *arguments: str) -> Result:
    return CliRunner().invoke(
        cli, ["book", "--symbol", "ESH4", *arguments], env={LAKE_VARIABLE: str(lake.root)}
    )


def levels(result: Result, side: str) -> list[list[int]]:
    assert result.exit_code == 0, result.output
    rows = [row for row in json.loads(result.stdout)["levels"] if row["side"] == side]
    return [[row["price_int"], row["qty"], row["orders"]] for row in rows]


def test_last_moment_gives_the_known_ladder(lake: Lake, known: dict) -> None:
    result = book(lake, "--at", "2023-12-25T23:59:59.999999", "--depth", "10", "--json")
    assert levels(result, "B") == known["bids_top10"]
    assert levels(result, "A")[::-1] == known["asks_top10"]


def test_quiet_moment_gives_the_quotes_of_the_minute(lake: Lake, known: dict) -> None:
    # before the open nothing is under way between event and capture at a full minute
    minute_ns, (bid, ask) = next(iter(known["bbo_at_minute_ts_recv"].items()))
    assert minute_ns == "1703543400000000000"
    for at in (
        "2023-12-25T22:30:00",
        "2023-12-25 22:30 UTC",
        "2023-12-25T17:30:00-05:00",
        "2023-12-25T17:30:00 New York",
        "2023-12-25T16:30:00 America/Chicago",
    ):
        result = book(lake, "--at", at, "--depth", "1", "--json")
        assert levels(result, "B") == [bid]
        assert levels(result, "A") == [ask]


def test_table_has_asks_above_bids(lake: Lake) -> None:
    result = book(lake, "--at", "2023-12-25T23:59:59.999999", "--depth", "2")
    prices = [line.split("│")[3].strip() for line in result.output.splitlines() if "│" in line]
    assert prices == ["4810.5", "4810.25", "4810", "4809.75"]


def test_the_title_names_both_clocks(lake: Lake) -> None:
    title, *_ = book(lake, "--at", "2023-12-25T17:30:00 New York").output.splitlines()
    assert title.strip() == "ESH4 2023-12-25 22:30:00 UTC, 2023-12-25 17:30:00 New York"


def test_midnight_gives_the_snapshot(lake: Lake) -> None:
    result = book(lake, "--at", "2023-12-25T00:00:00")
    assert result.exit_code == 0
    assert "4799" in result.output


@pytest.mark.parametrize(
    ("symbol", "at", "reason"),
    [("ESH4", "2023-12-26T01:00:00", "no market-by-order records"), ("../x", "2023-12-25", "path")],
)
def test_a_day_that_is_not_landed_is_an_error(
    lake: Lake, symbol: str, at: str, reason: str
) -> None:
    result = CliRunner().invoke(
        cli, ["book", "--symbol", symbol, "--at", at], env={LAKE_VARIABLE: str(lake.root)}
    )
    assert isinstance(result.exception, SpymasterError)
    assert reason in str(result.exception)


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        ("noon", "'noon' is not a time such as 2025-10-01T13:45:00"),
        ("2023-12-25T17:30:00 Nowhere", "'2023-12-25T17:30:00 Nowhere' is not a time such as"),
        ("2023-12-25T17:30-05:00 New York", "has both an offset and a zone"),
        ("2023-03-12T02:30:00 New York", "clocks of New York skip 2023-03-12T02:30:00"),
        ("9999-12-31T23:59:59 New York", "lies outside the calendar"),
    ],
)
def test_an_invalid_time_is_refused(at: str, reason: str) -> None:
    done = CliRunner().invoke(cli, ["book", "--symbol", "ESH4", "--at", at])
    assert done.exit_code == 2
    assert reason in done.output
