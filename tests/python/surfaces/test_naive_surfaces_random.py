"""Invariants of the plain one-second surfaces on random books."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from math import isclose
from typing import Any

import pytest
from naive.surfaces import Row, second_of
from naive.surfaces_calibration import (
    CalibrationAt,
    CalibrationConfig,
    calibrate,
    calibration_lookup,
    fixed_calibration,
)
from naive.surfaces_radar import FEATURES, radar_vacuum
from naive.surfaces_result import Surfaces, surfaces
from naive.surfaces_vacuum import vacuum_metrics
from support.strategies.surface_books import (
    TYPICAL_QUANTILES,
    Books,
    day_of,
    mirrored,
    random_books,
    translated,
)
from support.strategies.surface_market import BookShape

N_SECONDS = 240
SIGN = {"+": 1, "-": -1}
# every feature from below that equals a feature from above
REPEATED = {
    "u1_ask_com_disp_log": "+f1_ask_com_disp_log",
    "u2_ask_slope_convex_log": "+f1_ask_slope_convex_log",
    "u2_ask_slope_inner_log": "+f1_ask_slope_inner_log",
    "u3_ask_at_share_decay": "-f1_ask_at_share_delta",
    "u3_ask_near_share_decay": "-f1_ask_near_share_delta",
    "u4_ask_reprice_away_share_rest": "+f1_ask_reprice_away_share_rest",
    "u5_ask_pull_add_log_rest": "+f2_ask_pull_add_log_rest",
    "u6_ask_pull_intensity_log_rest": "+f2_ask_pull_intensity_log_rest",
    "u7_ask_at_pull_share_rest": "+f2_ask_at_pull_share_rest",
    "u7_ask_near_pull_share_rest": "+f2_ask_near_pull_share_rest",
    "u8_bid_com_approach_log": "-f3_bid_com_disp_log",
    "u9_bid_slope_support_log": "-f3_bid_slope_convex_log",
    "u9_bid_slope_inner_log": "-f3_bid_slope_inner_log",
    "u10_bid_at_share_rise": "+f3_bid_at_share_delta",
    "u10_bid_near_share_rise": "+f3_bid_near_share_delta",
    "u12_bid_add_pull_log_rest": "-f4_bid_pull_add_log_rest",
    "u18_ask_bbo_dist_ticks": "+f8_ask_bbo_dist_ticks",
    "u19_bid_bbo_dist_ticks": "+f9_bid_bbo_dist_ticks",
}
MIRROR_IMAGES = {"f1_ask": "f3_bid", "f2_ask": "f4_bid", "f8_ask": "f9_bid"}


def describe(books: Books) -> Surfaces:
    return surfaces(day_of(books), fixed_calibration(TYPICAL_QUANTILES))


def expanding(books: Books, **config: Any) -> CalibrationAt:
    """Quantiles of the same day's past, known after a few valid seconds."""
    metrics = vacuum_metrics(day_of(books))
    rows = calibrate(
        "ES",
        [books.dt],
        {(books.symbol, books.dt): metrics.values()},
        {("ES", books.dt): books.symbol},
        CalibrationConfig(
            calibration_mode="intraday_expanding", **{"intraday_min_seconds": 20} | config
        ),
    )
    return calibration_lookup(rows)


@pytest.fixture(scope="module", params=[1, 2])
def books(request: pytest.FixtureRequest) -> Books:
    return random_books(request.param, N_SECONDS)


@pytest.fixture(scope="module")
def found(books: Books) -> Surfaces:
    return describe(books)


def _differ(one: Row, other: Row, names: list[str]) -> list[str]:
    return [name for name in names if not _is_close(one[name], other[name])]


