"""The session macros and the open intervals against plain zone arithmetic in Python."""

from __future__ import annotations

import csv
import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest
from spymaster_ingest.lake import PROJECT_ROOT
from support.inline_query import Ask

NEW_YORK = ZoneInfo("America/New_York")
CHICAGO = ZoneInfo("America/Chicago")
CLOCK_CHANGES = [dt.date(2025, 3, 9), dt.date(2025, 11, 2)]
SESSIONS = {
    "premarket": (dt.time(4), dt.time(9, 30)),
    "rth_study": (dt.time(9, 30), dt.time(12, 30)),
    "opening_range": (dt.time(9, 30), dt.time(9, 45)),
}
GLOBEX_OPEN, GLOBEX_CLOSE = dt.time(18), dt.time(17)
SPECIAL_DAYS = [
    *CLOCK_CHANGES,
    dt.date(2023, 11, 23),
    dt.date(2023, 11, 24),
    dt.date(2023, 12, 24),
    dt.date(2023, 12, 25),
    dt.date(2024, 3, 28),
    dt.date(2024, 3, 29),
    dt.date(2024, 7, 4),
    dt.date(2024, 12, 31),
    dt.date(2025, 3, 10),
    dt.date(2025, 6, 10),
    dt.date(2025, 6, 11),
    dt.date(2025, 6, 12),
    dt.date(2025, 6, 13),
]
# artificial closures: within a session, overlapping, touching, over midnight, over days
ODD_CLOSURES = [
    ("ES", dt.datetime(2025, 6, 11, 10), dt.datetime(2025, 6, 11, 11, 30)),
    ("ES", dt.datetime(2025, 6, 11, 11), dt.datetime(2025, 6, 11, 12)),
    ("ES", dt.datetime(2025, 6, 11, 12), dt.datetime(2025, 6, 11, 12, 15)),
    ("ES", dt.datetime(2025, 6, 11, 19), dt.datetime(2025, 6, 12, 3)),
    ("ES", dt.datetime(2025, 6, 12, 3, 20), dt.datetime(2025, 6, 12, 20)),
    ("CL", dt.datetime(2025, 6, 10, 16), dt.datetime(2025, 6, 12, 19)),
]
# XH is an artificial root in a zone so far west that a session ends on the next UTC day
SYMBOLS = {"ESZ5": "ES", "NQH26": "NQ", "CLF6": "CL", "XHZ5": "XH"}
ZONES = {"ES": NEW_YORK, "NQ": NEW_YORK, "CL": NEW_YORK, "XH": ZoneInfo("Pacific/Honolulu")}
Interval = tuple[dt.datetime, dt.datetime, bool]


def random_days(count: int, seed: int) -> list[dt.date]:
    choose = random.Random(seed)
    first, last = dt.date(2010, 1, 4).toordinal(), dt.date(2030, 12, 30).toordinal()
    return [dt.date.fromordinal(choose.randint(first, last)) for _ in range(count)]


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def utc(day: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, time, tzinfo=NEW_YORK).astimezone(dt.UTC)


