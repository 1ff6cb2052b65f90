"""The plain bands, ladders, shapes and walls of a book made by hand."""

from __future__ import annotations

from math import log1p, sqrt

import pytest
from support.market_rows import ASK, CENTRED, adjacent, bar, state, values

IMBALANCES = [f"depth_imbalance_{band}" for band in ("0_4", "4_8", "8_12", "12_20", "20_40")]


def test_bands_hold_their_upper_edge() -> None:
    """Bids at distances 1, 4 | 5, 8 | 9, 12 | 13, 20 | 21, 40, 41 from tick 101."""
    bids = [(101 - d, n) for n, d in enumerate((1, 4, 5, 8, 9, 12, 13, 20, 21, 40, 41), 1)]
    bids[0] = (100, 5)
    row = bar([state(0, bids, [(102, 5)], is_whole=True)])
    fractions = [row[f"depth_bid_{b}_frac_eob"] for b in ("0_4", "4_8", "8_12", "12_20", "20_40")]
    total = 5 + sum(range(2, 11))
    assert fractions == [7 / total, 7 / total, 11 / total, 15 / total, 19 / total]
    assert [row[f"{name}_eob"] for name in IMBALANCES] == [2 / 12, 1, 1, 1, 1]
    assert [row[f"{name}_twa"] for name in IMBALANCES] == [2 / 12, 1, 1, 1, 1]


def test_the_distance_is_exact_where_the_microprice_is_between_ticks() -> None:
    """The microprice is 100 + 1/3: the bid at 96 lies 4 1/3 away, the ask at 104 only 3 2/3."""
    row = bar([state(0, [(100, 1), (96, 7)], [(101, 2), (104, 9)])])
    assert row["microprice_eob"] == pytest.approx((100 + 1 / 3) / 4, rel=1e-15)
    assert row["mid_price_eob"] == 25.125
    assert [row[f"{name}_eob"] for name in IMBALANCES[:2]] == [(1 - 11) / 12, 1]


def test_a_band_past_the_tenth_level_is_not_known() -> None:
    """The tenth bid is 10 ticks away, or 12, or only nine bids exist, or all are known."""
    asks = [(102, 2)]
    ten = adjacent(100, -1)
    known = {
        "ten": bar([state(0, ten, asks)]),
        "reaching": bar([state(0, [*ten[:-1], (89, 2)], asks)]),
        "nine": bar([state(0, ten[:-1], asks)]),
        "whole": bar([state(0, ten, asks, is_whole=True)]),
    }
    names = [f"{name}_{moment}" for name in IMBALANCES for moment in ("eob", "twa")]
    none = {key: [name for name in names if row[name] is None] for key, row in known.items()}
    assert none["ten"] == names[4:]
    assert none["reaching"] == names[6:]
    # known and empty: no depth to compare
    assert none["nine"] == names[6:]
    assert none["whole"] == names[6:]
    fractions = [
        [row[f"depth_bid_{band}_frac_eob"] for band in ("8_12", "12_20")] for row in known.values()
    ]
    assert fractions == [[None, None], [4 / 20, None], [2 / 18, 0], [4 / 20, 0]]
    assert known["ten"]["depth_ask_20_40_frac_eob"] == 0


def test_a_band_that_was_not_known_for_a_moment_has_no_mean() -> None:
    asks = [(102, 2)]
    states = [state(0, adjacent(100, -1), asks), state(1, adjacent(100, -1, 9), asks)]
    row = bar(states)
    assert values(row, "depth_imbalance_8_12_eob", "depth_imbalance_8_12_twa") == [1, None]
    assert values(row, "depth_bid_8_12_frac_eob", "depth_bid_8_12_frac_twa") == [2 / 18, None]
    assert row["depth_ask_8_12_frac_twa"] == 0


def test_the_time_of_an_empty_band_is_left_out() -> None:
    """The band 4_8 is empty for 4 s; then 3 bids face 1 ask."""
    states = [state(0, *CENTRED), state(4, [(100, 5), (95, 3)], [(102, 5), (107, 1)])]
    row = bar(states)
    assert row["depth_imbalance_4_8_twa"] == 0.5
    assert row["depth_bid_4_8_frac_twa"] == pytest.approx(3 / 8 / 5, rel=1e-15)


def test_ladder_gaps() -> None:
    row = bar([state(0, [(100, 1), (98, 1), (95, 1)], ASK)])
    names = ["ladder_bid_gap_max_ticks_eob", "ladder_bid_gap_mean_ticks_eob"]
    assert values(row, *names) == [3, 2.5]
    assert values(row, *(name.replace("bid", "ask") for name in names)) == [None, None]
    far = bar([state(0, [*adjacent(100, -1), (50, 1)], ASK, is_whole=True)])
    assert values(far, *names) == [1, 1]


def test_shares_of_the_levels() -> None:
    row = bar([state(0, [(100, 6, 1), (98, 2, 3)], ASK)])
    assert [row[f"shape_bid_sz_frac_l{n:02}_eob"] for n in range(10)] == [0.75, 0.25, *[0] * 8]
    assert [row[f"shape_bid_ct_frac_l{n:02}_eob"] for n in range(10)] == [0.25, 0.75, *[0] * 8]
    assert row["depth_bid10_qty_eob"] == 8


WALL = ["wall_bid_max_z", "wall_bid_max_level", "wall_bid_nearest_dist_ticks"]


def wall_of(sizes: list[int]) -> list:
    bids = [(100 - n, size) for n, size in enumerate(sizes)]
    return values(bar([state(0, bids, [(102, sizes[0])])]), *WALL)


def test_one_large_level_among_ten() -> None:
    """Nine equal and one larger: z = sqrt(9) = 3, four ticks and one from the microprice."""
    max_z, level, distance = wall_of([5, 5, 5, 80, 5, 5, 5, 5, 5, 5])
    assert max_z == pytest.approx(3, rel=1e-12)
    assert (level, distance) == (3, 4)


def test_z_of_sizes_that_all_differ() -> None:
    sizes = [1, 3, 7]
    logs = [log1p(size) for size in sizes]
    assert logs == pytest.approx([log1p(1), 2 * log1p(1), 3 * log1p(1)])
    # evenly spaced logs: mean in the middle, standard deviation sqrt(2/3) spacings
    assert wall_of(sizes) == [pytest.approx(1 / sqrt(2 / 3), rel=1e-12), 2, None]


@pytest.mark.parametrize("sizes", [[5], [5, 5], [3] * 10])
def test_equal_sizes_have_no_wall(sizes: list[int]) -> None:
    assert wall_of(sizes) == [None, None, None]


@pytest.mark.parametrize(
    ("sizes", "level"),
    [([3, 3, 9, 3, 3, 9, 3, 3, 3, 3], 2), ([4, 4, 4, 4, 44], 4), ([1, 1, 2, 2, *[1] * 6], 2)],
)
def test_a_z_of_two_is_a_wall_however_it_rounds(sizes: list[int], level: int) -> None:
    """Two of ten or one of five: z = 2 exactly; of equals the nearest counts."""
    max_z, max_level, distance = wall_of(sizes)
    assert max_z == pytest.approx(2, rel=1e-12)
    assert (max_level, distance) == (level, level + 1)


def test_three_large_levels_of_ten_are_no_wall() -> None:
    max_z, max_level, distance = wall_of([9, 9, 9, *[3] * 7])
    assert max_z == pytest.approx(sqrt(7 / 3), rel=1e-12)
    assert (max_level, distance) == (0, None)
