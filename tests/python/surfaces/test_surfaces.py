"""The published one-second surfaces against the plain ones, value by value."""

from __future__ import annotations

from pathlib import Path

import pytest
from naive.surfaces_calibration import CalibrationConfig
from naive.surfaces_radar import FEATURES
from spymaster_ingest.lake import Lake
from support import lakes, surface_lakes
from support.known_day import FILE
from support.strategies.surface_market import BookShape
from support.surface_changes import PERIOD_S
from support.surface_days import (
    DATES,
    LAST_DATE,
    ROLL_DATE,
    compared_days,
    inputs_of,
    varied_days,
)
from support.surface_lakes import SURFACES, Inputs, ask

LOOKBACK, MIN_SESSIONS, WARM_UP_S = 4, 3, 40
CALIBRATION = CalibrationConfig(
    calibration_lookback=LOOKBACK,
    calibration_min_sessions=MIN_SESSIONS,
    intraday_min_seconds=WARM_UP_S,
)
VARIABLES = {
    "wall_max_ticks": BookShape().wall_max_ticks,
    "calibration_lookback": LOOKBACK,
    "calibration_min_sessions": MIN_SESSIONS,
    "calibration_warm_up_s": WARM_UP_S,
}
SMALL_WARM_UP_S = 30
REAL_WARM_UP_S = 300
# the market opens at 18:00 in New York
OPENING = ("17:50", "18:12")

CELLS = ("wall_derivatives_1s", "vacuum_metrics_1s", "vacuum_surface_1s", "physics_surface_1s")
PRICES = ("price_int", "spot_ref_price_int", "spot_ref_price", "mid_price", "mid_price_int")
BAND_SCORES = [
    f"{side}_{band}_{part}"
    for side in ("above", "below")
    for band in ("at", "near", "mid", "far")
    for part in ("wall_strength_norm", "wall_erosion_norm", "vacuum_norm")
] + ["above_score", "below_score", "vacuum_total_score"]
# each feature from below that equals a feature from above, and its sign
REPEATED = {
    "u1_ask_com_disp_log": "f1_ask_com_disp_log",
    "u2_ask_slope_convex_log": "f1_ask_slope_convex_log",
    "u2_ask_slope_inner_log": "f1_ask_slope_inner_log",
    "u3_ask_at_share_decay": "-f1_ask_at_share_delta",
    "u3_ask_near_share_decay": "-f1_ask_near_share_delta",
    "u4_ask_reprice_away_share_rest": "f1_ask_reprice_away_share_rest",
    "u5_ask_pull_add_log_rest": "f2_ask_pull_add_log_rest",
    "u6_ask_pull_intensity_log_rest": "f2_ask_pull_intensity_log_rest",
    "u7_ask_at_pull_share_rest": "f2_ask_at_pull_share_rest",
    "u7_ask_near_pull_share_rest": "f2_ask_near_pull_share_rest",
    "u8_bid_com_approach_log": "-f3_bid_com_disp_log",
    "u9_bid_slope_support_log": "-f3_bid_slope_convex_log",
    "u9_bid_slope_inner_log": "-f3_bid_slope_inner_log",
    "u10_bid_at_share_rise": "f3_bid_at_share_delta",
    "u10_bid_near_share_rise": "f3_bid_near_share_delta",
    "u12_bid_add_pull_log_rest": "-f4_bid_pull_add_log_rest",
    "u18_ask_bbo_dist_ticks": "f8_ask_bbo_dist_ticks",
    "u19_bid_bbo_dist_ticks": "f9_bid_bbo_dist_ticks",
}
ORDERS = ("", "d1_", "d2_", "d3_")


@pytest.fixture(scope="module")
def random_lake(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Inputs]:
    """Database of a lake of random books, and the inputs of the plain surfaces."""
    days = compared_days()
    selection = {("ES", dt): "ESU4" if dt >= ROLL_DATE else "ESM4" for dt in DATES}
    selection |= {("CL", DATES[0]): "CLM4", ("NQ", DATES[0]): None}
    [last] = [day for day in days if (day.books.symbol, day.books.dt) == ("ESU4", LAST_DATE)]
    lake = Lake(tmp_path_factory.mktemp("books") / "lake")
    surface_lakes.write_engine_tables(lake, [*days, *varied_days(last)], selection)
    database = surface_lakes.run_models(lake, surface_lakes.SURFACE_MODELS, **VARIABLES)
    return database, inputs_of(days, selection)


