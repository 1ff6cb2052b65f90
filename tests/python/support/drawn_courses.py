"""Drawn courses of approaches as the level engines read them: their seconds and directions.

They need not follow from the trades: a course begins anywhere, most often towards the level, and
lasts while price stands before, at and past the level. `approach_course_1s` has tests of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random

from naive.surfaces import Row

# shares of seconds in which a course begins, and of courses that run against the side of spot
BEGINS, AGAINST = 0.05, 0.15
LASTS_S = (1, 4, 15, 40, 90)
COLUMNS = ("symbol", "dt", "window_end_ts", "level_id", "direction")


def drawn_courses(
    levels: Iterable[Row], spots: Mapping[object, int | None], seed: int
) -> list[Row]:
    """Rows of `approach_course_1s` with the columns that engines read, by second and level.

    Args:
        levels: Rows of `levels_1s`.
        spots: `spot_ref_price_int` by `window_end_ts`, 1e-9 units.
        seed: Of the draw.
    """
    random = Random(seed)
    rows: list[Row] = []
    left_s: dict[str, int] = {}
    direction: dict[str, str] = {}
    for level in sorted(levels, key=lambda row: (row["window_end_ts"], row["level_id"])):
        name, spot_int = level["level_id"], spots.get(level["window_end_ts"])
        if not level["is_active"] or spot_int is None:
            left_s[name] = 0
            continue
        if not left_s.get(name) and random.random() < BEGINS:
            is_above = level["level_price_int"] >= spot_int
            direction[name] = "up" if is_above != (random.random() < AGAINST) else "down"
            left_s[name] = random.choice(LASTS_S)
        if left_s.get(name):
            left_s[name] -= 1
            keys = {key: level[key] for key in ("symbol", "dt", "window_end_ts", "level_id")}
            rows.append(keys | {"direction": direction[name]})
    return rows
