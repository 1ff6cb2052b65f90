"""Contract-days of random books for a lake, and variants of two of them.

The variants are further contracts of the same root and date, so that all share a calibration.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from naive.surfaces import second_of

from support.strategies.surface_books import day_of, mirrored, random_books, translated
from support.strategies.surface_market import BookShape
from support.surface_changes import renamed, with_more_depth, with_more_pulls
from support.surface_lakes import BookDay, Inputs

# two minutes before the study window opens in New York
START = time(13, 28)
# ends before the study window opens: no session of the calibration
TOO_EARLY = time(13, 10)
DATES = [date(2024, 5, day) for day in (6, 7, 8, 9, 10, 13, 14)]
EARLY_DATE, ROLL_DATE, LAST_DATE = DATES[2], DATES[5], DATES[6]
FIRST_SECONDS, LAST_SECONDS, OTHER_SECONDS, CALM_SECONDS = 270, 200, 150, 100
TRANSLATION_TICKS = 137
MIRROR_TICKS = 20_000


def compared_days() -> list[BookDay]:
    """Sessions of ES around a roll, one date too early; another tick; nothing selected."""
    days = []
    for n, dt in enumerate(DATES):
        n_seconds = {DATES[0]: FIRST_SECONDS, LAST_DATE: LAST_SECONDS}.get(dt, OTHER_SECONDS)
        start = datetime.combine(dt, TOO_EARLY if dt == EARLY_DATE else START)
        for symbol in ("ESM4", "ESU4") if dt >= ROLL_DATE else ("ESM4",):
            seed = 100 * n + len(days)
            days.append(BookDay("ES", random_books(seed, n_seconds, symbol=symbol, start=start)))
    start = datetime.combine(DATES[0], START)
    window = start + timedelta(seconds=30), start + timedelta(seconds=230)
    shape = BookShape(tick_int=10_000_000, first_ticks=7_800)
    oil = random_books(
        7, FIRST_SECONDS, symbol="CLM4", start=start, surface_window=window, shape=shape
    )
    unselected = random_books(8, OTHER_SECONDS, symbol="NQM4", start=start)
    return [*days, BookDay("CL", oil, window), BookDay("NQ", unselected)]


def varied_days(last: BookDay) -> list[BookDay]:
    """Variants of the last date's book and of a calm book, contracts of the same root."""
    books = last.books
    start = datetime.combine(LAST_DATE, START)
    calm = random_books(5, CALM_SECONDS, start=start, shape=BookShape(calm=True))
    variants = {
        "MOVED": translated(books, TRANSLATION_TICKS),
        "MIRRORED": mirrored(books, MIRROR_TICKS * books.tick_int),
        "CALM": calm,
        "PULLED": with_more_pulls(calm),
        "DEEPER": with_more_depth(calm),
    }
    return [BookDay(last.root, renamed(variant, name)) for name, variant in variants.items()]


def inputs_of(days: Iterable[BookDay], selection: dict) -> Inputs:
    surface_days, roots = {}, {}
    for day in days:
        window = day.surface_window and tuple(map(second_of, day.surface_window))
        symbol = day.books.symbol
        surface_days[symbol, day.books.dt] = day_of(day.books, surface_window_s=window)
        roots[symbol] = day.root
    return Inputs(surface_days, roots, selection)