@pytest.fixture(scope="module")
def database(random_lake: tuple[Path, Inputs]) -> Path:
    return random_lake[0]


def test_random_books(random_lake: tuple[Path, Inputs]) -> None:
    database, inputs = random_lake
    plain = surface_lakes.plain_surfaces(inputs, CALIBRATION)
    assert surface_lakes.assert_plain(database, plain) > 5_000_000


def test_random_books_meet_every_calibration(database: Path) -> None:
    """Otherwise the test above would miss cases."""
    modes = ask(
        database,
        "select root, dt, calibration_mode, max(lookback_sessions), max(n_rows) > 0, "
        "count(q05) > 0 from gold.physics_norm_calibration group by all order by all",
    )
    intraday, prior = "intraday_expanding", "prior_sessions"
    first = DATES[0]
    assert modes == [
        ("CL", first, intraday, 0, True, True),
        *(("ES", dt, intraday, 0, True, True) for dt in DATES[:4]),
        ("ES", DATES[4], prior, 3, True, True),
        ("ES", ROLL_DATE, prior, 4, True, True),
        ("ES", LAST_DATE, prior, 4, True, True),
        ("NQ", first, intraday, 0, False, False),
    ]


def test_small_synthetic_lake(landed: Lake, tmp_path: Path) -> None:
    """Three contract-days of the engine, two minutes each, scored after half a minute."""
    lake = lakes.landed_copy(landed, tmp_path / "lake")
    models = [*surface_lakes.ENGINE_MODELS, *surface_lakes.SURFACE_MODELS]
    width = BookShape().wall_max_ticks
    variables = {"wall_max_ticks": width, "calibration_warm_up_s": SMALL_WARM_UP_S}
    database = surface_lakes.run_models(lake, models, **variables)
    inputs = surface_lakes.inputs_of(database, width)
    assert len(inputs.days) == 3
    config = CalibrationConfig(intraday_min_seconds=SMALL_WARM_UP_S)
    surface_lakes.assert_plain(database, surface_lakes.plain_surfaces(inputs, config))
    assert_scored_after_warm_up(database, n_seconds=100)


def test_real_opening(shared_data: Path, tmp_path: Path) -> None:
    """ESH4 on 2023-12-25, a holiday whose evening belongs to the session of the next date."""
    lake = Lake(tmp_path / "lake")
    lakes.land_raw(lake, shared_data / FILE, allow_missing_definitions=True)
    width = BookShape().wall_max_ticks
    variables = {
        "surface_window": OPENING,
        "wall_max_ticks": width,
        "calibration_warm_up_s": REAL_WARM_UP_S,
    }
    database = surface_lakes.run_models(lake, surface_lakes.ENGINE_MODELS, **variables)
    surface_lakes.run_models(lake, surface_lakes.SURFACE_MODELS, **variables)
    plain = surface_lakes.plain_surfaces(
        surface_lakes.inputs_of(database, width),
        CalibrationConfig(intraday_min_seconds=REAL_WARM_UP_S),
    )
    assert surface_lakes.assert_plain(database, plain) > 1_000_000
    assert_scored_after_warm_up(database, n_seconds=350)


def assert_scored_after_warm_up(database: Path, n_seconds: int) -> None:
    """Every score is known in 95 % of the valid seconds with known quantiles."""
    all_scores = " and ".join(f"{name} is not null" for name in BAND_SCORES)
    [(seconds, scored, bands)] = ask(
        database,
        f"""
        with seconds as (
            select symbol, dt, window_start_ts, bool_and(vacuum_score is not null) as is_scored
            from silver.vacuum_surface_1s group by all
        ),
        calibrated as (
            select root, dt, min(valid_from_ts) as known_from
            from gold.physics_norm_calibration where q05 is not null group by all
        )
        select count(*), count(*) filter (is_scored), count(*) filter ({all_scores})
        from silver.physics_bands_1s
        inner join silver.contract_days using (symbol, dt)
        inner join calibrated using (root, dt)
        left join seconds using (symbol, dt, window_start_ts)
        where window_valid and window_start_ts >= known_from
        """,
    )
    assert seconds >= n_seconds
    assert min(scored, bands) >= 0.95 * seconds


