"""All files of a synthetic day, landed as bronze relations; the truth stays out."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from dbt.cli.main import dbtRunner
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT, Lake
from spymaster_ingest.synthetic import (
    SCHEMAS,
    SessionPlan,
    SyntheticMarket,
    contracts_of,
    load_product,
    write_day,
)
from spymaster_ingest.synthetic.damage import Damage
from spymaster_ingest.synthetic.options.chain import option_chain
from spymaster_ingest.synthetic.truth_files import attach_truth
from support import lakes

DAY = dt.date(2025, 10, 1)
PLAN = SessionPlan(hours=0.2, overnight_rate=0.1, premarket_rate=0.2, evening_seconds=60)
MARKET = SyntheticMarket(load_product("ES"), seed=21, plan=PLAN)
HALTED = replace(
    MARKET,
    damage=Damage(halt_start=dt.time(9, 33), halt_seconds=120, gathering_seconds=30),
)
SYMBOL = contracts_of(MARKET.product, DAY)["front"].symbol
GRAPH_TEST = "assert_no_model_reads_schema_truth"
RELATIONS = (
    "future_mbo",
    "future_trades",
    "market_by_price_10",
    "future_bbo",
    "future_statistics",
    "future_status",
    "instrument_definitions",
    "option_mbo",
    "option_trades",
    "option_nbbo",
    "option_statistics",
)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    write_day(HALTED, DAY, folder, schemas=SCHEMAS, truth=True)
    return folder


@pytest.fixture(scope="module")
def lake(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    lake = Lake(tmp_path_factory.mktemp("lake") / "lake")
    lakes.land_raw(lake, raw / "source=databento")
    selection = [*RELATIONS, "+trading_intervals"]
    lakes.build(lake, "--select", *selection, "--indirect-selection", "cautious")
    return lake


def test_best_quotes_equal_the_first_of_the_ten_prices(lake: Lake) -> None:
    [(quotes, differing)] = lakes.ask(
        lake,
        """
        select count(*), count(*) filter (where (q.bid_px_int, q.ask_px_int, q.bid_sz, q.ask_sz)
            is distinct from
            (p.bid_px_00_int, p.ask_px_00_int, p.bid_sz_00, p.ask_sz_00))
        from bronze.future_bbo as q
        asof join (
            select *, epoch_ns(ts_recv) + 1 as known_ns from bronze.market_by_price_10
            qualify row_number() over (partition by ts_recv order by rec_ordinal desc) = 1
        ) as p on q.symbol = p.symbol and epoch_ns(q.ts_recv) >= p.known_ns
        """,
    )
    assert quotes > 800
    assert differing == 0


def test_volume_equals_the_trades_and_open_interest_is_known_late(lake: Lake) -> None:
    [(published, traded, by_order, by_price)] = lakes.ask(
        lake,
        f"""
        select
            (
                select sum(case update_action when 1 then quantity else -quantity end)
                from bronze.future_statistics where stat_type = 6
            ),
            (select sum(size) from bronze.future_trades where ts_event < '{DAY} 21:00'),
            (
                select sum(size) from bronze.future_mbo
                where action = 'T' and ts_event < '{DAY} 21:00'
            ),
            (
                select sum(size) from bronze.market_by_price_10
                where action = 'T' and ts_event < '{DAY} 21:00'
            )
        """,
    )
    assert published == traded == by_order == by_price > 1_000
    known = lakes.ask(
        lake,
        "select quantity from bronze.future_statistics where stat_type = 9 order by rec_ordinal",
    )
    assert known[0] == (None,)
    assert known[1][0] > 1_000_000


def test_the_last_price_before_settlement_settles(lake: Lake) -> None:
    [(settled, last)] = lakes.ask(
        lake,
        f"""
        select
            (select price_int from bronze.future_statistics where stat_type = 3),
            (
                select last(price_int order by rec_ordinal) from bronze.future_trades
                where ts_event < '{DAY} 20:00'
            )
        """,
    )
    assert settled == last


def test_trading_intervals_follow_the_status(lake: Lake) -> None:
    rows = lakes.ask(
        lake,
        "select strftime(open_ts, '%H:%M:%S'), strftime(close_ts, '%H:%M:%S'), told_by "
        f"from silver.trading_intervals where symbol = '{SYMBOL}' order by interval_no",
    )
    assert rows == [
        ("00:00:00", "13:33:00", "status"),
        ("13:35:00", "21:00:00", "status"),
        ("22:00:00", "00:00:00", "status"),
    ]


def test_options_have_their_terms(lake: Lake) -> None:
    chain = option_chain(MARKET, DAY)
    expected = [
        (option.symbol, option.right, option.strike_int, option.expiration == chain.expirations[0])
        for option in sorted(chain.options, key=lambda option: option.symbol)
    ]
    assert expected == lakes.ask(
        lake,
        'select distinct option_symbol, "right", strike_price_int, is_0dte '
        f"from bronze.option_mbo where underlying = '{SYMBOL}' order by 1",
    )
    assert lakes.ask(
        lake,
        """
        select count(distinct option_symbol), count(*) - count(quantity)
        from bronze.option_statistics where stat_type = 9
        """,
    ) == [(len(expected), 1)]
    [(multiplier, user_defined)] = lakes.ask(
        lake,
        """
        select
            any_value(unit_of_measure_qty) filter (where instrument_class in ('C', 'P')),
            count(*) filter (where instrument_class = 'T')
        from bronze.instrument_definitions
        """,
    )
    assert (multiplier, user_defined) == (50.0, 2)


def test_option_trades_equal_the_trades_of_their_orders(lake: Lake) -> None:
    [(trades, differing, sides)] = lakes.ask(
        lake,
        """
        with ordered as (
            select *, row_number() over (order by rec_ordinal) as position
            from bronze.option_mbo where action = 'T'
        ),
        trades as (
            select *, row_number() over (order by rec_ordinal) as position
            from bronze.option_trades
        )
        select
            count(*),
            count(*) filter (where (o.option_symbol, o.ts_event, o.price_int, o.size)
                is distinct from (t.option_symbol, t.ts_event, t.price_int, t.size)),
            list(distinct t.aggressor order by t.aggressor)
        from ordered as o full join trades as t using (position)
        """,
    )
    assert trades > 1_000
    assert differing == 0
    assert sides == [-1, 0, 1]


def test_option_truth_prices_the_future_of_its_second(lake: Lake, raw: Path) -> None:
    connection = duckdb.connect()
    attach_truth(connection, raw)
    connection.execute(f"attach '{lake.published}' as lake (read_only)")
    [(inside, quoted)] = connection.execute(
        """
        select count(*) filter (where o.price * 1e9 between q.bid_px_int and q.ask_px_int), count(*)
        from truth.truth_options as o
        asof join lake.bronze.option_nbbo as q
            on o.option_symbol = q.option_symbol and o.window_end_ts >= q.ts_recv
        where o.is_priced_in and q.bid_px_int is not null
        """
    ).fetchall()
    assert quoted > 50_000
    assert inside > 0.97 * quoted


def test_the_truth_agrees_with_the_best_prices(lake: Lake, raw: Path) -> None:
    connection = duckdb.connect()
    attach_truth(connection, raw)
    connection.execute(f"attach '{lake.published}' as lake (read_only)")
    updates = "select * from lake.bronze.market_by_price_10"
    differing, compared = connection.execute(
        f"""
        select
            count(*) filter (where (p.bid_px_00_int, p.ask_px_00_int, p.bid_sz_00, p.ask_sz_00)
                is distinct from
                (t.best_bid_price_int, t.best_ask_price_int, t.best_bid_qty, t.best_ask_qty)),
            count(*)
        from truth.truth_book_1s as t
        asof join (
            {updates}
            qualify row_number() over (partition by ts_event order by rec_ordinal desc) = 1
        ) as p on t.window_start_ts + interval 1 second > p.ts_event
        """
    ).fetchone()
    assert compared > 40_000
    assert differing == 0


def test_a_model_that_reads_the_truth_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Lake(tmp_path / "lake").make_root()
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path / "lake"))
    project = tmp_path / "project"
    project.mkdir()
    for name in (".dbtignore", "dbt_project.yml", "profiles.yml", "selectors.yml"):
        shutil.copy(PROJECT_ROOT / name, project / name)
    for name in ("macros", "models", "python_models", "seeds", "tests"):
        shutil.copytree(
            PROJECT_ROOT / name, project / name, ignore=shutil.ignore_patterns("python")
        )
    model = project / "models" / "gold" / "peek.sql"
    model.parent.mkdir(exist_ok=True)
    model.write_text("select drawn_outcome from truth.truth_approaches\n")
    assert found_readers(project) == 1


def found_readers(project: Path) -> int:
    """Run the test of the graph in a project and return how many readers it found."""
    outcome = dbtRunner().invoke(
        [
            "--quiet",
            "test",
            "--select",
            GRAPH_TEST,
            *("--project-dir", str(project), "--profiles-dir", str(project)),
            *("--target-path", str(project / "target"), "--log-path", str(project / "logs")),
        ]
    )
    assert outcome.exception is None, outcome.exception
    [result] = [one for one in outcome.result.results if one.node.name == GRAPH_TEST]
    return result.failures
