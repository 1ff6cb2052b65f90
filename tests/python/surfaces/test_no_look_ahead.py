"""Events at or after a moment change no earlier row of any relation of seconds.

Every copy of a day, cut or changed from a moment on, has its own product root, because calibration
is per root. One run builds all copies beside the unchanged day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from support.changed_days import Copy, change_sizes, day_start_ns, delete, go_on_elsewhere
from support.dbn_files import SECOND_NS
from support.lakes import SURFACES
from support.schemas import with_schema
from support.small_days import (
    DAYS,
    SmallLake,
    drop_groups,
    group_starts,
    small_day,
    symbol_of,
)

SEED = 20_240_305
COPIES, LONG_COPIES = 20, 200
# moments are drawn from the busy minutes, after the first trades and with some future left
FIRST_MOMENT_S, LAST_MOMENT_S = 75, 200

SECONDS = (
    "book_snapshot_1s",
    "wall_surface_1s",
    "reprice_flow_1s",
    "vacuum_cells_1s",
    "wall_derivatives_1s",
    "vacuum_metrics_1s",
    "vacuum_surface_1s",
    "physics_bands_1s",
    "physics_surface_1s",
    "radar_vacuum_1s",
)
CALIBRATION = "physics_norm_calibration"
BASE = "BASE"

# sessions: from the third on, two earlier sessions suffice for prior_sessions
SESSIONS = DAYS[:5]
SESSIONS_BASE = "SESS"


Change = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]
CHANGES: tuple[Change, ...] = (delete, drop_groups, delete, change_sizes, delete, go_on_elsewhere)


def copies_of(records: np.ndarray, count: int) -> list[Copy]:
    rng = np.random.default_rng(SEED)
    starts = group_starts(records)
    event_ns = records["ts_event"].astype(np.int64)[starts] - day_start_ns()
    copies = []
    for number in range(count):
        moment_ns = int(rng.integers(FIRST_MOMENT_S * SECOND_NS, LAST_MOMENT_S * SECOND_NS))
        if number % 3 == 0:
            # exactly at a second's end, when its row has just become complete
            moment_ns -= moment_ns % SECOND_NS
        change = CHANGES[number % len(CHANGES)]
        start = int(starts[np.flatnonzero(event_ns >= moment_ns)[0]])
        copies.append(
            Copy(f"P{number:03}", moment_ns, change.__name__, change(records, start, rng))
        )
    return copies


@dataclass(frozen=True)
class Built:
    """A lake built in a single run.

    Attributes:
        lake: the lake.
        copies: copies of the base day.
        changed: per root of copied sessions the first session that differs from the base.
    """

    lake: SmallLake
    copies: list[Copy]
    changed: dict[str, dt.date]


@pytest.fixture(scope="module")
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    base = small_day(DAYS[0])
    copies = copies_of(base, LONG_COPIES if request.config.getoption("--long") else COPIES)
    changed = {f"S{day:%m%d}": day for day in SESSIONS[2:4]}
    lake = SmallLake(
        tmp_path_factory.mktemp("future"),
        [BASE, *(copy.root for copy in copies), SESSIONS_BASE, *changed],
    )
    lake.land({(BASE, DAYS[0]): base, **{(copy.root, DAYS[0]): copy.records for copy in copies}})
    lake.land({(SESSIONS_BASE, day): small_day(day) for day in SESSIONS})
    for root, first in changed.items():
        lake.land(
            {
                (root, day): small_day(day, seed=1 if day < first else 2)
                for day in SESSIONS
                # the changed day, then a missing one
                if day != first + dt.timedelta(days=1)
            }
        )
    lake.run(*SURFACES)
    return Built(lake, copies, changed)


def row_hash_of(lake: SmallLake, relation: str) -> str:
    """Return an SQL expression over all columns of a relation except the product's names."""
    columns = [name for name, *_ in lake.ask(f"describe {relation}")]
    values = ", ".join(name for name in columns if name not in ("symbol", "root"))
    return f"cast(md5_number_lower(cast(row({values}) as varchar)) as hugeint)"


Content = tuple[int, int]