def test_scores_are_in_range_or_null(database: Path) -> None:
    scores = {
        "vacuum_surface_1s": ["vacuum_score"],
        "physics_surface_1s": ["ease", "obstacle"],
        "physics_bands_1s": BAND_SCORES,
    }
    for relation, names in scores.items():
        for name in names:
            [(known, outside)] = ask(
                database,
                f"select count({name}), count(*) filter (not ({name} between 0 and 1) "
                f"or {name} is not null and not window_valid) from silver.{relation}",
            )
            assert known > 500 and outside == 0, name


def test_empty_ticks_and_bands_offer_no_resistance(database: Path) -> None:
    """In wide markets too: every tick between spot and the quotes is 1."""
    [(cells, wrong)] = ask(
        database,
        "select count(*), count(*) filter (vacuum_score != 1 or ease != 1) "
        "from silver.vacuum_surface_1s inner join silver.physics_surface_1s "
        "using (symbol, window_start_ts, side, price_int) "
        "where is_empty and vacuum_score is not null",
    )
    assert cells > 1_000 and wrong == 0
    for side, direction in (("A", "above"), ("B", "below")):
        for band, ticks in (("at", (0, 2)), ("near", (3, 5))):
            norms = [f"{direction}_{band}_{part}" for part in ("wall_strength", "wall_erosion")]
            vacuum = f"{direction}_{band}_vacuum_norm"
            found = ask(
                database,
                f"""
                with bands as (
                    select symbol, window_start_ts from silver.vacuum_surface_1s
                    where side = '{side}' and abs(rel_ticks) between {ticks[0]} and {ticks[1]}
                    group by all having bool_and(is_empty)
                )
                select {norms[0]}_norm, {norms[1]}_norm, {vacuum}, count(*)
                from silver.physics_bands_1s inner join bands using (symbol, window_start_ts)
                where {vacuum} is not null group by all
                """,
            )
            assert [row[:3] for row in found] == [(0.0, 1.0, 1.0)], (side, band)
            assert found[0][3] > 3


def test_translation_changes_prices_only(database: Path) -> None:
    for relation in SURFACES:
        left_out = [name for (name,) in _columns(database, relation) if name in ("symbol", *PRICES)]
        rows = {
            symbol: f"select * exclude ({', '.join(left_out)}) from silver.{relation} "
            f"where symbol = '{symbol}' and dt = '{LAST_DATE}'"
            for symbol in ("ESU4", "MOVED")
        }
        [(n,)] = ask(database, f"select count(*) from ({rows['ESU4']})")
        [(differ,)] = ask(
            database,
            f"select count(*) from (({rows['ESU4']} except all {rows['MOVED']}) union all "
            f"({rows['MOVED']} except all {rows['ESU4']}))",
        )
        assert n >= 150 and differ == 0, relation


def test_mirror_swaps_the_sides(database: Path) -> None:
    for relation in CELLS:
        left_out = ["symbol", "side", "rel_ticks", *PRICES[:2]]
        names = [name for (name,) in _columns(database, relation) if name not in left_out]
        signed = [("-" if name == "ease_signed" else "") + f"image.{name}" for name in names]
        n, wrong = _mirror(
            database,
            relation,
            "and base.rel_ticks = -image.rel_ticks and base.side != image.side",
            [(f"base.{name}", other) for name, other in zip(names, signed, strict=True)],
        )
        assert n > 3_000 and wrong == 0, relation
    pairs = [("base.vacuum_total_score", "image.vacuum_total_score")]
    for name in BAND_SCORES:
        if name.startswith("above"):
            mirror = name.replace("above", "below")
            pairs += [(f"base.{name}", f"image.{mirror}"), (f"base.{mirror}", f"image.{name}")]
    n, wrong = _mirror(database, "physics_bands_1s", "", pairs)
    assert n >= 150 and wrong == 0


