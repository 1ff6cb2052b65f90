"""Files of the synthetic options: named, dated, defined, landed, and the same on every run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import databento
import numpy as np
import pytest
from click.testing import CliRunner
from spymaster.commands.generate import command
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import (
    SyntheticMarket,
    contracts_of,
    raw_path,
    trading_days,
    write_days,
)
from spymaster_ingest.synthetic.daily_files import FUTURE_SCHEMAS
from spymaster_ingest.synthetic.options.files import OPTION_SCHEMAS
from spymaster_ingest.synthetic.options.option_days import option_day, option_pieces
from spymaster_ingest.synthetic.options.underlying import UnderlyingPath
from spymaster_ingest.synthetic.truth_files import OPTION_TABLES, TABLES
from support.landing_lake import definition_partition, land_ok, manifest_of, partition_of, rows
from support.synthetic_book import CL, DAY
from support.synthetic_options import MARKET, PLAN, SECOND_NS

QUICK = replace(MARKET, plan=replace(PLAN, hours=0.03))
FRAME = option_day(QUICK, DAY)
SPREAD = FRAME.chain.spread
SYMBOL = FRAME.chain.future.symbol


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day with all its files."""
    folder = tmp_path_factory.mktemp("raw")
    write_days(QUICK, [DAY], folder, schemas=(*FUTURE_SCHEMAS, *OPTION_SCHEMAS), truth=True)
    return folder


def store_of(folder: Path, name: str) -> databento.DBNStore:
    return databento.DBNStore.from_file(raw_path(folder, "ES", name, DAY))


def contents(folder: Path) -> dict[Path, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder): path.read_bytes() for path in files}


def test_the_vendor_reads_every_file(folder: Path) -> None:
    for name, schema in OPTION_SCHEMAS.items():
        path = raw_path(folder, "ES", name, DAY)
        assert path.parent == folder / Lake(Path()).raw_table(
            "future_option", "ES", schema
        ).relative_to("raw")
        assert path.name == f"synthetic-glbx-mdp3-20251001.{schema}.dbn.zst"
        store = store_of(folder, name)
        assert (store.schema, store.metadata.version, store.dataset) == (schema, 3, "GLBX.MDP3")
        records = store.to_ndarray()
        assert records.size
        assert store.symbols == [contract.symbol for contract in FRAME.chain.contracts]
        mapped = {symbol: entry[0]["symbol"] for symbol, entry in store.mappings.items()}
        assert mapped == {c.symbol: str(c.instrument_id) for c in FRAME.chain.contracts}


def test_definitions_hold_the_terms_of_the_chain(folder: Path) -> None:
    messages = list(store_of(folder, "definition"))
    assert [d.instrument_class for d in messages[:3]] == ["F", "F", "S"]
    options, legs = messages[3:-2], messages[-2:]
    assert len(options) == len(FRAME.chain.options)
    future = messages[0]
    for definition, option in zip(options, FRAME.chain.options, strict=True):
        assert (definition.raw_symbol, definition.instrument_id) == (
            option.symbol,
            option.instrument_id,
        )
        assert (definition.instrument_class, definition.strike_price) == (
            option.right,
            option.strike_int,
        )
        assert definition.pretty_expiration.to_pydatetime() == option.expiration
        assert (definition.underlying, definition.underlying_id) == (SYMBOL, future.instrument_id)
        assert definition.security_type == "OOF"
        assert definition.unit_of_measure_qty == 50_000_000_000
        assert definition.contract_multiplier == 2_147_483_647
        assert definition.user_defined_instrument == "N"
        assert definition.ts_recv == QUICK.pace_of(DAY).midnight_ns
    assert {d.asset for d in options} == {"E1C", "E2C"}
    assert {(d.raw_symbol, d.instrument_class, d.user_defined_instrument) for d in legs} == {
        (SPREAD.symbol, "T", "Y")
    }
    assert [(d.leg_index, d.leg_count, d.leg_raw_symbol, d.leg_side) for d in legs] == [
        (0, 2, SPREAD.legs[0].symbol, "B"),
        (1, 2, SPREAD.legs[1].symbol, "A"),
    ]


