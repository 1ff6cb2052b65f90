"""Seconds, key movements and matched moments by the models' SQL, on hand-made tables."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Iterable

import pytest
from support.model_over_tables import model_rows

DAY, OPEN = dt.date(2025, 10, 1), dt.datetime(2025, 10, 1, 13, 30)
PARTITION = {"symbol": "ESZ5", "dt": str(DAY)}
TICK_INT = 250_000_000
SIGMA = 0.5

Row = dict[str, object]


def literal(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, dt.datetime):
        return f"timestamp '{value}'"
    if isinstance(value, dt.date):
        return f"date '{value}'"
    return repr(value)


def query(rows: Iterable[Row]) -> str:
    """Return a query of rows with the same columns."""
    rows = list(rows)
    values = ", ".join(f"({', '.join(map(literal, row.values()))})" for row in rows)
    return f"select * from (values {values}) as t ({', '.join(rows[0])})"


def second_of(text: object) -> int:
    """Return the seconds from the open to a moment as JSON writes it."""
    return int((dt.datetime.fromisoformat(str(text)) - OPEN).total_seconds())


def end_of(second: int) -> dt.datetime:
    return OPEN + dt.timedelta(seconds=second)


# -- seconds --------------------------------------------------------------------------------------


def book_row(second: int, bid: int, ask: int, *, is_valid: bool = True) -> Row:
    """Return the snapshot of the second that begins so many seconds after the open."""
    return {
        "symbol": "ESZ5",
        "dt": DAY,
        "window_start_ts": end_of(second),
        "window_end_ts": end_of(second + 1),
        "best_bid_price_int": bid * TICK_INT,
        "best_ask_price_int": ask * TICK_INT,
        "best_bid_qty": 30,
        "best_ask_qty": 10,
        "mid_price_int": (bid + ask) * TICK_INT // 2,
        "window_valid": is_valid,
    }


def book_tables(book: Iterable[Row]) -> dict[str, str]:
    windows = f"[{{start_ts: {literal(end_of(-2))}, end_ts: {literal(end_of(3_600))}}}]"
    return {
        "silver.contract_days": f"select 'ESZ5' as symbol, date '{DAY}' as dt, "
        f"{TICK_INT} as tick_int, {windows} as surface_windows",
        "silver.book_snapshot_1s": query(book),
    }


def test_seconds() -> None:
    book = [
        # a second fewer than volatility needs
        *(book_row(second, 100, 101) for second in range(-121, -1)),
        book_row(-1, 100, 102),
        book_row(0, 102, 103),
        book_row(1, 102, 103, is_valid=False),
        book_row(2, 101, 103),
        book_row(4, 101, 103),
        book_row(1_800, 101, 103),
        book_row(3 * 3_600, 101, 103),
    ]
    found = model_rows("movement_seconds_1s", book_tables(book), PARTITION)
    by_second = {second_of(row["window_end_ts"]): row for row in found}
    # seconds of the surface window and of the study; not what lies before or after both
    assert list(by_second) == [-1, 0, 1, 2, 3, 5, 1_801]
    assert [row["in_study"] for row in found] == [False, False, *[True] * 5]
    assert [row["ny_half_hour"] for row in found] == [18, 18, 19, 19, 19, 19, 20]
    assert [row["mid_half_ticks"] for row in found] == [201, 202, 205, None, 204, 204, 204]
    assert [row["valid_run_s"] for row in found] == [120, 121, 122, 0, 1, 1, 1]
    assert [row["spread_ticks"] for row in found] == [1, 2, 1, None, 2, 2, 2]
    # three quarters of the contracts at the best prices are bids
    assert by_second[1]["microprice_offset_ticks"] == 0.25
    assert by_second[2]["microprice_offset_ticks"] is None
    assert [row["d1_spread_ticks"] for row in found] == [0, 1, -1, None, None, None, None]
    assert [row["d2_spread_ticks"] for row in found] == [0, 1, -2, *[None] * 4]
    # the sample's standard deviation of the changes of the mid
    quiet = [0.0] * 119
    assert [row["sigma_1s_ticks"] for row in found[:3]] == [
        None,
        pytest.approx(statistics.stdev([*quiet, 0.5])),
        pytest.approx(statistics.stdev([*quiet, 0.5, 1.5])),
    ]


def test_for_how_long_a_mid_was_an_extreme() -> None:
    bids = [*[10] * 40, 9, 10, None, 12, 11, 11, 13]
    book = [
        book_row(second, bid or 9, (bid or 9) + 1, is_valid=bid is not None)
        for second, bid in enumerate(bids)
        # a missing second
        if second != 20
    ]
    found = model_rows("movement_seconds_1s", book_tables(book), PARTITION)
    extremes = {
        second_of(row["window_end_ts"]): (row["low_for_s"], row["high_for_s"]) for row in found
    }
    places = (1, 20, 22, 40, 41, 42, 43, 44, 45, 46, 47)
    assert [extremes[place] for place in places] == [
        (0, 0),
        (19, 19),
        (0, 0),
        (18, 18),
        # a low of all seconds since the missing one, and what follows it
        (19, 0),
        (0, 20),
        # an invalid second, after which the count begins anew
        (None, None),
        (0, 0),
        (1, 0),
        # an equal mid before is no lower and no higher
        (2, 1),
        (0, 3),
    ]
    long = [book_row(second, 100 + second % 2, 101 + second % 2) for second in range(50)]
    last = model_rows("movement_seconds_1s", book_tables(long), PARTITION)[-1]
    assert (last["low_for_s"], last["high_for_s"]) == (0, 30)


# -- movements ------------------------------------------------------------------------------------


def path(ticks: Iterable[float | None], *, begin: int = 0, sigma: float | None = 0.1) -> list[Row]:
    """Return seconds of movement_seconds_1s, one a second."""
    return [
        {
            "symbol": "ESZ5",
            "dt": DAY,
            "window_end_ts": end_of(begin + place),
            "in_study": True,
            "mid_half_ticks": None if tick is None else round(2 * tick),
            "mid_price_int": None if tick is None else round(tick * TICK_INT),
            "sigma_1s_ticks": sigma,
            "spread_ticks": 1 + place,
        }
        for place, tick in enumerate(ticks)
    ]


def movements(rows: list[Row]) -> list[Row]:
    seconds = {"steps.movement_seconds_1s": query(rows)}
    found = model_rows("key_movements", seconds, PARTITION)
    return [
        {
            name: second_of(value) if name.endswith("_ts") else value
            for name, value in row.items()
            if name not in PARTITION
        }
        for row in found
    ]


def test_movements() -> None:
    quiet = path([0, -1, -1, 4, 7.5])
    # three standard deviations over a minute are more than eight ticks
    loud = path([0, 4, 8, 11.5, 12], begin=100, sigma=SIGMA)
    unknown = path([0, 20, 40], begin=200, sigma=None)
    gap = path([0, 4, None, 4, 4], begin=300)
    outside = [row | {"in_study": False} for row in path([0, 4, 8], begin=400)]
    down = path([0, -4, -8], begin=500)
    found = movements(quiet + loud + unknown + gap + outside + down)
    least = 3 * SIGMA * 60**0.5
    assert found == [
        {
            "start_window_end_ts": 2,
            "direction": "up",
            "scanned_window_end_ts": 1,
            "end_window_end_ts": 4,
            "move_ticks": 8.5,
            "threshold_ticks": 8.0,
            "duration_s": 2,
            "sigma_1s_ticks": 0.1,
            "spread_ticks": 3,
            "start_mid_price_int": -TICK_INT,
            "label_end_ts": 5,
        },
        {
            "start_window_end_ts": 100,
            "direction": "up",
            "scanned_window_end_ts": 100,
            "end_window_end_ts": 104,
            "move_ticks": 12.0,
            "threshold_ticks": pytest.approx(least),
            "duration_s": 4,
            "sigma_1s_ticks": SIGMA,
            "spread_ticks": 1,
            "start_mid_price_int": 0,
            "label_end_ts": 104,
        },
        {
            "start_window_end_ts": 500,
            "direction": "down",
            "scanned_window_end_ts": 500,
            "end_window_end_ts": 502,
            "move_ticks": 8.0,
            "threshold_ticks": 8.0,
            "duration_s": 2,
            "sigma_1s_ticks": 0.1,
            "spread_ticks": 1,
            "start_mid_price_int": 0,
            "label_end_ts": 502,
        },
    ]
    assert 11.5 < least < 12


def test_a_day_without_known_seconds_has_no_movements() -> None:
    assert movements(path([None, None])) == []


# -- matched moments ------------------------------------------------------------------------------

MOVE_START, MOVE_END = 500, 520


def moment(second: int, sigma: float | None, spread: int | None = 1, **other: object) -> Row:
    """Return a second that may be a matched moment of a move up: the mid of seconds rises."""
    return {
        "symbol": "ESZ5",
        "dt": DAY,
        "window_end_ts": end_of(second),
        "in_study": True,
        "ny_half_hour": 19,
        "mid_half_ticks": second,
        "valid_run_s": 31,
        "low_for_s": 12,
        "high_for_s": 0,
        "spread_ticks": spread,
        "sigma_1s_ticks": sigma,
        **other,
    }


NEXT = dt.date(2025, 10, 2)
NEXT_S = 86_400
SECONDS = {
    # what may be taken, by distance of the volatility from that of the start
    "nearest": moment(1_000, 1.01),
    "too near to the nearest": moment(1_029, 1.02),
    "far enough from it": moment(1_030, 1.03),
    "on the next day, at any distance": moment(1_029 + NEXT_S, 1.04, dt=NEXT),
    "just before what is near the move": moment(MOVE_START - 120, 1.05),
    "just after it": moment(MOVE_END + 120, 1.06),
    "the sixth": moment(1_500, 1.07),
    # what may not
    "before the move": moment(MOVE_START - 119, 1.0),
    "after the move": moment(MOVE_END + 119, 1.0),
    "in the move": moment(MOVE_START + 5, 1.0),
    "of another half-hour": moment(1_900, 1.0, ny_half_hour=20),
    "after too few valid seconds": moment(1_600, 1.0, valid_run_s=30),
    "outside the study": moment(1_700, 1.0, in_study=False),
    "without volatility": moment(1_750, 0.0),
    "of unknown volatility": moment(1_751, None),
    "of unknown spread": moment(1_752, 1.0, None),
    "of a contract that is not selected": moment(1_780, 1.0, symbol="ESH6"),
    "of another product": moment(1_790, 1.0, symbol="NQZ5"),
    "lower a short while before": moment(1_420, 1.0, low_for_s=11, high_for_s=30),
    "before a fall": moment(1_421, 1.0, mid_half_ticks=2_000),
    "before an equal mid": moment(1_430, 1.0),
    "the equal mid": moment(1_431, None, mid_half_ticks=1_430),
    "before an invalid second": moment(1_432, 1.0),
    "the invalid second": moment(1_433, None, mid_half_ticks=None),
    "before a missing second": moment(1_450, 1.0),
    "the second after it": moment(1_452, None),
}
MOVEMENT = {
    "symbol": "ESZ5",
    "dt": DAY,
    "start_window_end_ts": end_of(MOVE_START),
    "direction": "up",
    "end_window_end_ts": end_of(MOVE_END),
    "label_end_ts": end_of(MOVE_END),
}
SELECTED = [
    {"root": "ES", "session_date": DAY, "selected_symbol": "ESZ5"},
    {"root": "ES", "session_date": NEXT, "selected_symbol": "ESZ5"},
    {"root": "NQ", "session_date": DAY, "selected_symbol": "NQZ5"},
]


def followed(seconds: Iterable[Row], missing: Iterable[int] = ()) -> list[Row]:
    """Return seconds, each with the next one unless that is missing; it is no matched moment."""
    rows = {(row["symbol"], row["window_end_ts"]): row for row in seconds}
    for row in list(rows.values()):
        second = second_of(row["window_end_ts"]) + 1
        if second not in missing:
            following = moment(second, None, symbol=row["symbol"], dt=row["dt"])
            rows.setdefault((row["symbol"], end_of(second)), following)
    return list(rows.values())


def matches(seconds: Iterable[Row], found: list[Row]) -> list[Row]:
    return model_rows(
        "key_movement_matches",
        {
            "silver.mbo_contract_day_selection": query(SELECTED),
            "steps.movement_seconds_1s": query(followed(seconds, [1_451])),
            "gold.key_movements": query(found),
        },
    )


def names_of(rows: list[Row]) -> list[str]:
    """Return the names in SECONDS of the matched moments, in their order."""
    names = {(row["symbol"], row["window_end_ts"]): name for name, row in SECONDS.items()}
    return [
        names[row["match_symbol"], dt.datetime.fromisoformat(str(row["match_window_end_ts"]))]
        for row in rows
    ]


def test_matches() -> None:
    start = moment(MOVE_START, 1.0)
    found = matches([start, *SECONDS.values()], [MOVEMENT])
    assert names_of(found) == [
        "nearest",
        "far enough from it",
        "on the next day, at any distance",
        "just before what is near the move",
        "just after it",
    ]
    assert [row["match_number"] for row in found] == [1, 2, 3, 4, 5]
    assert {second_of(row["start_window_end_ts"]) for row in found} == {MOVE_START}
    distances = [row["match_distance"] for row in found]
    assert distances == sorted(distances)


def test_mirrored_or_moved_prices_have_the_same_matches() -> None:
    seconds = followed([moment(MOVE_START, 1.0), *SECONDS.values()], [1_451])
    up = matches(seconds, [MOVEMENT])

    def transformed(sign: int, shift: int) -> list[Row]:
        return [
            row
            | {
                "mid_half_ticks": None
                if row["mid_half_ticks"] is None
                else sign * int(str(row["mid_half_ticks"])) + shift,
                "low_for_s": row["low_for_s" if sign > 0 else "high_for_s"],
                "high_for_s": row["high_for_s" if sign > 0 else "low_for_s"],
            }
            for row in seconds
        ]

    assert matches(transformed(1, 10_000), [MOVEMENT]) == up
    down = matches(transformed(-1, 0), [MOVEMENT | {"direction": "down"}])
    assert down == [row | {"direction": "down"} for row in up]
    # of the others price does not fall in the next second
    found = matches(seconds, [MOVEMENT | {"direction": "down"}])
    assert names_of(found) == ["before a fall"]


def test_a_movement_has_fewer_matches_where_there_are_no_more() -> None:
    # all lie within seconds of each other; volatility does not differ and compares nothing
    close = [moment(1_000 + place, 1.01) for place in range(11)]
    found = matches([moment(MOVE_START, 1.0), *close, moment(1_400, 1.01, 4)], [MOVEMENT])
    assert [row["match_distance"] for row in found] == [0, pytest.approx(12**0.5)]
    assert second_of(found[1]["match_window_end_ts"]) == 1_400


def test_a_movement_of_unknown_spread_or_volatility_has_no_matches() -> None:
    for change in ({"sigma_1s_ticks": None}, {"sigma_1s_ticks": 0.0}, {"spread_ticks": None}):
        start = moment(MOVE_START, 1.0) | change
        assert matches([start, *SECONDS.values()], [MOVEMENT]) == []


def test_the_order_of_rows_changes_no_digit() -> None:
    start = moment(MOVE_START, 1.0)
    uneven = [moment(700 + 30 * place, 1.0 + 0.37 * place**0.5) for place in range(25)]
    orders = ([start, *uneven], [*reversed(uneven), start], [*uneven[::2], start, *uneven[1::2]])
    first, *others = (matches(seconds, [MOVEMENT]) for seconds in orders)
    assert len(first) == 5
    assert others == [first, first]


def test_equally_near_moments_are_drawn() -> None:
    start = moment(MOVE_START, 1.0)
    equal = [moment(700 + 40 * place, 1.1) for place in range(20)]
    drawn = [
        [second_of(row["match_window_end_ts"]) for row in matches(seconds, [MOVEMENT])]
        for seconds in ([start, *equal], [*reversed(equal), start])
    ]
    # whatever the order of the rows, and not by time
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 5
    assert drawn[0] != sorted(drawn[0])
