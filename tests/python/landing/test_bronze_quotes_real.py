"""The published relations of real quotes, against the vendor's own reader."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from spymaster_ingest.lake import Lake
from support import lakes
from support.landing_lake import land_ok
from support.vendor_reader import values

QUOTES = ["bid_px_00", "ask_px_00", "bid_sz_00", "ask_sz_00"]
FIELDS = ["ts_event", "ts_recv", "instrument_id", "flags", "sequence", *QUOTES]
COLUMNS = (
    "epoch_ns(ts_event), epoch_ns(ts_recv), instrument_id, flags, sequence, bid_px_int, "
    "ask_px_int, bid_sz, ask_sz"
)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Lake:
    """Return a lake with futures quotes of updates and of minutes, and updates of options."""
    lake = Lake(tmp_path_factory.mktemp("quotes") / "lake")
    land_ok(
        lake,
        shared_data / "es_cross_schema",
        *(shared_data / "es_options").glob("*_definition.dbn.zst"),
        *(shared_data / "es_options").glob("futures_bbo-1m*"),
        *(shared_data / "es_options").glob("*options_mbp-1*"),
    )
    lakes.build(lake, "--select", "tag:quotes", "future_trades", "ingest_manifest")
    return lake


def test_updates_of_futures(lake: Lake, shared_data: Path) -> None:
    (path,) = (shared_data / "es_cross_schema").glob("*mbp-1*")
    fields = [*FIELDS, "bid_ct_00", "ask_ct_00"]
    found = lakes.ask(
        lake,
        f"select {COLUMNS}, bid_ct, ask_ct from bronze.future_bbo where symbol = 'ESU4' "
        "order by dt, rec_ordinal",
    )
    assert found == values(path, fields)


def test_minutes_of_futures(lake: Lake, shared_data: Path) -> None:
    (path,) = (shared_data / "es_options").glob("futures_bbo-1m*")
    found = lakes.ask(lake, f"select {COLUMNS} from bronze.future_bbo where symbol like '%M4'")
    assert Counter(found) == Counter(values(path, FIELDS))
    assert len(found) > 10


def test_every_trade_has_its_update(lake: Lake) -> None:
    """The two schemas hold the same trades, each with its capture time and sequence."""
    trades, updates = lakes.ask(
        lake,
        """
        with quotes as (
            from bronze.future_bbo select distinct symbol, dt, ts_event, ts_recv, sequence
        )

        select count(*) as trades, count(quotes.symbol) as updates
        from bronze.future_trades
        left join quotes using (symbol, dt, ts_event, ts_recv, sequence)
        """,
    )[0]
    assert trades == updates == 120


def test_updates_of_options(lake: Lake, shared_data: Path) -> None:
    (path,) = (shared_data / "es_options").glob("*options_mbp-1*")
    query = f"select {COLUMNS} from bronze.option_nbbo order by dt, rec_ordinal"
    assert lakes.ask(lake, query) == values(path, FIELDS)
    terms = 'select distinct symbol, option_symbol, "right" from bronze.option_nbbo order by all'
    assert lakes.ask(lake, terms) == [("ESM4", "ESM4 P5230", "P"), ("ESM4", "ESM4 P5250", "P")]


def test_minutes_of_options(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "es_options"
    lake = Lake(tmp_path / "lake")
    (path,) = folder.glob("options_bbo-1m*")
    land_ok(lake, *folder.glob("*_definition.dbn.zst"), path, allow_missing_definitions=False)
    lakes.build(lake, "--select", "option_nbbo")
    query = f"select {COLUMNS} from bronze.option_nbbo order by dt, rec_ordinal"
    assert lakes.ask(lake, query) == values(path, FIELDS)
