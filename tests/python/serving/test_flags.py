"""``flags`` counts what the vendor's client counts."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import databento
import pytest
from click.testing import CliRunner
from spymaster.commands.flags import command
from spymaster_ingest.dbn.census import take_census
from spymaster_ingest.errors import SpymasterError
from support.dbn_files import definition, definitions, mbo, plain

FILES = (
    "es_mbo/esh4-glbx-mdp3-20231225.mbo.dbn.zst",
    "es_mbo/esm4-glbx-mdp3-20240508-first-2s.mbo.dbn.zst",
    "es_trades_rth/esm4-glbx-mdp3-20240610-1430-1435.trades.dbn.zst",
)


@pytest.mark.parametrize("name", FILES)
def test_counts_equal_the_vendors(shared_data: Path, name: str) -> None:
    records = databento.DBNStore.from_file(shared_data / name).to_ndarray()
    census = take_census(shared_data / name, chunk_records=10_000).as_json()
    assert census["records"] == len(records)
    letters = {
        field: dict(Counter(letter.decode() for letter in records[field].tolist()))
        for field in ("action", "side")
    }
    assert census["actions"] == letters["action"]
    assert census["sides"] == letters["side"]
    pairs = Counter(zip(records["flags"].tolist(), records["action"].tolist(), strict=True))
    assert {
        (entry["flags"], action.encode()): count
        for entry in census["flags"]
        for action, count in entry["actions"].items()
    } == dict(pairs)
    assert census["first_ts_recv"] == str(records["ts_recv"].min().astype("datetime64[ns]"))
    assert census["last_ts_recv"] == str(records["ts_recv"].max().astype("datetime64[ns]"))
    assert sum(symbol["records"] for symbol in census["symbols"]) == len(records)


def test_christmas_2023(shared_data: Path) -> None:
    result = CliRunner().invoke(command, ["--json", str(shared_data / FILES[0])])
    assert result.exit_code == 0
    census = json.loads(result.output)
    assert {entry["flags"]: entry["records"] for entry in census["flags"]} == {
        130: 47_021, 0: 13_045, 40: 8_725, 128: 1,
    }  # fmt: skip
    assert census["flags"][2]["meaning"] == "snapshot + bad_ts_recv"
    assert census["symbols"] == [{"instrument_id": 17077, "symbol": "ESH4", "records": 68_792}]


def test_table(shared_data: Path) -> None:
    result = CliRunner().invoke(command, [str(shared_data / FILES[0])])
    assert result.exit_code == 0
    assert "GLBX.MDP3 mbo, DBN version 1, 68,792 records" in result.output
    assert "instrument 17077 (ESH4): 68,792 records" in result.output
    totals = result.output.splitlines()[-2]
    assert [word for word in totals.split() if word[0].isdigit()] == [
        "29,216", "17,999", "6,371", "12,233", "2,973", "68,792",
    ]  # fmt: skip


def test_unknown_values_are_shown_not_refused(tmp_path: Path) -> None:
    path = plain(tmp_path / "a.dbn", mbo(4, flags=[1, 168, 0, 0], instrument_id=[1, 2, 2, 2]))
    census = take_census(path).as_json()
    assert {entry["flags"]: entry["meaning"] for entry in census["flags"]} == {
        0: "none",
        1: "unknown(1)",
        168: "last + snapshot + bad_ts_recv",
    }
    assert [symbol["symbol"] for symbol in census["symbols"]] == ["", ""]


def test_definitions_have_no_flags(tmp_path: Path) -> None:
    path = definitions(tmp_path / "d.dbn", definition(1, "ESH4"))
    with pytest.raises(SpymasterError, match="definition records have no action and flags"):
        take_census(path)
