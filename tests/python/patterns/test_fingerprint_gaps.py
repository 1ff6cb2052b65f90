"""Windows and minutes with a missing or an invalid second have no fingerprints: the SQL."""

from __future__ import annotations

import datetime as dt

from support.inline_query import Rows
from support.model_over_tables import model_rows

PARTITION = {"symbol": "ESZ5", "dt": "2025-10-01"}
OPEN = dt.datetime(2025, 10, 1, 13, 30)
# the recording has a gap of a second; another second is invalid; a window lacks its last second
SECONDS, GAPS, INVALID = range(169), (72, 164), 81
MEASURES = {"add_count": "3", "requote_share": "0.5", "hidden_fill_qty": "0"}
OF_MINUTE = {"requote_share_null_q95": "0.25", "periodicity_p": "0.125"}


def rows(source: str = "mbo", surface: str = "null") -> Rows:
    kept = ", ".join(str(second) for second in SECONDS if second not in GAPS)
    measures = ", ".join(f"{value} as {name}" for name, value in (MEASURES | OF_MINUTE).items())
    begin = f"timestamp '{OPEN}'"
    inputs = {
        "steps.fingerprint_windows_5s": f"""
            select
                {begin} + to_seconds(n * 5) as window_end_ts, unnest(['A', 'B']) as side, {measures}
            from range(1, 35) as t (n)
        """,
        "silver.book_snapshot_1s": f"""
            select
                {begin} + to_seconds(n) as window_start_ts,
                {begin} + to_seconds(n + 1) as window_end_ts,
                n <> {INVALID} as window_valid
            from (select unnest([{kept}]) as n)
        """,
        "silver.contract_days": f"""
            select '{source}' as book_source, {surface} as surface_windows
        """,
    }
    return model_rows("order_fingerprints_5s", inputs, PARTITION)


def end_of(row: dict) -> int:
    return int((dt.datetime.fromisoformat(row["window_end_ts"]) - OPEN).total_seconds())


def test_gaps_and_invalid_seconds_hide_measures() -> None:
    found = rows()
    assert [(end_of(row), row["side"]) for row in found] == [
        (end_s, side) for end_s in range(5, 175, 5) for side in "AB"
    ]
    # the window of 165 s to 170 s lacks its last second as well: the recording ends
    hidden = {75, 85, 165, 170}
    # minutes without the gap, the invalid second or the seconds before the recording
    whole_minutes = {60, 65, 70, 145, 150, 155, 160}
    for row in found:
        end_s = end_of(row)
        assert row["is_valid"] == (end_s not in hidden)
        for names, is_known in (
            (MEASURES, end_s not in hidden),
            (OF_MINUTE, end_s in whole_minutes),
        ):
            for name, value in names.items():
                assert row[name] == (float(value) if is_known else None), (end_s, name)


def test_rows_are_those_of_orders_in_the_surface() -> None:
    part = [f"timestamp '{OPEN}' + to_seconds({second})" for second in (100, 110)]
    surface = f"[struct_pack(start_ts := {part[0]}, end_ts := {part[1]})]"
    assert [end_of(row) for row in rows(surface=surface)] == [105, 105, 110, 110]
    assert rows(source="mbp10") == []
