"""Files of the synthetic market have names, dates and layouts that the vendor's client reads."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path

import databento
import numpy as np
import pytest
from click.testing import CliRunner
from spymaster.commands.generate import command
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import (
    SCHEMAS,
    SessionPlan,
    SyntheticMarket,
    contracts_of,
    generate_day,
    load_product,
    raw_path,
    trading_days,
    write_day,
    write_days,
)
from spymaster_ingest.synthetic.options.chain import option_chain
from spymaster_ingest.synthetic.schedule import pace_of
from spymaster_ingest.synthetic.truth_files import OPTION_TABLES, TABLES
from support.synthetic_book import DAY, ES, SHORT, replay

# two outrights, their spread, the options, and the two legs of a spread of options
DEFINED = 3 + len(option_chain(SyntheticMarket(ES), DAY).options) + 2


def test_command_writes_the_same_bytes_again_and_the_vendor_reads_them(tmp_path: Path) -> None:
    options = ["--seed", "3", "--days", "2", "--start-date", "2025-10-31", "--hours", "0.02"]
    runs = []
    for name in ("one", "two"):
        result = CliRunner().invoke(command, [*options, "--out", str(tmp_path / name)])
        assert result.exit_code == 0, result.output
        files = sorted(p for p in (tmp_path / name).rglob("*") if p.is_file())
        runs.append(
            (result.output, {p.relative_to(tmp_path / name): p.read_bytes() for p in files})
        )
    assert runs[0] == runs[1]
    assert "content hash " in runs[0][0]
    folder = "source=databento/product_type=future/symbol=ES"
    paths = sorted(str(path) for path in runs[0][1])
    assert {path.split("/")[1] for path in paths if path.startswith("truth/")} == set(TABLES)
    assert [path for path in paths if path.startswith("source=")] == [
        f"{folder}/table={schema}/synthetic-glbx-mdp3-{date}.{schema}.dbn.zst"
        for schema in ("definition", "mbo", "trades")
        for date in ("20251031", "20251103")
    ]
    market = SyntheticMarket(load_product("ES"), 3, SessionPlan(hours=0.02))
    for date in (dt.date(2025, 10, 31), dt.date(2025, 11, 3)):
        paths = {
            s: raw_path(tmp_path / "one", "ES", s, date) for s in ("mbo", "trades", "definition")
        }
        stores = {s: databento.DBNStore.from_file(path) for s, path in paths.items()}
        for schema, path in paths.items():
            assert path.read_bytes()[4] & 0b100, "no checksum in the zstd frame"
            assert stores[schema].metadata.version == 3
            assert stores[schema].schema == schema
        mbo, trades = stores["mbo"].to_ndarray(), stores["trades"].to_ndarray()
        assert np.array_equal(mbo, generate_day(market, date))
        prints = mbo[mbo["action"] == b"T"]
        assert trades.size == prints.size > 1_000
        for name in set(trades.dtype.names) - {"length", "rtype", "depth"}:
            assert np.array_equal(trades[name], prints[name]), name
        symbol = contracts_of(ES, date)["front"].symbol
        assert stores["mbo"].symbols == [symbol] == ["ESZ5"]
        definitions = list(stores["definition"])
        assert definitions[0].instrument_id == mbo["instrument_id"][0]
        mapped = stores["mbo"].mappings["ESZ5"][0]
        assert mapped["symbol"] == str(definitions[0].instrument_id)


def test_command_prints_json_and_only_the_schemas_asked_for(tmp_path: Path) -> None:
    options = ["--hours", "0.01", "--schemas", "definition", "--json", "--out", str(tmp_path)]
    result = CliRunner().invoke(command, options)
    assert result.exit_code == 0, result.output
    printed = json.loads(result.output)
    (file,) = printed["files"]
    assert (file["schema"], file["records"]) == ("definition", DEFINED)
    assert len(printed["content_hash"]) == 64
    assert [p.name for p in tmp_path.rglob("*.zst")] == [Path(file["path"]).name]
    assert {row["quantity"] for row in printed["report"]} >= {"C / T", "share of A, %"}


def test_definitions_carry_the_terms_of_the_contracts(tmp_path: Path) -> None:
    write_day(SyntheticMarket(ES, plan=SHORT), DAY, tmp_path, schemas=("definition",))
    store = databento.DBNStore.from_file(raw_path(tmp_path, "ES", "definition", DAY))
    front, following, spread = list(store)[:3]
    assert [d.raw_symbol for d in (front, following, spread)] == ["ESZ5", "ESH6", "ESZ5-ESH6"]
    assert [d.instrument_class for d in (front, following, spread)] == ["F", "F", "S"]
    assert {d.asset for d in (front, following, spread)} == {"ES"}
    assert front.min_price_increment == 250_000_000
    assert spread.min_price_increment == 50_000_000
    assert front.unit_of_measure_qty == 50_000_000_000
    assert front.contract_multiplier == 2_147_483_647
    assert front.pretty_expiration.date() == dt.date(2025, 12, 19)
    assert following.pretty_expiration.date() == dt.date(2026, 3, 20)
    assert (following.maturity_year, following.maturity_month) == (2026, 3)
    assert front.ts_recv == int(dt.datetime(2025, 10, 1, tzinfo=dt.UTC).timestamp()) * 10**9
    assert front.ts_event < front.ts_recv


def test_a_file_can_hold_several_contracts(tmp_path: Path) -> None:
    plan = SessionPlan(hours=0.02)
    market = SyntheticMarket(ES, seed=9, plan=plan)
    write_day(market, DAY, tmp_path, contracts=("front", "next", "spread"))
    records = databento.DBNStore.from_file(raw_path(tmp_path, "ES", "mbo", DAY)).to_ndarray()
    assert np.all(np.diff(records["ts_recv"].astype(np.int64)) >= 0)
    for kind, contract in contracts_of(ES, DAY).items():
        own = records[records["instrument_id"] == contract.instrument_id]
        assert np.array_equal(own, generate_day(market, DAY, kind))
        assert replay(own, sample_every=10**9).complaints == Counter()
        assert np.all(own["price"][1:] % contract.tick_int == 0)
    assert np.unique(records["instrument_id"]).size == 3


def test_pace_follows_new_york_through_both_clock_changes() -> None:
    plan = SessionPlan(hours=1.0)
    for date, utc_hour in (
        (dt.date(2025, 3, 7), 14),
        (dt.date(2025, 3, 10), 13),
        (dt.date(2025, 10, 31), 13),
        (dt.date(2025, 11, 3), 14),
    ):
        pace = pace_of(date, plan)
        assert pace.dense_start_s == utc_hour * 3600 + 25 * 60
        assert pace.record_rate[pace.dense_start_s] > 5 * pace.record_rate[pace.dense_start_s - 1]
    full = pace_of(DAY, SessionPlan(hours=3.0))
    cash = full.dense_start_s + 300
    burst = full.record_rate[cash : cash + 300].mean()
    assert burst >= 3 * full.record_rate[cash + 5_400 : full.dense_end_s].mean()
    for hours in (0.0, -1.0, 8.0):
        with pytest.raises(SpymasterError, match="hours"):
            pace_of(DAY, SessionPlan(hours=hours))


def test_trading_days_leave_out_weekends() -> None:
    days = trading_days(dt.date(2025, 12, 24), 3)
    assert days == [dt.date(2025, 12, 24), dt.date(2025, 12, 26), dt.date(2025, 12, 29)]


def test_contracts_roll_before_they_expire() -> None:
    for date, symbol in (
        (dt.date(2025, 9, 10), "ESU5"),
        (dt.date(2025, 9, 15), "ESZ5"),
        (dt.date(2025, 12, 31), "ESH6"),
    ):
        assert contracts_of(ES, date)["front"].symbol == symbol


def test_products_come_from_the_seed() -> None:
    product = load_product("NQ")
    assert (product.tick_int, product.point_value) == (250_000_000, 20.0)
    with pytest.raises(SpymasterError, match="has no row for ZZ"):
        load_product("ZZ")


def test_unknown_schema_or_contract_is_refused(tmp_path: Path) -> None:
    market = SyntheticMarket(ES, plan=SHORT)
    with pytest.raises(SpymasterError, match="mbp-99"):
        write_day(market, DAY, tmp_path, schemas=("mbp-99",))
    with pytest.raises(SpymasterError, match="third"):
        write_day(market, DAY, tmp_path, contracts=("third",))
    assert not list(tmp_path.iterdir())


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_number_of_workers_changes_no_byte(tmp_path: Path) -> None:
    plan = SessionPlan(hours=0.12, overnight_rate=0.01, premarket_rate=0.01)
    market = SyntheticMarket(ES, seed=4, plan=plan)
    for workers in (1, 2):
        options = {"truth": True, "workers": workers, "schemas": SCHEMAS}
        write_days(market, trading_days(DAY, 2), tmp_path / str(workers), **options)
    one, two = (contents(tmp_path / str(workers)) for workers in (1, 2))
    assert len(one) == 2 * (len(SCHEMAS) + len(TABLES) + len(OPTION_TABLES))
    assert {p.relative_to(tmp_path / "1"): data for p, data in one.items()} == {
        p.relative_to(tmp_path / "2"): data for p, data in two.items()
    }


def test_files_follow_the_layout_of_the_lakes_raw_store(tmp_path: Path) -> None:
    path = raw_path(tmp_path / "raw", "ES", "mbo", DAY)
    assert path.parent == Lake(tmp_path).raw_table("future", "ES", "mbo")


def test_a_file_of_the_same_bytes_is_unchanged(tmp_path: Path) -> None:
    options = ["--hours", "0.01", "--schemas", "definition", "--out", str(tmp_path)]
    results = [CliRunner().invoke(command, options) for _ in range(2)]
    assert [result.exit_code for result in results] == [0, 0]
    lines = [result.stdout.splitlines() for result in results]
    assert lines[0][0].endswith(f": {DEFINED} records written")
    assert lines[1][0].endswith(f": {DEFINED} records unchanged")
    assert lines[0][1:] == lines[1][1:]


def test_a_file_of_other_bytes_is_never_replaced(tmp_path: Path) -> None:
    market = SyntheticMarket(ES, plan=SHORT)
    days = trading_days(DAY, 2)
    taken = raw_path(tmp_path, "ES", "definition", days[1])
    taken.parent.mkdir(parents=True)
    taken.write_bytes(b"somebody's")
    before = contents(tmp_path)
    with pytest.raises(
        SpymasterError, match="exists with other content, and raw files are"
    ) as caught:
        write_days(market, days, tmp_path, schemas=("definition",))
    assert caught.value.where == str(taken)
    assert contents(tmp_path) == before


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "source=databento").write_text("in the way")
    with pytest.raises(SpymasterError, match="cannot be written: Not a directory") as caught:
        write_day(SyntheticMarket(ES, plan=SHORT), DAY, tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--scale", "nan"], "scale nan: must lie from 0.001 to 1000"),
        (["--scale", "inf"], "scale inf: must lie from 0.001 to 1000"),
        (["--scale", "0"], "scale 0.0: must lie from 0.001 to 1000"),
        (["--scale", "-1"], "scale -1.0: must lie from 0.001 to 1000"),
        (["--scale", "1e-9"], "scale 1e-09: must lie from 0.001 to 1000"),
        (["--scale", "1e9"], "scale 1000000000.0: must lie from 0.001 to 1000"),
        (["--seed", str(2**63)], f"seed {2**63}: must fit into 64 bits with a sign"),
        (["--seed", str(-(2**63) - 1)], "must fit into 64 bits with a sign"),
        (["--hours", "nan"], "hours nan: must lie above 0 and up to 7.58"),
        (["--hours", "0"], "hours 0.0: must lie above 0 and up to 7.58"),
        (["--start-date", "9999-12-31", "--days", "3"], "must lie from 1980-01-01 to 2199-12-31"),
        (["--start-date", "0001-01-01"], "must lie from 1980-01-01 to 2199-12-31"),
        (["--hours", "0.25", "--damage", "gap"], "gap on 2025-10-01: 10:05:00 to 10:07:00"),
        (["--hours", "0.25", "--damage", "clear"], "clear on 2025-10-01: 09:55:00 to 09:55:00"),
        (["--hours", "0.25", "--damage", "halt"], "halt on 2025-10-01: 10:12:00 to 10:17:00"),
    ],
)
def test_impossible_settings_give_one_clear_error(
    tmp_path: Path, options: list[str], reason: str
) -> None:
    result = CliRunner().invoke(command, [*options, "--out", str(tmp_path)])
    assert isinstance(result.exception, SpymasterError)
    assert reason in str(result.exception)
    assert not list(tmp_path.iterdir())


def test_the_gap_of_the_command_line_is_two_minutes_without_a_record(tmp_path: Path) -> None:
    options = ["--hours", "0.72", "--damage", "gap", "--no-truth", "--out", str(tmp_path)]
    result = CliRunner().invoke(command, options)
    assert result.exit_code == 0, result.output
    start_ns = int(dt.datetime(2025, 10, 1, 14, 5, tzinfo=dt.UTC).timestamp()) * 10**9
    end_ns = start_ns + 120 * 10**9
    for schema in ("mbo", "trades"):
        records = databento.DBNStore.from_file(raw_path(tmp_path, "ES", schema, DAY)).to_ndarray()
        event_ns = records["ts_event"].astype(np.int64)
        assert not np.any((event_ns >= start_ns) & (event_ns < end_ns)), schema
        assert np.any(event_ns < start_ns), schema
        flagged = (records["flags"] & 4) != 0
        assert np.array_equal(flagged, (event_ns >= end_ns) & (event_ns < end_ns + 10**9)), schema
        assert flagged.any(), schema