def test_clock_macros_agree_with_zoneinfo(ask: Ask) -> None:
    days = ", ".join(f"timestamp '{day}'" for day in CLOCK_CHANGES + random_days(20, seed=5))
    columns = "".join(
        f"{{{{ in_session('ts', '{name}') }}}} as in_{name},"
        f"{{{{ session_bounds_utc(ny_date('ts'), '{name}') }}}} as bounds_{name},"
        for name in SESSIONS
    )
    rows = ask(f"""
        with days as (select unnest([{days}]) as day),
        steps as (
            select unnest(generate_series(day, day + interval 1 day, interval 15 minute)) as ts
            from days
        ),
        moments as (select ts from steps union select ts - interval 1 microsecond from steps),
        symbols as (select ts, 'ESZ5' as symbol from moments)
        select
            {columns}
            {{{{ in_session('ts', 'globex', 'symbol') }}}} as in_globex,
            {{{{ session_bounds_utc(ny_date('ts'), 'globex', 'symbol') }}}} as bounds_globex,
            {{{{ ny_local('ts') }}}} as local,
            {{{{ ny_local('cast(ts as timestamp_ns)') }}}} as local_from_ns,
            {{{{ ny_date('ts') }}}} as local_date,
            {{{{ cme_trade_date('ts') }}}} as trade_date,
            ts
        from symbols
    """)
    assert len(rows) > 22 * 96 * 2
    for row in rows:
        ts = moment(row["ts"])
        local, chicago = ts.astimezone(NEW_YORK), ts.astimezone(CHICAGO)
        day, time = local.date(), local.time()
        rolled = chicago.date() + dt.timedelta(days=chicago.time() >= dt.time(17))
        assert dt.datetime.fromisoformat(row["local"]) == local.replace(tzinfo=None)
        assert row["local_from_ns"] == row["local"]
        assert row["local_date"] == day.isoformat()
        assert row["trade_date"] == rolled.isoformat()
        assert row["in_globex"] == (not GLOBEX_CLOSE <= time < GLOBEX_OPEN)
        bounds = row["bounds_globex"]
        assert moment(bounds["start_ts"]) == utc(day - dt.timedelta(days=1), GLOBEX_OPEN)
        assert moment(bounds["end_ts"]) == utc(day, GLOBEX_CLOSE)
        for name, (start, end) in SESSIONS.items():
            bounds = row[f"bounds_{name}"]
            assert row[f"in_{name}"] == (start <= time < end), (name, ts)
            assert moment(bounds["start_ts"]) == utc(day, start), (name, ts)
            assert moment(bounds["end_ts"]) == utc(day, end), (name, ts)
            assert row[f"in_{name}"] == (
                moment(bounds["start_ts"]) <= ts < moment(bounds["end_ts"])
            )


def test_root_and_tick_of_symbols(ask: Ask) -> None:
    rows = ask("""
        select symbol, {{ root_of('symbol') }} as root, {{ tick_int('symbol') }} as tick_int
        from (
            values ('ESZ5'), ('NQH26'), ('CLF6'), ('MESM5'), ('6EH4'), ('AAPL'),
                ('ESZ5-ESH6'), ('ES'), ('ESM4 C5000'), ('esz5'), ('ESZ512')
        ) as symbols (symbol)
    """)
    assert {row["symbol"]: (row["root"], row["tick_int"]) for row in rows} == {
        "ESZ5": ("ES", 250_000_000),
        "NQH26": ("NQ", 250_000_000),
        "CLF6": ("CL", 10_000_000),
        "MESM5": ("MES", None),
        "6EH4": ("6E", 50_000),
        "AAPL": ("AAPL", 10_000_000),
        "ESZ5-ESH6": (None, None),
        "ES": (None, None),
        "ESM4 C5000": (None, None),
        "esz5": (None, None),
        "ESZ512": (None, None),
    }


@pytest.fixture(scope="module")
def intervals(ask: Ask) -> dict[tuple[str, dt.date], list[Interval]]:
    """Open intervals of the tested days by (symbol, day), in the order of interval_no."""
    days = days_under_test()
    symbol_days = ", ".join(
        f"('{symbol}', date '{day}', '{root}')" for symbol, root in SYMBOLS.items() for day in days
    )
    odd = ", ".join(f"('{root}', timestamp '{a}', timestamp '{b}')" for root, a, b in ODD_CLOSURES)
    rows = ask(f"""
        with days as (select * from (values {symbol_days}) as v (symbol, dt, root)),
        closures as (
            select * from {{{{ ref('market_holidays') }}}}
            union all
            select * from (values {odd}) as v (root, closed_from_local, closed_to_local)
        ),
        products as (
            select root, session_open_local, session_close_local, session_tz, calendar
            from {{{{ ref('instruments') }}}}
            union all
            select 'XH', time '{GLOBEX_OPEN}', time '{GLOBEX_CLOSE}', '{ZONES["XH"]}', null
        )
        select * from ({{{{ globex_intervals('days', 'products', 'closures') }}}})
        order by symbol, dt, interval_no
    """)
    found: dict[tuple[str, dt.date], list[Interval]] = {
        (symbol, day): [] for symbol in SYMBOLS for day in days
    }
    for row in rows:
        day = found[row["symbol"], dt.date.fromisoformat(row["dt"])]
        day.append((moment(row["open_ts"]), moment(row["close_ts"]), row["is_open_at_start"]))
        assert row["interval_no"] == len(day)
    return found


