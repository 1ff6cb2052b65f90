"""Plain odds on neighbors made by hand."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from naive.retrieval_odds import (
    AT_LEVEL,
    USABLE,
    Row,
    adverse_quantile,
    base_rates,
    distance_band,
    edge_lo,
    edge_ticks,
    effective_episodes,
    leave_one_out_floor,
    odds,
)

H = "s240"
EXITS = {"BREAK": 8, "REJECT": -8, "CHOP": 1, "NOT_REACHED": -6, "CENSORED": None}


def row(
    outcome: str | None,
    episode: str = "a",
    *,
    k: int = 3,
    day: int = 1,
    x0: int = -3,
    exit_x: int | None = None,
) -> Row:
    label = {
        "outcome_reached": outcome,
        "reached": outcome != "NOT_REACHED" if outcome in USABLE else None,
        "x0_ticks": x0,
        "exit_x_ticks": EXITS.get(outcome) if exit_x is None else exit_x,
    }
    return {"episode": episode, "day": day, "k_ticks": k, "labels": {H: label}}


def neighbors(*rows: tuple[Row, float]) -> list[tuple[Row, float, float]]:
    """Neighbors of similarity 0.5 by weight."""
    return [(neighbor, 0.5, weight) for neighbor, weight in rows]


def answer(found: list, library: list[Row], k: int = 3, **settings: object) -> Row:
    defaults = {"alpha": 10, "minima": (1, 1, 1), "similarity_floor": 0.4}
    return odds(found, library, k, H, **defaults | settings)


@pytest.mark.parametrize(
    ("k", "band"),
    [
        (0, None),
        (1, "1-2"),
        (-2, "1-2"),
        (3, "3-4"),
        (-4, "3-4"),
        (6, "5-6"),
        (7, "7+"),
        (-19, "7+"),
    ],
)
def test_distance_bands(k: int, band: str | None) -> None:
    assert distance_band(k) == band


# ---------------------------------------------------------------- support


def test_windows_of_one_episode_are_one_witness() -> None:
    of_one = neighbors(*((row("BREAK", "a"), 1.0) for _ in range(10)))
    assert effective_episodes(of_one) == pytest.approx(1)
    # episodes of weight 3, 1, 1 and 1: 36 / 12
    found = neighbors(
        (row("BREAK", "a"), 2.0),
        (row("BREAK", "a"), 1.0),
        *((row("CHOP", name), 1.0) for name in "bcd"),
    )
    assert effective_episodes(found) == pytest.approx(3)
    assert effective_episodes([]) == 0.0


def test_equal_weights_count_each_episode() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        n = int(rng.integers(1, 9))
        found = [
            (row("CHOP", str(e)), 0.5, 2.0 / m)
            for e, m in enumerate(rng.integers(1, 5, n).tolist())
            for _ in range(m)
        ]
        assert effective_episodes(found) == pytest.approx(n)
        weights = rng.random(len(found))
        uneven = [
            (neighbor, s, w) for (neighbor, s, _), w in zip(found, weights.tolist(), strict=True)
        ]
        assert 1 <= effective_episodes(uneven) <= n + 1e-9


# ---------------------------------------------------------------- base rates


def test_base_rates_by_hand() -> None:
    """Episode a: of four windows three reached, two of them broke; b never, c is censored."""
    library = [
        row("BREAK", "a"),
        row("BREAK", "a", k=-4),
        row("REJECT", "a", k=1),
        row("NOT_REACHED", "a", k=8),
        row("NOT_REACHED", "b", k=8),
        row("CENSORED", "c"),
        row(None, "c"),
    ]
    assert base_rates(library, H) == {
        "reached": pytest.approx((3 / 4 + 0) / 2),
        "break": pytest.approx(2 / 3),
        "reject": pytest.approx(1 / 3),
        "chop": 0.0,
    }
    assert base_rates(library, H, "3-4") == {"reached": 1, "break": 1, "reject": 0, "chop": 0}
    assert base_rates(library, H, "7+") == {
        "reached": 0,
        "break": None,
        "reject": None,
        "chop": None,
    }
    assert set(base_rates(library, H, "5-6").values()) == {None}


def test_a_long_episode_counts_once() -> None:
    library = [*(row("BREAK", "a") for _ in range(30)), row("REJECT", "b"), row("CHOP", "d")]
    rates = base_rates(library, H)
    assert [rates[name] for name in ("break", "reject", "chop")] == pytest.approx([1 / 3] * 3)


# ---------------------------------------------------------------- odds


def test_odds_by_hand() -> None:
    """Weights 4 broke, 2 rejected, 2 never reached: three episodes of 4, 2 and 2."""
    found = neighbors(
        (row("BREAK", "a"), 4.0), (row("REJECT", "b"), 2.0), (row("NOT_REACHED", "c"), 2.0)
    )
    library = [
        row("BREAK", "d"),
        row("REJECT", "e"),
        row("CHOP", "f"),
        row("NOT_REACHED", "g"),
        row("BREAK", "h", k=8),
    ]
    odds = answer(found, library)
    n_eff = 64 / 24
    assert odds["n_eff"] == pytest.approx(n_eff)
    assert (odds["p_reached"], odds["base_reached"], odds["base_all_reached"]) == (0.75, 0.75, 0.8)
    assert odds["p_break_raw"] == pytest.approx(2 / 3)
    assert odds["base_break"] == pytest.approx(1 / 3)
    assert odds["base_all_break"] == pytest.approx(1 / 2)
    assert odds["p_break"] == pytest.approx((n_eff * 2 / 3 + 10 / 3) / (n_eff + 10))
    assert odds["p_chop"] == pytest.approx(10 / 3 / (n_eff + 10))
    assert sum(odds[f"p_{name.lower()}"] for name in AT_LEVEL) == pytest.approx(1, abs=1e-12)
    assert (odds["distance_band"], odds["mean_similarity"]) == ("3-4", 0.5)


def test_more_windows_of_the_same_episodes_change_no_odds() -> None:
    rows = [row("BREAK", "a"), row("REJECT", "b"), row("NOT_REACHED", "c")]
    library = [row(name, name) for name in (*AT_LEVEL, "NOT_REACHED")]
    few = answer(neighbors(*((neighbor, 1.0) for neighbor in rows)), library)
    many = answer(neighbors(*((neighbor, 1.0) for neighbor in rows * 7)), library)
    assert few == {name: pytest.approx(value) for name, value in many.items()}


@pytest.mark.parametrize(
    "settings",
    [
        {"minima": (3, 1, 1)},
        {"minima": (1, 2, 1)},
        {"minima": (1, 1, 3)},
        {"similarity_floor": 0.500001},
        {"similarity_floor": None},
    ],
)
def test_no_odds_without_support_or_likeness(settings: dict[str, object]) -> None:
    found = neighbors((row("BREAK", "a"), 1.0), (row("REJECT", "b"), 1.0))
    library = [row(name, name) for name in AT_LEVEL]
    assert answer(found, library)["p_break"] is not None
    assert answer(found, library, similarity_floor=0.5)["is_similar"] is True
    odds = answer(found, library, **settings)
    assert {value for name, value in odds.items() if name.startswith("p_")} == {None}
    assert (odds["n_eff"], odds["base_break"]) == (pytest.approx(2), pytest.approx(1 / 3))


def test_neighbors_that_never_reached_give_only_that_share() -> None:
    library = [row(name, name) for name in (*AT_LEVEL, "NOT_REACHED")]
    odds = answer(neighbors((row("NOT_REACHED", "a"), 1.0)), library)
    assert (odds["p_reached"], odds["p_break"], odds["p_break_raw"]) == (0.0, None, None)
    odds = answer(neighbors((row("BREAK", "a"), 1.0)), [row("NOT_REACHED", "b")])
    assert (odds["p_reached"], odds["p_break"]) == (1.0, None)


# ---------------------------------------------------------------- likeness


def test_floor_of_similarity() -> None:
    """Places on a line; likeness falls with the distance to the nearest row of another day."""
    places = [(1, 0.0), (1, 0.1), (2, 0.0), (2, 0.3), (3, 0.3), (3, 5.0)]
    library = [row("CHOP", day=day) | {"place": place} for day, place in places]

    def likeness(row: Row, others: list[Row]) -> float | None:
        assert row["day"] not in {other["day"] for other in others}
        distances = [abs(row["place"] - other["place"]) for other in others]
        return 1 / (1 + min(distances)) if distances else None

    # the row at 5.0 finds nothing nearer than 4.7
    assert leave_one_out_floor(library, likeness, 1 / 6) == pytest.approx(1 / 5.7)
    assert leave_one_out_floor(library, likeness, 0.05) == pytest.approx(1 / 5.7)
    assert leave_one_out_floor(library, likeness, 2 / 6) == pytest.approx(1 / 1.1)
    assert leave_one_out_floor(library, likeness, 1.0) == 1.0
    assert leave_one_out_floor(library[:2], likeness, 0.05) is None


@pytest.mark.parametrize(
    ("moves", "weights", "q", "expected"),
    [
        ([0, -1, -2, -3, -10], [1] * 5, 0.8, -3),
        ([0, -1, -2, -3, -10], [1] * 5, 0.81, -10),
        ([0, -1, -2, -3, -10], [1] * 5, 0.5, -2),
        ([-4, -4, -9], [1, 1, 8], 0.2, -4),
        ([-4, -4, -9], [1, 1, 8], 0.5, -9),
        ([], [], 0.8, None),
    ],
)
def test_four_in_five_went_no_further_against(
    moves: list[int], weights: list[float], q: float, expected: int | None
) -> None:
    assert adverse_quantile(moves, weights, q) == expected


# ---------------------------------------------------------------- what it earns


def test_edge_by_hand() -> None:
    """Entered at -3: a break brings 11, a rejection -5, never reached -3, chop 4; one tick cost."""
    found = neighbors(
        (row("BREAK", "a"), 4.0),
        (row("REJECT", "b"), 2.0),
        (row("NOT_REACHED", "c"), 1.0),
        (row("CHOP", "d"), 1.0),
        (row("CENSORED", "e"), 50.0),
    )
    long = (44 - 10 - 3 + 4) / 8
    assert edge_ticks(found, H, "BREAK", 1.0) == pytest.approx(long - 1)
    assert edge_ticks(found, H, "REJECT", 1.0) == pytest.approx(-long - 1)
    assert edge_ticks(found, H, "CHOP", 1.0) is None
    assert edge_ticks([], H, "BREAK", 1.0) is None
    assert edge_ticks(found[4:], H, "BREAK", 1.0) is None


def test_an_entry_near_the_barrier_earns_little() -> None:
    """Right in five of six, one tick from the barrier: 5/6 of 1 less 1/6 of 15, and the cost."""
    found = neighbors(
        *((row("REJECT", str(n), x0=-7), 1.0) for n in range(5)),
        (row("BREAK", "z", x0=-7), 1.0),
    )
    assert edge_ticks(found, H, "REJECT", 1.0) == pytest.approx(5 / 6 - 15 / 6 - 1)


def test_bound_of_the_edge_by_hand() -> None:
    """Two episodes of 11 and -5: a quarter of the resamples has -5 twice, a quarter 11 twice."""
    found = neighbors((row("BREAK", "a"), 1.0), (row("REJECT", "b"), 1.0))
    assert edge_lo(found, H, "BREAK", 0.0, 0.25) == pytest.approx(-5)
    assert edge_lo(found, H, "BREAK", 0.0, 0.26) == pytest.approx(3)
    assert edge_lo(found, H, "BREAK", 0.0, 0.76) == pytest.approx(11)
    found = neighbors(*((row("BREAK", "a"), 1.0) for _ in range(9)))
    assert (
        edge_lo(found, H, "BREAK", 1.0) == edge_ticks(found, H, "BREAK", 1.0) == pytest.approx(10)
    )
    assert edge_lo([], H, "BREAK", 1.0) is None


def test_bound_of_the_edge_against_random_resamples() -> None:
    rng = np.random.default_rng(9)
    found = [
        (row("BREAK", str(e), exit_x=int(rng.integers(-8, 9))), 0.5, float(rng.random()))
        for e in range(6)
        for _ in range(3)
    ]
    sums = np.zeros((6, 2))
    for neighbor, _, weight in found:
        result = neighbor["labels"][H]["exit_x_ticks"] + 3
        sums[int(neighbor["episode"])] += weight * result, weight
    draws = sums[rng.integers(0, 6, (20_000, 6))].sum(axis=1)
    means = draws[:, 0] / draws[:, 1]
    exact = edge_lo(found, H, "BREAK", 0.0)
    below = np.mean(means < exact - 1e-9)
    assert below <= 0.05 + 4 * sqrt(0.05 * 0.95 / 20_000)
    assert np.mean(means <= exact + 1e-9) >= 0.05 - 4 * sqrt(0.05 * 0.95 / 20_000)


def test_mirror_of_an_edge() -> None:
    """Before cost, the two directions earn the opposite."""
    rng = np.random.default_rng(5)
    found = [
        (row("CHOP", str(e), exit_x=int(rng.integers(-8, 9))), 0.5, float(rng.random()))
        for e in range(12)
    ]
    assert edge_ticks(found, H, "BREAK", 0) == pytest.approx(-edge_ticks(found, H, "REJECT", 0))