def _is_close(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return one == other


def test_surface_window_limits_the_rows() -> None:
    start = datetime(2024, 5, 8, 13, 25)
    window = (start + timedelta(seconds=20), start + timedelta(seconds=40))
    some = random_books(3, 60, start=start, surface_window=window)
    day = day_of(some, surface_window_s=(second_of(window[0]), second_of(window[1])))
    assert len(some.snapshot) > 50 and set(day.wall) <= set(day.seconds)
    found = surfaces(day, fixed_calibration(TYPICAL_QUANTILES))
    assert set(found.radar_vacuum_1s) == set(found.physics_bands_1s) == set(day.seconds)
    # spot before the window is known, the wall is not
    whole = surfaces(day_of(random_books(3, 60, start=start)), fixed_calibration(TYPICAL_QUANTILES))
    for second, row in found.radar_vacuum_1s.items():
        assert row["approach_dir"] == whole.radar_vacuum_1s[second]["approach_dir"]
    first = [k for k in found.wall_derivatives_1s if k[0] == day.seconds[0]]
    assert {found.wall_derivatives_1s[k]["d2_depth_qty"] for k in first} == {None}


def test_some_features_from_below_equal_features_from_above(found: Surfaces) -> None:
    for row in found.radar_vacuum_1s.values():
        for name, image in REPEATED.items():
            for prefix in ("", "d1_", "d2_", "d3_"):
                value = row[prefix + image[1:]]
                expected = None if value is None else SIGN[image[0]] * value
                assert row[prefix + name] == expected
        if row["window_valid"]:
            away = row["f3_bid_reprice_away_share_rest"]
            assert row["u11_bid_reprice_toward_share_rest"] == 1 - away
            assert row["f7_vacuum_total_log"] == (
                row["f5_vacuum_expansion_log"] + row["f6_vacuum_decay_log"]
            )
            assert row["u17_up_total_log"] == row["u15_up_expansion_log"] + row["u16_up_flow_log"]
            assert row["u14_bid_midfar_pull_share_rest"] == row["u14_bid_far_pull_share_rest"]


def test_features_are_known_exactly_in_valid_seconds(found: Surfaces) -> None:
    rows = found.radar_vacuum_1s
    for second, row in rows.items():
        run = [rows.get(second - k, {}).get("window_valid", False) for k in range(4)]
        for order, prefix in enumerate(("", "d1_", "d2_", "d3_")):
            values = {row[prefix + name] is not None for name in FEATURES}
            assert values == {all(run[: order + 1])}


def test_scores_are_in_range_or_missing(books: Books, found: Surfaces) -> None:
    columns = {
        "vacuum_surface_1s": ["vacuum_score"],
        "physics_surface_1s": ["ease", "obstacle"],
        "physics_bands_1s": [
            name
            for name in next(iter(found.physics_bands_1s.values()))
            if name.endswith(("_norm", "_score"))
        ],
    }
    assert len(columns["physics_bands_1s"]) == 24 + 3
    for relation, names in columns.items():
        known = 0
        for row in getattr(found, relation).values():
            values = [row[name] for name in names]
            if not row["window_valid"]:
                assert set(values) == {None}
            known += sum(value is not None for value in values)
            assert all(value is None or 0 <= value <= 1 for value in values)
        assert known > len(books.snapshot) // 4


def test_empty_cells_and_bands_offer_no_resistance(found: Surfaces) -> None:
    seen = 0
    cells: dict[tuple[int, str], list[bool]] = {}
    for key, row in found.vacuum_surface_1s.items():
        if row["window_valid"] and row["is_empty"]:
            assert row["vacuum_score"] == found.physics_surface_1s[key]["ease"] == 1.0
        if row["window_valid"] and abs(row["rel_ticks"]) <= 2:
            cells.setdefault((key[0], row["side"]), []).append(row["is_empty"])
    for (second, side), empty in cells.items():
        if all(empty):
            seen += 1
            above = "above" if side == "A" else "below"
            row = found.physics_bands_1s[second]
            parts = ("wall_strength_norm", "wall_erosion_norm", "vacuum_norm")
            assert [row[f"{above}_at_{part}"] for part in parts] == [0.0, 1.0, 1.0]
    assert seen > 10


def test_translation_changes_prices_only(books: Books, found: Surfaces) -> None:
    ticks = 137
    shift = ticks * books.tick_int
    moved = describe(translated(books, ticks))
    for relation, rows in vars(found).items():
        others = getattr(moved, relation)
        for key, row in rows.items():
            other = others[key if isinstance(key, int) else (*key[:2], key[2] + shift)]
            assert {n for n in row if row[n] != other[n]} <= {
                "price_int",
                "spot_ref_price_int",
                "spot_ref_price",
                "mid_price",
                "mid_price_int",
            }
        assert len(rows) == len(others)


def test_mirror_swaps_the_sides(books: Books, found: Surfaces) -> None:
    centre_int = 20_000 * books.tick_int
    image = describe(mirrored(books, centre_int))
    for relation in ("wall_derivatives_1s", "vacuum_surface_1s", "physics_surface_1s"):
        rows, others = getattr(found, relation), getattr(image, relation)
        assert len(rows) == len(others)
        for (second, side, price_int), row in rows.items():
            key = second, "B" if side == "A" else "A", 2 * centre_int - price_int
            assert others[key]["rel_ticks"] == -row["rel_ticks"]
            same = [n for n in row if n not in ("side", "price_int", "spot_ref_price_int")]
            same = [n for n in same if n not in ("rel_ticks", "ease_signed")]
            assert _differ(row, others[key], same) == []
            if row.get("ease_signed") is not None:
                assert others[key]["ease_signed"] == -row["ease_signed"]
    for second, row in found.physics_bands_1s.items():
        other = image.physics_bands_1s[second]
        for name in (n for n in row if n.startswith("above_")):
            mirror = name.replace("above", "below")
            assert (row[name], row[mirror]) == pytest.approx((other[mirror], other[name]))
        assert row["vacuum_total_score"] == pytest.approx(other["vacuum_total_score"])


def test_mirror_maps_ask_features_to_bid_features(books: Books, found: Surfaces) -> None:
    image = describe(mirrored(books, 20_000 * books.tick_int)).radar_vacuum_1s
    directions = {"approach_up": "approach_down", "approach_down": "approach_up"}
    ask_names = [name for name in FEATURES if name[:6] in MIRROR_IMAGES]
    assert len(ask_names) == 6 + 4 + 1
    for second, row in found.radar_vacuum_1s.items():
        other = image[second]
        for prefix in ("", "d1_", "d2_", "d3_"):
            for name in ask_names:
                mirror = prefix + MIRROR_IMAGES[name[:6]] + name[6:]
                assert row[prefix + name] == other[mirror]
                assert row[mirror] == other[prefix + name]
            for name in ("f5_vacuum_expansion_log", "f6_vacuum_decay_log", "f7_vacuum_total_log"):
                assert _differ(row, other, [prefix + name]) == []
        assert row["f2_ask_pull_add_log_all"] == other["f4_bid_pull_add_log_all"]
        direction = row["approach_dir"]
        assert other["approach_dir"] == directions.get(direction, direction)


def test_nothing_looks_ahead(books: Books) -> None:
    """Another market replaces everything from a cut on; nothing before the cut changes."""
    cut = books.snapshot[len(books.snapshot) * 3 // 5]["window_start_ts"]
    other = translated(random_books(77, N_SECONDS), 60)
    spliced = replace(
        books,
        **{
            name: [r for r in getattr(books, name) if r["window_start_ts"] < cut]
            + [r for r in getattr(other, name) if r["window_start_ts"] >= cut]
            for name in ("snapshot", "wall", "reprice")
        },
    )
    one = surfaces(day_of(books), expanding(books))
    two = surfaces(day_of(spliced), expanding(spliced))
    end = second_of(cut)
    for relation, rows in vars(one).items():
        before = {key: row for key, row in rows.items() if _second(key) < end}
        after = {key: row for key, row in getattr(two, relation).items() if _second(key) < end}
        assert before == after
        assert before and len(before) < len(rows)
    scores = [r["vacuum_score"] for k, r in one.vacuum_surface_1s.items() if k[0] < end]
    assert any(score is not None and 0 < score < 1 for score in scores)


def _second(key: int | tuple[int, ...]) -> int:
    return key if isinstance(key, int) else key[0]


def test_radar_of_an_empty_half_is_capped() -> None:
    """No asks within 20 ticks: centre of mass and best distance are 20, not infinite."""
    books = random_books(8, 30, shape=BookShape(calm=True))
    far = replace(books, wall=[r for r in books.wall if r["side"] == "B" or r["rel_ticks"] > 20])
    rows = [r for r in radar_vacuum(day_of(far)).values() if r["window_valid"]]
    assert len(rows) > 20
    for row in rows:
        assert row["f1_ask_com_disp_log"] == 0.0
        assert row["f8_ask_bbo_dist_ticks"] == row["u18_ask_bbo_dist_ticks"] == 20.0
        assert row["f2_ask_pull_add_log_rest"] == 0.0
        assert row["f9_bid_bbo_dist_ticks"] < 20.0
