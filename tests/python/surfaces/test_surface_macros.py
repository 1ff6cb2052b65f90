"""The macros of the surfaces, each against plain numpy."""

from __future__ import annotations

import csv
from collections import Counter

import numpy as np
import pytest
from spymaster_ingest.lake import PROJECT_ROOT
from support.inline_query import Ask

BUCKETS = {"at": range(3), "near": range(3, 6), "mid": range(6, 15), "far": range(15, 21)}


def test_buckets_partition_the_zone(ask: Ask) -> None:
    rows = ask("""
        select ticks, {{ distance_bucket('ticks') }} as bucket
        from (select unnest(range(-23, 24)) as ticks)
    """)
    expected = {ticks: name for name, part in BUCKETS.items() for ticks in part}
    assert sorted(expected) == list(range(21))
    assert [row["ticks"] for row in rows] == list(range(-23, 24))
    for row in rows:
        assert row["bucket"] == expected.get(abs(row["ticks"])), row


def test_a_difference_needs_the_second_before(ask: Ask) -> None:
    rows = ask("""
        select {{ consecutive_difference('x') }} as difference
        from (values (0, 1), (1, 4), (3, 9), (4, null), (5, 2), (6, 2)) as given (second, x),
            lateral (select timestamp '2025-10-01' + to_seconds(second) as window_start_ts) as times
        window seconds as (order by window_start_ts)
        order by window_start_ts
    """)
    assert [row["difference"] for row in rows] == [None, 3, None, None, None, 0]


def test_norm(ask: Ask) -> None:
    nan = None
    cases = [
        *((x, 2.0, 6.0) for x in (-1.0, 2.0, 3.0, 4.5, 6.0, 7.0)),
        *((x, 3.0, 3.0) for x in (2.0, 3.0, 4.0)),
        (nan, 2.0, 6.0),
        (3.0, nan, 6.0),
        (3.0, 2.0, nan),
        (3.0, nan, nan),
        (nan, 3.0, 3.0),
        (0.0, -2.0, -1.0),
    ]
    values = ", ".join(
        f"({no}, {', '.join('null' if part is None else str(part) for part in case)})"
        for no, case in enumerate(cases)
    )
    rows = ask(f"""
        select no, {{{{ norm('x', 'low', 'high') }}}} as scaled
        from (values {values}) as v (no, x, low, high) order by no
    """)
    for case, row in zip(cases, rows, strict=True):
        if None in case:
            assert row["scaled"] is None, case
        elif case[1] == case[2]:
            assert row["scaled"] == 0.5
        else:
            x, low, high = case
            assert row["scaled"] == pytest.approx(np.clip((x - low) / (high - low), 0, 1))


def test_norm_takes_an_expression(ask: Ask) -> None:
    [row] = ask("select {{ norm('x - 1', 'x - 3', 'x + 5') }} as scaled from (select 4.0 as x)")
    assert row["scaled"] == 0.25


def test_log_ratio_and_share_are_finite_without_contracts(ask: Ask) -> None:
    draw = np.random.default_rng(3)
    pairs = [(0, 0), (0, 9), (9, 0), *draw.integers(0, 500, (30, 2)).tolist()]
    values = ", ".join(f"({no}, {a}, {b})" for no, (a, b) in enumerate(pairs))
    rows = ask(f"""
        select
            {{{{ log_ratio('a', 'b') }}}} as ratio,
            {{{{ log1p_share('a', 'b') }}}} as share,
            {{{{ log1p_share('a', 'b', 'a + 1') }}}} as smoothed
        from (values {values}) as v (no, a, b) order by no
    """)
    for (a, b), row in zip(pairs, rows, strict=True):
        assert row["ratio"] == pytest.approx(np.log((a + 1) / (b + 1)), abs=1e-12)
        assert row["share"] == pytest.approx(np.log1p(a / (b + 1)), abs=1e-12)
        assert row["smoothed"] == pytest.approx(np.log1p(a / (b + a + 1)), abs=1e-12)


def test_features_are_mirror_images_by_the_seed(ask: Ask) -> None:
    draw = np.random.default_rng(3)
    sums = [
        *(f"depth{bucket}_{at}" for bucket in ("", "_at", "_near") for at in ("start", "end")),
        *("depth_far_end", "distance_qty_start", "distance_qty_end", "best_ticks"),
        *("add", "pull", "pull_all", "pull_at", "pull_near", "pull_mid", "pull_far"),
        *("away", "toward"),
    ]
    books = [
        {
            side: dict(zip(sums, map(int, draw.integers(1, 400, len(sums))), strict=True))
            for side in ("ask", "bid")
        }
        for _ in range(40)
    ]
    # in the mirror asks are bids
    seen = books + [{"ask": book["bid"], "bid": book["ask"]} for book in books]
    names = [f"{side}_{name}" for side in ("ask", "bid") for name in sums]
    values = ", ".join(
        f"({', '.join(str(book[name[:3]][name[4:]]) for name in names)})" for book in seen
    )
    rows = ask(f"""
        select
        {{% for name, formula in radar_features().items() %}}
            {{{{ formula }}}} as {{{{ name }}}}{{{{ "," if not loop.last }}}}
        {{% endfor %}}
        from (values {values}) as v ({", ".join(names)})
    """)
    mirrors = list(csv.DictReader((PROJECT_ROOT / "seeds" / "feature_mirrors.csv").open()))
    found = {row["up_feature"]: row for row in mirrors}
    here, there = rows[: len(books)], rows[len(books) :]
    # pulls behind an approach have no feature from below, and sums are not listed
    without = ("u13_", "u14_", "u15_", "u16_", "u17_", "f5_", "f6_", "f7_")
    without += tuple(f"f2_ask_{name}" for name in ("pull_intensity", "at_pull", "near_pull"))
    for name in rows[0]:
        has_image = name in found or name in {row["down_feature"] for row in mirrors}
        assert has_image != name.startswith(without), name
    for name, image in found.items():
        if name in rows[0]:
            sign = int(image["mirror_sign"])
            shift = {
                round(row[name] - sign * other[image["down_feature"]], 9)
                for row, other in zip(here, there, strict=True)
            }
            # all but a constant
            assert max(shift) - min(shift) <= 1e-8, name
            assert np.std([row[name] for row in here]) > 0.02, name


