"""Market features of one day from its orders and from its ten best prices alone.

Both lakes hold the same day: one with market by order and market by price, one with market by price
alone. The book is thin, so that the ten levels often reach past the near bands and seldom past the
far ones.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import duckdb
import pytest
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import (
    FlowSettings,
    SessionPlan,
    SyntheticMarket,
    load_product,
    write_day,
)
from support import lakes

DAY = dt.date(2025, 10, 1)
# busy from 00:00:30 to 00:06:30 UTC
PLAN = SessionPlan(
    hours=0.1,
    scale=0.15,
    time_zone="UTC",
    premarket_open=dt.time(0),
    dense_open=dt.time(0, 0, 30),
    cash_open=dt.time(0, 2),
    evening_seconds=0,
    tail_seconds=1,
)
FLOW = FlowSettings(depth_orders=4.0)
VARIABLES = {
    "local_tz": "UTC",
    "surface_window": ["00:00", "00:08"],
    "rth_start": "00:02",
    "rth_end": "00:08",
    "wall_max_ticks": 60,
    "calibration_warm_up_s": 20,
}
MODELS = ("+top10_1s", "+market_by_price_10_bar5s", "+market_features_1s")
KEYS = ("symbol", "dt", "source")
BANDS = {"0_4": 4, "4_8": 8, "8_12": 12, "12_20": 20, "20_40": 40}
SIDES = ("bid", "ask")
TOLERANCE = 1e-12


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    market = SyntheticMarket(load_product("ES"), 1, PLAN, FLOW)
    write_day(market, DAY, folder, schemas=("mbo", "mbp-10", "definition"))
    return folder


def built_lake(folder: Path, *paths: Path) -> Lake:
    lake = Lake(folder / "lake")
    lakes.land_raw(lake, *paths)
    lakes.run_models(lake, "--select", *MODELS, **VARIABLES)
    return lake


@pytest.fixture(scope="module")
def orders(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return built_lake(tmp_path_factory.mktemp("orders"), raw)


@pytest.fixture(scope="module")
def prices(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    paths = [path for path in sorted(raw.rglob("*.dbn*")) if ".mbo." not in path.name]
    return built_lake(tmp_path_factory.mktemp("prices"), *paths)


@pytest.fixture(scope="module")
def connection(orders: Lake, prices: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that has the lakes as `orders` and `prices`."""
    with duckdb.connect() as connection:
        for name, lake in (("orders", orders), ("prices", prices)):
            connection.execute(f"attach '{lake.warehouse}' as {name} (read_only)")
        yield connection