def test_mirror_maps_ask_features_to_bid_features(database: Path) -> None:
    images = {"f1_ask": "f3_bid", "f2_ask": "f4_bid", "f8_ask": "f9_bid"}
    pairs = [
        (
            "case base.approach_dir when 'approach_up' then 1 when 'approach_down' then -1 end",
            "case image.approach_dir when 'approach_up' then -1 when 'approach_down' then 1 end",
        )
    ]
    for name in FEATURES:
        mirror = images[name[:6]] + name[6:] if name[:6] in images else None
        for order in ORDERS:
            if mirror is not None:
                pairs.append((f"base.{order}{name}", f"image.{order}{mirror}"))
                pairs.append((f"base.{order}{mirror}", f"image.{order}{name}"))
            elif name[:2] in ("f5", "f6", "f7"):
                pairs.append((f"base.{order}{name}", f"image.{order}{name}"))
    assert len(pairs) == 1 + 4 * (2 * 11 + 3)
    n, wrong = _mirror(database, "radar_vacuum_1s", "", pairs)
    assert n >= 150 and wrong == 0


def _columns(database: Path, relation: str) -> list[tuple]:
    return ask(database, f"select column_name from (describe silver.{relation})")


def _mirror(
    database: Path, relation: str, condition: str, pairs: list[tuple[str, str]]
) -> tuple[int, int]:
    """Rows of the last date with a mirror image, and the number that lack one or differ."""
    same = " and ".join(
        f"case when {one} is null or {other} is null then {one} is null and {other} is null "
        f"when typeof({one}) = 'DOUBLE' "
        f"then abs(cast({one} as double) - cast({other} as double)) <= 1e-12 "
        f"else {one} = {other} end"
        for one, other in pairs
    )
    [found] = ask(
        database,
        f"""
        with base as (
            select * from silver.{relation} where symbol = 'ESU4' and dt = '{LAST_DATE}'
        ),
        image as (select * from silver.{relation} where symbol = 'MIRRORED')
        select count(*), count(*) filter (image.symbol is null or not coalesce({same}, false))
        from base left join image on base.window_start_ts = image.window_start_ts {condition}
        """,
    )
    return found


def test_some_features_from_below_equal_features_from_above(database: Path) -> None:
    pairs = {}
    for order in ORDERS:
        for name, image in REPEATED.items():
            sign, name_of_image = ("-", image[1:]) if image.startswith("-") else ("", image)
            pairs[order + name] = f"{sign}{order}{name_of_image}"
    counts = [
        f"count({name}), count(*) filter ({name} is distinct from {image})"
        for name, image in pairs.items()
    ]
    [found] = ask(database, f"select {', '.join(counts)} from silver.radar_vacuum_1s")
    assert min(found[::2]) > 500
    assert set(found[1::2]) == {0}


@pytest.mark.parametrize(("symbol", "sign"), [("PULLED", 1), ("DEEPER", -1)])
def test_ease_is_monotonic(database: Path, symbol: str, sign: int) -> None:
    """In the same second, more pulls never lower ease and more resting depth never raises it."""
    changed = f"epoch(base.window_start_ts) % {PERIOD_S} = 0"
    for relation, condition, scores in (
        (
            "physics_surface_1s",
            "and base.side = other.side and base.price_int = other.price_int",
            ["ease"],
        ),
        ("physics_bands_1s", "", ["above_score", "below_score", "vacuum_total_score"]),
    ):
        for score in scores:
            [(known, against, along)] = ask(
                database,
                f"""
                with base as (select * from silver.{relation} where symbol = 'CALM'),
                other as (select * from silver.{relation} where symbol = '{symbol}'),
                changes as (
                    select {sign} * (other.{score} - base.{score}) as change
                    from base inner join other
                    on base.window_start_ts = other.window_start_ts {condition}
                    where {changed}
                )
                select
                    count(change), count(*) filter (change < -1e-12),
                    count(*) filter (change > 1e-9)
                from changes
                """,
            )
            assert known >= 20 and along >= 5 and against == 0, (score, known, along, against)