def test_every_feature_of_a_context_but_walls_and_flip_has_an_image(ask: Ask) -> None:
    [row] = ask("""
        select
            {{ context_features().keys() | list + moment_features() }} as names,
            {{ vector_rows('up') + vector_rows('down') }} as elements
    """)
    mirrors = list(csv.DictReader((PROJECT_ROOT / "seeds" / "feature_mirrors.csv").open()))
    up, down = ({mirror[f"{way}_feature"] for mirror in mirrors} for way in ("up", "down"))
    without = {f"{name}_distance" for name in ("call_wall", "put_wall", "gamma_flip")}
    assert set(row["names"]) - up == set(row["names"]) - down == without
    # every listed feature is compared
    assert up | down <= set(row["names"]) | set(row["elements"])


def test_consecutive_difference_needs_the_second_before(ask: Ask) -> None:
    seconds = {0: 5, 1: 7, 2: None, 3: 4, 4: 9, 7: 1, 8: 1, 61: 3}
    values = ", ".join(f"({s}, {'null' if v is None else v})" for s, v in seconds.items())
    rows = ask(f"""
        with flows as (
            select
                s, x, timestamp '2025-10-01 23:59:00' + to_seconds(s) as window_start_ts
            from (values {values}) as v (s, x)
        )
        select s, {{{{ consecutive_difference('x') }}}} as difference
        from flows
        window seconds as (order by window_start_ts)
        order by s
    """)
    found = {row["s"]: row["difference"] for row in rows}
    assert found == {0: None, 1: 2, 2: None, 3: None, 4: 5, 7: None, 8: 0, 61: None}


@pytest.fixture(scope="module")
def counted() -> list[tuple[str, str, int, float, int]]:
    """Return random counted values: metric, segment, day of the cutoff, value, count."""
    draw = np.random.default_rng(8)
    rows: Counter[tuple[str, str, int, float]] = Counter()
    for metric, size in [("many", 4000), ("few", 40), ("steps", 900)]:
        for segment in ("a", "b"):
            values = draw.normal(0, 2, size)
            if metric == "steps":
                # few values many times, zero most often, so that ranks fall on ties
                values = np.log(draw.geometric(0.6, size))
            for day, value in zip(draw.integers(1, 8, size), values, strict=True):
                rows[metric, segment, int(day), float(value)] += int(draw.integers(1, 4))
    for metric in ("one", "same"):
        rows[metric, "a", 2, -1.5] = 1 if metric == "one" else 7
    return [(*key, count) for key, count in rows.items()]


@pytest.mark.parametrize("bin_width", [0.015625, 1.0, 1000.0])
def test_quantiles_of_counts_agree_with_numpy(
    ask: Ask, counted: list[tuple[str, str, int, float, int]], bin_width: float
) -> None:
    values = ", ".join(
        f"('{metric}', '{segment}', timestamp '2025-10-0{day}', {value!r}::double, {count})"
        for metric, segment, day, value, count in counted
    )
    rows = ask(
        f"""
        with counts as materialized (
            select * from (values {values})
                as v (metric_name, segment, cutoff_ts, metric_value, row_count)
        )
        select * from ({{{{ quantiles_of_counts('counts') }}}})
        """,
        calibration_bin_width=bin_width,
    )
    cutoffs = {(metric, segment, day) for metric, segment, day, *_ in counted}
    found = {(row["metric_name"], row["segment"], int(row["cutoff_ts"][8:10])): row for row in rows}
    assert len(rows) == len(found)
    assert set(found) == cutoffs
    for (metric, segment, day), row in found.items():
        known = [
            (value, count)
            for name, part, at, value, count in counted
            if (name, part) == (metric, segment) and at <= day
        ]
        sample = np.repeat(*map(np.array, zip(*known, strict=True)))
        assert row["n_rows"] == len(sample)
        expected = np.quantile(sample, [0.05, 0.95])
        assert [row["q05"], row["q95"]] == pytest.approx(expected.tolist(), abs=1e-12)