def test_ten_levels_of_orders_and_of_the_vendor_are_equal(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Every price, size, count and the validity, in every second, and from both lakes."""
    rows = {
        (lake, source): connection.execute(
            f"select * exclude (source) from {lake}.silver.top10_1s where source = '{source}' "
            "order by window_end_ts"
        ).fetchall()
        for lake, source in (("orders", "mbo"), ("orders", "mbp10"), ("prices", "mbp10"))
    }
    vendor = rows["orders", "mbp10"]
    assert rows["orders", "mbo"] == vendor == rows["prices", "mbp10"]
    assert len(vendor) > 300
    assert len({row[5:] for row in vendor}) > 200
    sources = connection.execute("select distinct source from prices.silver.top10_1s").fetchall()
    assert sources == [("mbp10",)]


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    described = connection.execute(f"describe orders.silver.{relation}").fetchall()
    return [(name, kind) for name, kind, *_ in described if name not in KEYS]


def is_of_orders(name: str) -> bool:
    """Whether ten levels leave a column unknown, at least at times."""
    is_band = name.startswith("depth_") and any(f"_{band}_" in name for band in BANDS)
    return is_band or name.startswith("flow_net_")


@pytest.mark.parametrize(
    ("relation", "key"),
    [("market_by_price_10_bar5s", "bar_end_ts"), ("market_features_1s", "window_end_ts")],
)
def test_features_agree_wherever_both_are_known(
    connection: duckdb.DuckDBPyConnection, relation: str, key: str
) -> None:
    sources = connection.execute(
        f"select a.source, b.source, count(*) from orders.silver.{relation} as a "
        f"full join prices.silver.{relation} as b using (symbol, dt, {key}) group by all"
    ).fetchall()
    assert [row[:2] for row in sources] == [("mbo", "mbp10")]
    compared = 0
    for name, kind in columns_of(connection, relation):
        differs = f"a.{name} != b.{name}"
        if kind == "DOUBLE":
            differs = f"abs(a.{name} - b.{name}) > {TOLERANCE} * greatest(1, abs(a.{name}))"
        only_orders = "false" if is_of_orders(name) else f"b.{name} is null"
        [(known, wrong)] = connection.execute(
            f"""
            select
                count(a.{name}),
                count(*) filter (
                    {differs}
                    or (a.{name} is null and b.{name} is not null)
                    or (a.{name} is not null and {only_orders})
                )
            from orders.silver.{relation} as a
            inner join prices.silver.{relation} as b using (symbol, dt, {key})
            """
        ).fetchall()
        assert (wrong, known > 0) == (0, True), name
        compared += known
    assert compared > 5_000


def reaches(side: str, upper: int) -> str:
    """SQL whether ten levels of a side (row of top10_1s) reach past a band."""
    best, tenth = (f"view.{side}_px_{level}_int" for level in ("00", "09"))
    # from the microprice, times both best quantities
    beyond_best = f"abs({tenth} - {best}) * (view.bid_sz_00 + view.ask_sz_00)"
    to_best = f"(view.ask_px_00_int - view.bid_px_00_int) * view.{side}_sz_00"
    past = f"{upper} * 250000000::bigint * (view.bid_sz_00 + view.ask_sz_00)"
    return f"({tenth} is null or {beyond_best} + {to_best} >= {past})"


def test_bands_are_unknown_exactly_where_ten_levels_do_not_reach(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    known = {}
    for (band, upper), side in product(BANDS.items(), SIDES):
        share = f"depth_{side}_{band}_frac"
        imbalance = f"depth_imbalance_{band}"
        own, every = (
            " and ".join(reaches(name, upper) for name in names) for names in ([side], SIDES)
        )
        rows = connection.execute(
            f"""
            with compared as (
                select
                    bar.*,
                    by_order.{imbalance}_eob as imbalance_of_orders,
                    {own} as has_side,
                    {every} as has_both
                from prices.silver.market_by_price_10_bar5s as bar
                inner join prices.silver.top10_1s as view on bar.bar_end_ts = view.window_end_ts
                inner join orders.silver.market_by_price_10_bar5s as by_order
                    on bar.bar_end_ts = by_order.bar_end_ts
                where bar.is_valid
            )

            select
                count(*) filter (has_side),
                count(*) filter (({share}_eob is not null) != has_side),
                count(*) filter (
                    ({imbalance}_eob is not null)
                    != (has_both and imbalance_of_orders is not null)
                ),
                count({share}_twa),
                count(*) filter ({share}_twa is not null and not has_side)
            from compared
            """
        ).fetchall()
        [(n_known, *wrong, n_weighted, early)] = rows
        assert [*wrong, early] == [0, 0, 0], (band, side)
        known[band, side] = (n_known, n_weighted)
    assert min(known["0_4", side] for side in SIDES) > (20, 20)
    # near bands are known throughout, some bands now and then, the farthest never
    [(bars,)] = connection.execute(
        "select count(*) from prices.silver.market_by_price_10_bar5s where is_valid"
    ).fetchall()
    assert any(0 < n_known < bars for n_known, _ in known.values())
    assert any(0 < n_weighted < bars for _, n_weighted in known.values())


def test_net_depth_flow_needs_orders(connection: duckdb.DuckDBPyConnection) -> None:
    for band, side in product(BANDS, SIDES):
        name = f"flow_net_{side}_{band}_sum"
        counts = [
            connection.execute(
                f"select count({name}) from {lake}.silver.market_by_price_10_bar5s"
            ).fetchall()[0][0]
            for lake in ("orders", "prices")
        ]
        assert counts[0] > 50, name
        assert counts[1] == 0, name


def test_bands_add_up_the_wall(connection: duckdb.DuckDBPyConnection) -> None:
    """The depth of a band at a second's end is that of the wall by distance from its microprice."""
    for (band, upper), (side, letter) in product(
        BANDS.items(), zip(SIDES, ("B", "A"), strict=True)
    ):
        lower = int(band.split("_")[0])
        [(seconds, filled, wrong)] = connection.execute(
            f"""
            with seconds as (
                select
                    *,
                    cast(bid_sz_00 + ask_sz_00 as hugeint) as parts,
                    cast(ask_px_00_int as hugeint) * bid_sz_00
                    + cast(bid_px_00_int as hugeint) * ask_sz_00 as microprice_parts
                from orders.steps.market_book_1s
                where
                    source = 'mbo'
                    and is_valid_end
                    and window_start_ts >= timestamp '{DAY} 00:00:00'
                    and window_start_ts < timestamp '{DAY} 00:08:00'
            ),

            distances as (
                select
                    seconds.window_start_ts,
                    wall.depth_qty_end,
                    if('{letter}' = 'B', 1, -1)
                    * (seconds.microprice_parts - wall.price_int * seconds.parts) as distance,
                    seconds.parts * 250000000 as tick_parts
                from seconds
                inner join orders.silver.wall_surface_1s as wall
                    on seconds.window_start_ts = wall.window_start_ts
                where wall.side = '{letter}'
            ),

            bands as (
                select
                    window_start_ts,
                    sum(depth_qty_end) as qty
                from distances
                where
                    distance {">=" if lower == 0 else ">"} {lower} * tick_parts
                    and distance <= {upper} * tick_parts
                group by window_start_ts
            )

            select
                count(*),
                count(*) filter (depth_{side}_{band}_qty > 0),
                count(*) filter (depth_{side}_{band}_qty is distinct from coalesce(qty, 0))
            from seconds
            left join bands on seconds.window_start_ts = bands.window_start_ts
            """
        ).fetchall()
        assert wrong == 0, (band, side)
        assert seconds > 300
        assert filled > 200, (band, side)


def test_a_wrong_level_is_reported(orders: Lake, tmp_path: Path) -> None:
    """The data test of both sources passes, and warns of one contract too much in one second."""
    lake = Lake(Path(shutil.copytree(orders.root, tmp_path / "lake")))

    def status() -> str:
        name = "assert_ten_levels_of_both_sources_are_equal"
        run = lakes.run(lake, "test", "--select", name, test_all=True, **VARIABLES)
        [result] = [one for one in run.result.results if one.node.name == name]
        return f"{result.status} {result.failures}"

    assert status() == "pass 0"
    with duckdb.connect(str(lake.warehouse)) as connection:
        [(view,)] = connection.execute(
            "select sql from duckdb_views() "
            "where schema_name = 'steps' and view_name = 'market_book_1s'"
        ).fetchall()
        query = view.split(" AS ", 1)[1].rstrip().rstrip(";")
        is_damaged = "source = 'mbo' and window_end_ts = '2025-10-01 00:04:00'"
        connection.execute(
            "create or replace view steps.market_book_1s as select * replace "
            f"(ask_sz_03 + cast({is_damaged} as bigint) as ask_sz_03) from ({query})"
        )
    assert status() == "warn 1"
