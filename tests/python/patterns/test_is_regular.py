"""The rule that calls a fingerprint regular, on rows made by hand."""

from __future__ import annotations

from support.inline_query import Ask


def query(macro: str, columns: str, now: str, before: str) -> str:
    def relation(values: str) -> str:
        return f"(select * from (values ({values})) as row ({columns}))"

    return (
        f"select {{{{ is_regular('{macro}') }}}} as found "
        f"from {relation(now)} as now cross join {relation(before)} as before"
    )


PERIOD = "periodicity_p, periodicity_size, periodicity_s"
SHARE = "requote_share, requote_share_null_q95, add_count"


def test_a_fingerprint_is_regular_in_two_windows(ask: Ask) -> None:
    cases = {
        # the same size and nearly the same frequency
        (PERIOD, "0.001, 7, 0.5", "0.005, 7, 0.504"): True,
        (PERIOD, "0.001, 7, 0.5", "0.001, 8, 0.5"): False,
        # three steps of 1 / 60 Hz apart
        (PERIOD, "0.001, 7, 0.5", "0.001, 7, 0.5128"): False,
        (PERIOD, "0.001, 7, 0.5", "0.006, 7, 0.5"): False,
        (PERIOD, "0.001, 7, 0.5", "cast(null as double), 7, 0.5"): None,
        # no timer now, and before it is not known
        (PERIOD, "0.6, 7, 0.5", "cast(null as double), 7, 0.5"): None,
        (PERIOD, "cast(null as double), 7, 0.5", "0.6, 7, 0.5"): None,
        (SHARE, "0.5, 0.4, 5", "0.6, 0.4, 9"): True,
        (SHARE, "0.5, 0.5, 5", "0.6, 0.4, 9"): False,
        (SHARE, "0.5, 0.4, 4", "0.6, 0.4, 9"): False,
        (SHARE, "0.5, 0.4, 5", "0.6, cast(null as double), 9"): None,
        (SHARE, "0.3, 0.4, 5", "0.6, cast(null as double), 9"): None,
    }
    parts = [
        query("periodicity" if columns == PERIOD else "requote_share", columns, now, before)
        for columns, now, before in cases
    ]
    numbered = [f"select {n} as n, ({part}) as found" for n, part in enumerate(parts)]
    rows = ask(" union all ".join(numbered) + " order by n")
    assert [row["found"] for row in rows] == list(cases.values())
