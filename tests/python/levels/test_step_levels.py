"""Levels that hold from one moment to another, over hand-made tables."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from naive.level_kinds import value_area
from naive.levels_model import Trade
from support.model_over_tables import model_rows

DAY = dt.date(2025, 10, 2)
INSTRUMENTS = """
    select * from (values
        ('ES', time '18:00', time '17:00', 'America/New_York'),
        ('CN', time '09:30', time '15:00', 'Asia/Shanghai')
    ) as v (root, session_open_local, session_close_local, session_tz)
"""


def step_levels(levels: list[str], **given: str) -> list[dict[str, Any]]:
    """Rows of the model for levels in use, over some of its inputs."""
    inputs = {
        "silver.contract_days": f"select 'ESZ5' as symbol, date '{DAY}' as dt, 'ES' as root",
        "reference.instruments": INSTRUMENTS,
        "silver.level_definitions": f"select unnest({levels}) as level_id",
        "silver.own_levels": "select 1 as level_price_int where false",
        "steps.session_prices": "select 1 as open_price_int where false",
        "silver.bars": "select 1 as bar_s where false",
        "bronze.future_statistics": "select 1 as stat_type where false",
    }
    named = {name.replace("__", "."): query for name, query in given.items()}
    return model_rows("step_levels", inputs | named, levels_in_use=levels)


def sessions(*rows: str, symbol: str = "ESZ5") -> str:
    """Rows of session_prices: date, session, high, low, close and profile."""
    return f"""
        select
            '{symbol}' as symbol, dt::date as dt, day::date as session_date,
            high as high_price_int, low as low_price_int, close as close_price_int, profile
        from (values {", ".join(rows)}) as v (dt, day, high, low, close, profile)
    """


def test_the_session_before_has_parts_in_two_days() -> None:
    """Of Wednesday, the evening of Tuesday is a part; Monday's session is another."""
    found = step_levels(
        ["prior_high", "prior_low", "prior_close"],
        steps__session_prices=sessions(
            "('2025-09-29', '2025-09-29', 99, 1, 9, null)",
            "('2025-09-30', '2025-10-01', 50, 40, 41, null)",
            "('2025-10-01', '2025-10-01', 45, 30, 35, null)",
            "('2025-10-01', '2025-10-02', 60, 20, 25, null)",
        ),
    )
    thursday, friday = "2025-10-01 22:00:00", "2025-10-02 22:00:00"
    values = {
        (row["level_id"], row["from_ts"], row["until_ts"]): row["level_price_int"] for row in found
    }
    assert values == {
        ("prior_high", thursday, friday): 50,
        ("prior_low", thursday, friday): 30,
        ("prior_close", thursday, friday): 35,
        ("prior_high", friday, "2025-10-03 22:00:00"): 60,
        ("prior_low", friday, "2025-10-03 22:00:00"): 20,
        ("prior_close", friday, "2025-10-03 22:00:00"): 25,
    }


@pytest.mark.parametrize(("days_before", "is_known"), [(5, True), (6, False)])
def test_a_session_long_ago_is_not_the_one_before(days_before: int, is_known: bool) -> None:
    day = DAY - dt.timedelta(days=days_before)
    found = step_levels(
        ["prior_high"], steps__session_prices=sessions(f"('{day}', '{day}', 9, 9, 9, null)")
    )
    assert [row["from_ts"] for row in found] == (["2025-10-01 22:00:00"] if is_known else [])


def test_a_session_of_the_day_holds_from_its_open_to_the_next() -> None:
    """Shanghai: until 09:30 the session of the day before is in force."""
    found = step_levels(
        ["prior_close"],
        silver__contract_days=f"select 'CN6' as symbol, date '{DAY}' as dt, 'CN' as root",
        steps__session_prices=sessions(
            "('2025-09-30', '2025-09-30', 9, 9, 8, null)",
            "('2025-10-01', '2025-10-01', 9, 9, 7, null)",
            "('2025-10-02', '2025-10-02', 9, 9, 6, null)",
            symbol="CN6",
        ),
    )
    assert [(row["from_ts"], row["until_ts"], row["level_price_int"]) for row in found] == [
        ("2025-10-01 01:30:00", "2025-10-02 01:30:00", 8),
        ("2025-10-02 01:30:00", "2025-10-03 01:30:00", 7),
    ]


