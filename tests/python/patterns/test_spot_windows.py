"""Windows around spot are valid where the wall of each second reaches the zone around it."""

from __future__ import annotations

import pytest
from support.model_over_tables import model_rows

TICK_INT = 250_000_000
PARTITION = {"symbol": "ESZ5", "dt": "2025-10-01"}
# ticks from spot that the wall reaches, and those of the zone
WALL, ZONE = 60, 20


def is_valid(spots: list[int | None]) -> bool:
    """Return whether a window with spot at these ticks, a second each, is valid."""
    values = ", ".join(
        f"({second}, {'null' if spot is None else (27_000 + spot) * TICK_INT})"
        for second, spot in enumerate(spots)
    )
    key = "'ESZ5' as symbol, date '2025-10-01' as dt"
    windows = (
        "[{start_ts: timestamp '2025-10-01 14:00:00', end_ts: timestamp '2025-10-01 15:00:00'}]"
    )
    found = model_rows(
        "spot_vacuum_5s",
        {
            "silver.contract_days": f"select {key}, {TICK_INT} as tick_int, "
            f"{windows} as surface_windows",
            "silver.book_snapshot_1s": f"select {key}, true as window_valid, "
            "timestamp '2025-10-01 14:00:00' + to_seconds(second) as window_start_ts, "
            f"spot as spot_ref_price_int from (values {values}) as t (second, spot)",
            "silver.wall_surface_1s": f"select {key} limit 0",
            "silver.reprice_flow_1s": f"select {key} limit 0",
        },
        PARTITION,
        wall_max_ticks=WALL,
    )
    [row] = found
    return row["window_valid"]


@pytest.mark.parametrize("sign", [1, -1])
def test_every_wall_reaches_the_zone(sign: int) -> None:
    far = sign * (WALL - ZONE)
    assert is_valid([far, 0, 0, 0, 0])
    assert not is_valid([far + sign, 0, 0, 0, 0])
    # what counts is the distance from spot at the end, not from each other
    assert is_valid([far, 0, -far, 0, 0])
    assert not is_valid([0, 0, 0, 0, far + sign])


def test_a_second_without_spot_has_no_wall() -> None:
    assert is_valid([0, 0, 0, 0, 0])
    assert not is_valid([None, 0, 0, 0, 0])
    assert not is_valid([0, 0, 0, 0, None])