def contents(built: Built, relation: str) -> dict[tuple[str, bool, bool], Content]:
    """Return row count and sum of row hashes per copy, whether of base, and whether of the past.

    Rows complete at the moment of the copy are of the past; the base is split at the moment of
    each copy.
    """
    is_calibration = relation == CALIBRATION
    name = with_schema(relation, "gold" if is_calibration else "silver")
    key, known_from = ("root", "valid_from_ts") if is_calibration else ("symbol", "window_end_ts")
    key_of = str if is_calibration else symbol_of
    if relation == "vacuum_cells_1s":
        known_from = "window_start_ts + interval 1 second"
    moments = ", ".join(
        f"('{copy.root}', '{key_of(copy.root)}', "
        f"date '{DAYS[0]}' + interval {copy.compared_ns // 1_000} microsecond)"
        for copy in built.copies
    )
    rows = built.lake.ask(
        f"""
        with copies(copy_root, copy_key, moment_ts) as (values {moments}),
        hashed as (
            select
                {key} as row_key,
                {known_from} as known_from_ts,
                {row_hash_of(built.lake, name)} as row_hash
            from {name}
            where dt = date '{DAYS[0]}'
        )
        select
            copies.copy_root,
            hashed.row_key = '{key_of(BASE)}',
            hashed.known_from_ts <= copies.moment_ts,
            count(*),
            sum(hashed.row_hash)
        from copies
        inner join hashed on hashed.row_key in (copies.copy_key, '{key_of(BASE)}')
        group by all
        """
    )
    return {
        (root, is_base, is_past): (count, total) for root, is_base, is_past, count, total in rows
    }


@pytest.mark.parametrize("relation", [*SECONDS, CALIBRATION])
def test_the_future_changes_no_row_of_the_past(built: Built, relation: str) -> None:
    found = contents(built, relation)
    for copy in built.copies:
        assert found[copy.root, False, True] == found[copy.root, True, True], copy
        # or the test would detect nothing
        assert found.get((copy.root, False, False)) != found[copy.root, True, False], copy


def test_the_compared_past_holds_scores(built: Built) -> None:
    """Before and after the restart of the calibration, with the quantiles of several minutes."""
    scored = built.lake.ask(
        f"""
        select window_end_ts >= date '{DAYS[0]}' + interval 2 minute, count(*)
        from silver.physics_bands_1s
        where
            symbol = '{symbol_of(BASE)}'
            and vacuum_total_score between 0 and 1
            and calibration_mode = 'intraday_expanding'
            and window_end_ts <= date '{DAYS[0]}' + interval {LAST_MOMENT_S} second
        group by all
        """
    )
    assert dict(scored).keys() == {False, True}
    assert min(dict(scored).values()) >= 15


def session_contents(built: Built, relation: str, root: str) -> dict[dt.date, Content]:
    """Return row count and sum of row hashes per session of a root."""
    is_calibration = relation == CALIBRATION
    name = with_schema(relation, "gold" if is_calibration else "silver")
    where = f"root = '{root}'" if is_calibration else f"symbol = '{symbol_of(root)}'"
    rows = built.lake.ask(
        f"select dt, count(*), sum({row_hash_of(built.lake, name)}) "
        f"from {name} where {where} group by dt"
    )
    return {day: (count, total) for day, count, total in rows}


@pytest.mark.parametrize("relation", [*SECONDS, CALIBRATION])
def test_a_changed_session_changes_no_earlier_session(built: Built, relation: str) -> None:
    base = session_contents(built, relation, SESSIONS_BASE)
    assert base.keys() == set(SESSIONS)
    for root, first in built.changed.items():
        changed = session_contents(built, relation, root)
        before = [day for day in SESSIONS if day < first]
        assert [changed[day] for day in before] == [base[day] for day in before]
        if relation != CALIBRATION:
            assert changed[first] != base[first]


def test_a_changed_session_does_not_change_its_own_calibration(built: Built) -> None:
    modes = built.lake.ask(
        "select dt, any_value(calibration_mode), count(q05) from gold.physics_norm_calibration "
        f"where root = '{SESSIONS_BASE}' group by dt order by dt"
    )
    assert [mode for _, mode, _ in modes] == ["intraday_expanding"] * 2 + ["prior_sessions"] * 3
    assert all(quantiles > 0 for *_, quantiles in modes)
    base = session_contents(built, CALIBRATION, SESSIONS_BASE)
    for root, first in built.changed.items():
        changed = session_contents(built, CALIBRATION, root)
        assert changed[first] == base[first]
        assert all(changed[day] != base[day] for day in changed if day > first)