def test_a_settlement_counts_from_its_publication_until_it_is_corrected() -> None:
    """That of the session before alone: one of another session, or a deleted one, is none."""
    found = step_levels(
        ["prior_settlement"],
        steps__session_prices=sessions(
            "('2025-09-30', '2025-09-30', 9, 9, 9, null)",
            "('2025-10-01', '2025-10-01', 9, 9, 9, null)",
        ),
        bronze__future_statistics="""
            select
                'ESZ5' as symbol, no as rec_ordinal, recv::timestamp_ns as ts_recv, 3 as stat_type,
                action as update_action, price as price_int, day::timestamp_ns as ts_ref
            from (values
                (1, '2025-09-30 21:00:00', 1, 5, '2025-09-30'),
                (2, '2025-10-01 21:30:00', 1, 6, '2025-10-01'),
                (3, '2025-10-01 21:59:59.5', 1, 7, '2025-10-01'),
                (4, '2025-10-02 04:00:00.000000001', 1, 8, '2025-10-01'),
                (5, '2025-10-02 05:00:00', 2, 9, '2025-10-01'),
                (6, '2025-10-02 21:00:00', 1, 10, '2025-10-02')
            ) as v (no, recv, action, price, day)
        """,
    )
    assert [
        (row["from_ts"], row["until_ts"], row["level_price_int"])
        for row in found
        if row["from_ts"] < "2025-10-02 22:00:00"
    ] == [
        ("2025-10-01 22:00:00", "2025-10-02 04:00:01", 7),
        ("2025-10-02 04:00:01", "2025-10-02 22:00:00", 8),
    ]


@pytest.mark.parametrize(
    "volumes",
    [[1], [5, 5], [1, 9, 2, 2, 2], [3, 3, 9, 3, 3, 3], [1, 0, 0, 7, 1, 1, 4], [2] * 40],
)
def test_the_value_area_equals_its_twin(volumes: list[int]) -> None:
    places = [(10 + n, volume) for n, volume in enumerate(volumes) if volume]
    trades = [
        Trade("ESZ5", DAY, n, 0, 0, price, size, "N") for n, (price, size) in enumerate(places)
    ]
    profile = ", ".join(f"{{price_int: {price}, volume: {size}}}" for price, size in places)
    found = step_levels(
        ["poc_prior", "vah_prior", "val_prior"],
        steps__session_prices=sessions(f"('2025-10-01', '2025-10-01', 9, 9, 9, [{profile}])"),
    )
    values = {row["level_id"]: row["level_price_int"] for row in found}
    assert tuple(values[name] for name in ("poc_prior", "vah_prior", "val_prior")) == value_area(
        trades
    )


def test_an_own_level_touches_the_days_between_its_moments() -> None:
    """A level of the contract takes the place of one of its product; others have none of it."""
    found = step_levels(
        ["prior_high"],
        silver__own_levels="""
            select
                * exclude (begins, ends),
                timestamp '2025-10-02' + to_hours(begins) as known_from_ts,
                timestamp '2025-10-02' + to_hours(ends) as until_ts
            from (values
                ('own:a', 'ES', 1, -40, null), ('own:a', 'ESZ5', 2, 3, 5), ('own:b', 'NQ', 3, 0, 9),
                ('own:c', 'ESZ5', 4, -9, 0), ('own:d', 'ESZ5', 5, 24, null),
                ('own:e', 'ESH6', 6, 1, 2), ('own:f', 'ES', 7, 23, null)
            ) as v (level_id, symbol_or_root, level_price_int, begins, ends)
        """,
    )
    assert [(row["level_id"], row["level_price_int"], row["until_ts"]) for row in found] == [
        ("own:a", 2, "2025-10-02 05:00:00"),
        ("own:f", 7, None),
    ]


def test_a_swing_is_known_when_the_bars_after_it_have_ended() -> None:
    """The first of two equal highs; none beside a missing bar or another session."""
    highs = [1, 2, 5, 5, 3, 4, 6, 2, 1, None, 1, 2, 9, 2, 1]
    bars = ", ".join(f"({n}, {high})" for n, high in enumerate(highs) if high is not None)
    found = step_levels(
        ["swing_high"],
        silver__bars=f"""
            select 'ESZ5' as symbol, date '{DAY}' as dt, 120 as bar_s,
                timestamp '2025-10-02 14:00:00' + to_seconds(120 * n) as bar_start_ts,
                timestamp '2025-10-02 14:02:00' + to_seconds(120 * n) as bar_end_ts,
                high as high_price_int, high as low_price_int
            from (values {bars}) as v (n, high)
        """,
    )
    assert [(row["from_ts"], row["until_ts"], row["level_price_int"]) for row in found] == [
        ("2025-10-02 14:10:00", "2025-10-02 14:18:00", 5),
        ("2025-10-02 14:18:00", "2025-10-02 14:30:00", 6),
        ("2025-10-02 14:30:00", "2025-10-02 22:00:00", 9),
    ]


def test_every_level_together() -> None:
    levels = ["prior_high", "prior_settlement", "overnight_low", "week_open", "month_open"]
    assert step_levels([*levels, "val_prior", "swing_high", "swing_low"]) == []
