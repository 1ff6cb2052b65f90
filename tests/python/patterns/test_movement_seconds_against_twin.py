"""Published seconds of key movements against the plain ones, on random days."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
from naive.levels_model import LevelRules, Row, timestamp_of
from naive.movement_seconds import Book, movement_seconds
from support.model_over_tables import model_rows

SYMBOL, TICK_INT = "ESZ5", 250_000_000
# around the open in summer time, around the close in winter time
DAYS = {
    dt.date(2025, 10, 31): ("09:24", "09:46", {18, 19}),
    dt.date(2025, 11, 3): ("12:15", "12:33", {24, 25}),
}


def at(rules: LevelRules, clock: str) -> int:
    return rules.clock_s(clock)


def random_book(rules: LevelRules, seed: int, first: str, last: str) -> list[Book]:
    """A walk; some seconds are invalid or have empty sides, in some minutes most."""
    random = Random(seed)
    bid, seconds = 27_000, []
    for start_s in range(at(rules, first), at(rules, last)):
        bid += random.choice((-1, 0, 0, 0, 1))
        kind = random.random()
        # where volatility becomes unknown
        n_minutes = (start_s - at(rules, first)) // 60
        seconds.append(
            Book(
                start_s,
                bid=None if kind > 0.99 else bid,
                ask=None if 0.985 < kind < 0.995 else bid + random.choice((1, 1, 1, 2, 4)),
                bid_qty=random.randint(1, 4),
                ask_qty=random.randint(1, 40),
                is_valid=kind > (0.6 if 8 <= n_minutes < 12 else 0.02),
            )
        )
    return seconds


def sql(value: object) -> str:
    if value is None:
        return "null"
    return f"timestamp '{value}'" if isinstance(value, dt.datetime) else repr(value)


def book_query(book: list[Book]) -> str:
    rows = []
    for second in book:
        bid, ask = (None if p is None else p * TICK_INT for p in (second.bid, second.ask))
        row = (
            timestamp_of(second.start_s),
            timestamp_of(second.start_s + 1),
            bid,
            ask,
            None if bid is None else second.bid_qty,
            None if ask is None else second.ask_qty,
            None if bid is None or ask is None else (bid + ask) // 2,
            second.is_valid,
        )
        rows.append(f"({', '.join(map(sql, row))})")
    names = "window_start_ts, window_end_ts, best_bid_price_int, best_ask_price_int, "
    names += "best_bid_qty, best_ask_qty, mid_price_int, window_valid"
    return f"select '{SYMBOL}' as symbol, * from (values {', '.join(rows)}) as t ({names})"


def found_rows(day: dt.date, book: list[Book], windows: list[tuple[int, int]]) -> list[Row]:
    list_of = ", ".join(
        f"{{start_ts: {sql(timestamp_of(first))}, end_ts: {sql(timestamp_of(last))}}}"
        for first, last in windows
    )
    with_date = f"select date '{day}' as dt, *"
    return model_rows(
        "movement_seconds_1s",
        {
            "silver.contract_days": f"{with_date} from (select '{SYMBOL}' as symbol, "
            f"{TICK_INT} as tick_int, [{list_of}] as surface_windows)",
            "silver.book_snapshot_1s": f"{with_date} from ({book_query(book)})",
        },
        {"symbol": SYMBOL, "dt": str(day)},
    )


@pytest.mark.parametrize("day", DAYS)
def test_seconds(day: dt.date) -> None:
    rules = LevelRules(SYMBOL, day, TICK_INT)
    first, last, half_hours = DAYS[day]
    book = random_book(rules, day.day, first, last)
    windows = [
        (at(rules, "09:25") + 30, at(rules, "09:40") + 30),
        (at(rules, "12:31"), at(rules, "12:31") + 20),
    ]
    plain = movement_seconds(book, windows, rules)
    found = found_rows(day, book, windows)
    assert len(found) == len(plain) > 800
    for row, expected in zip(found, plain, strict=True):
        assert row.keys() == expected.keys()
        for name, value in expected.items():
            if isinstance(value, dt.date):
                assert row[name] == str(value), expected
            elif isinstance(value, float):
                assert row[name] == pytest.approx(value, rel=1e-9, abs=1e-9), (name, expected)
            else:
                assert row[name] == value, (name, expected)
    # every kind of row was compared
    for name in plain[0]:
        known = [row[name] is not None for row in plain]
        assert sum(known) > 400, name
        is_price = "ticks" in name or name in ("mid_price_int", "low_for_s", "high_for_s")
        assert (sum(known) < len(known)) == is_price, name
    assert {row["ny_half_hour"] for row in plain} == half_hours
    assert {row["in_study"] for row in plain} == {True, False}
    assert sum(second.is_valid and not second.is_known for second in book) > 10