def test_every_option_record_is_landed_with_its_terms(folder: Path, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    land_ok(lake, folder / "source=databento")
    terms = {
        option.instrument_id: (
            option.symbol,
            option.right,
            option.strike_int,
            int(option.expiration.timestamp()) * SECOND_NS,
        )
        for option in FRAME.chain.options
    }
    for name, table in zip(OPTION_SCHEMAS, ("mbo", "trades", "nbbo", "statistics"), strict=True):
        records = store_of(folder, name).to_ndarray()
        partition = partition_of(lake, table, SYMBOL, DAY, options=True)
        options = records[records["instrument_id"] != SPREAD.instrument_id]
        landed = rows(
            partition,
            'instrument_id, epoch_ns(ts_recv), option_symbol, "right", strike_price_int, '
            "epoch_ns(expiration)",
        )
        assert landed == [
            (number, moment, *terms[number])
            for number, moment in options[["instrument_id", "ts_recv"]].tolist()
        ]
        dropped = {"class_T": records.size - options.size} if records.size > options.size else {}
        assert manifest_of(partition)["dropped"] == dropped
        assert name == "option-statistics" or dropped
    classes = rows(definition_partition(lake, "ES", DAY), "distinct instrument_class", "order by 1")
    assert classes == [("C",), ("F",), ("P",), ("S",), ("T",)]


def test_options_change_no_byte_of_other_files(folder: Path, tmp_path: Path) -> None:
    whole = contents(folder)
    for number, schemas in enumerate((FUTURE_SCHEMAS, ("option-trades",), tuple(OPTION_SCHEMAS))):
        out = tmp_path / str(number)
        write_days(QUICK, [DAY], out, schemas=schemas, truth=number == 0)
        alone = contents(out)
        assert len(alone) == len(schemas) + (len(TABLES) if number == 0 else 0)
        assert alone.items() <= whole.items()
    assert len(whole) == len(FUTURE_SCHEMAS) + len(OPTION_SCHEMAS) + len(TABLES) + len(
        OPTION_TABLES
    )


def test_numbers_of_workers_and_contracts_change_no_byte(folder: Path, tmp_path: Path) -> None:
    days = trading_days(DAY, 2)
    for name, options in (("one", {}), ("two", {"workers": 2}), ("next", {"contracts": ("next",)})):
        write_days(QUICK, days, tmp_path / name, schemas=tuple(OPTION_SCHEMAS), **options)
    one = contents(tmp_path / "one")
    assert len(one) == 2 * len(OPTION_SCHEMAS)
    assert contents(tmp_path / "two") == contents(tmp_path / "next") == one
    whole = contents(folder)
    assert all(data == whole.get(path, data) for path, data in one.items())


def test_the_cut_into_pieces_changes_nothing() -> None:
    path = UnderlyingPath(QUICK, DAY)
    path.follow()
    contents_by_cut, counts = [], []
    for chunk_records in (1 << 16, 1):
        pieces = [
            (piece.records.copy(), piece.quotes.copy())
            for piece in option_pieces(FRAME, *path.changes(), chunk_records)
        ]
        contents_by_cut.append(
            [np.concatenate(parts).tobytes() for parts in zip(*pieces, strict=True)]
        )
        counts.append(len(pieces))
    assert contents_by_cut[0] == contents_by_cut[1]
    assert counts[0] == 2
    assert counts[1] > 100


def test_crude_oil_has_options_too(tmp_path: Path) -> None:
    market = SyntheticMarket(CL, seed=3, plan=QUICK.plan)
    schemas = ("definition", *OPTION_SCHEMAS)
    write_days(market, [DAY], tmp_path, schemas=schemas)
    orders = databento.DBNStore.from_file(raw_path(tmp_path, "CL", "option-mbo", DAY)).to_ndarray()
    assert not np.any(orders["flags"] & 32), "a product without snapshot"
    assert np.all(orders["price"] % 10**7 == 0)
    assert np.unique(orders["instrument_id"]).size > 40
    lake = Lake(tmp_path / "lake")
    report = land_ok(lake, tmp_path / "source=databento")
    symbol = contracts_of(CL, DAY)["front"].symbol
    assert {one.symbol for one in report.partitions} == {"CL", symbol}


def test_the_command_writes_options_on_demand(tmp_path: Path) -> None:
    options = ["--hours", "0.01", "--schemas", "option-statistics", "--no-truth"]
    result = CliRunner().invoke(command, [*options, "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    (written,) = contents(tmp_path)
    assert str(written).startswith("source=databento/product_type=future_option/symbol=ES/")
    shown = CliRunner().invoke(command, ["--help"]).output
    assert all(name in "".join(shown.split()) for name in OPTION_SCHEMAS)