def days_under_test() -> list[dt.date]:
    return sorted({*SPECIAL_DAYS, *random_days(15, seed=11)})


def all_closures() -> list[tuple[str, dt.datetime, dt.datetime]]:
    with (PROJECT_ROOT / "seeds" / "market_holidays.csv").open(newline="") as lines:
        seed = [
            (
                row["root"],
                dt.datetime.fromisoformat(row["closed_from_local"]),
                dt.datetime.fromisoformat(row["closed_to_local"]),
            )
            for row in csv.DictReader(lines)
        ]
    return seed + ODD_CLOSURES


def expected_intervals(root: str, day: dt.date) -> list[Interval]:
    """Check whether the market is open in every minute of the day and the minute before it."""
    midnight = dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC)
    closed = [(a, b) for name, a, b in all_closures() if name == root]

    def is_open(minute: int) -> bool:
        instant = midnight + dt.timedelta(minutes=minute)
        local = instant.astimezone(ZONES[root]).replace(tzinfo=None)
        if GLOBEX_CLOSE <= local.time() < GLOBEX_OPEN:
            return False
        session = local.date() + dt.timedelta(days=local.time() >= GLOBEX_OPEN)
        return session.isoweekday() <= 5 and not any(a <= local < b for a, b in closed)

    state = [is_open(minute) for minute in range(-1, 24 * 60)]
    found, opened = [], 0
    for minute in range(24 * 60 + 1):
        now, before = minute < 24 * 60 and state[minute + 1], minute > 0 and state[minute]
        if now and not before:
            opened = minute
        if before and not now:
            start, end = (midnight + dt.timedelta(minutes=at) for at in (opened, minute))
            found.append((start, end, opened == 0 and state[0]))
    return found


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_open_intervals_agree_minute_by_minute(symbol: str, intervals: dict) -> None:
    for day in days_under_test():
        assert intervals[symbol, day] == expected_intervals(SYMBOLS[symbol], day), day


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param("2023-12-24", [], id="evening before a holiday"),
        pytest.param("2023-12-25", [("23:00", "24:00", False)], id="reopening after a holiday"),
        pytest.param("2023-11-24", [("00:00", "18:15", True)], id="early close on a Friday"),
        pytest.param(
            "2024-12-31", [("00:00", "22:00", True)], id="evening before New Year stays closed"
        ),
        pytest.param("2025-03-09", [("22:00", "24:00", False)], id="Sunday, clocks go forward"),
        pytest.param("2025-11-02", [("23:00", "24:00", False)], id="Sunday, clocks go back"),
        pytest.param(
            "2025-06-10", [("00:00", "21:00", True), ("22:00", "24:00", False)], id="summer day"
        ),
        pytest.param(
            "2025-06-11",
            [("00:00", "14:00", True), ("16:15", "21:00", False), ("22:00", "23:00", False)],
            id="closures within a session",
        ),
        pytest.param("2025-06-12", [("07:00", "07:20", False)], id="between two closures"),
    ],
)
def test_open_intervals_of_known_days(day: str, expected: list, intervals: dict) -> None:
    midnight = moment(day)

    def at(clock: str) -> dt.datetime:
        hours, minutes = clock.split(":")
        return midnight + dt.timedelta(hours=int(hours), minutes=int(minutes))

    assert intervals["ESZ5", midnight.date()] == [(at(a), at(b), c) for a, b, c in expected]
