"""Planted approaches of the standard market become episodes with the realised outcomes as labels.

Only tests read the truth files, which the generator writes beside the raw files. A day with a
recording gap of two minutes shows why an approach may not be found.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import duckdb
import pytest
from spymaster_ingest.lake import Lake
from spymaster_ingest.synthetic import (
    standard_dates,
    standard_market,
    trading_days,
    write_day,
)
from spymaster_ingest.synthetic.damage import Damage
from spymaster_ingest.synthetic.standard_market import STANDARD_DAYS
from spymaster_ingest.synthetic.truth_files import attach_truth
from support import lakes

DAYS = 3
MODELS = ("+approach_episodes", "+level_outcomes")
# as narrow as possible: these tests do not read the book around spot
SURFACE_WINDOW = ("09:30", "09:31")
LEAST_SHARE = 0.97
GAP = Damage(gap_start=time(9, 48, 30), gap_seconds=150)
HORIZON = timedelta(seconds=240)


class Missing(StrEnum):
    """All reasons why a planted approach is no episode at its decision."""

    NO_SECOND = "the book has no row for the second before the decision"
    INVALID_WINDOW = "a second of the decision's window is not valid"
    NOT_ACTIVE = "the level could not be used yet"
    STACKED = "another level is primary in its stack"
    NO_APPROACH = "the mid did not move far enough towards the level"
    OTHER_SIDE = "spot is not on the side of the approach"
    BEYOND_BARRIER = "spot is further from the level than the barrier"


@dataclass(frozen=True)
class Approach:
    """A planted approach and the models' rows of the level at its decision.

    Attributes:
        dt: UTC date.
        level_id: the level.
        level_tick: its tick.
        direction: up or down.
        decision_ts: end of the decision window.
        truth: realised outcome, price in ticks past the level, time of reaching, of the hit.
        label: the same of the label, and the reason if there is none.
        decision: the row of level_decisions, or None.
        is_found: whether the decision belongs to an episode of this level and direction.
        is_found_as_primary: whether it belongs to an episode of a primary level at the same tick.
    """

    dt: date
    level_id: str
    level_tick: int
    direction: str
    decision_ts: datetime
    truth: tuple
    label: tuple
    decision: dict | None
    is_found: bool
    is_found_as_primary: bool


@dataclass(frozen=True)
class Approaches:
    """Approaches of the standard market, and of a further day with a gap."""

    whole: list[Approach]
    with_gap: list[Approach]


@pytest.fixture(scope="module")
def approaches(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Approaches:
    folder = tmp_path_factory.mktemp("truth")
    market = standard_market()
    count = STANDARD_DAYS if request.config.getoption("--long") else DAYS
    *days, last = trading_days(standard_dates()[0], count + 1)
    for day in (*days, last):
        damage = GAP if day == last else market.damage
        write_day(
            replace(market, damage=damage),
            day,
            folder / "raw",
            schemas=("mbo", "definition"),
            truth=True,
        )
    lake = Lake(folder / "lake")
    lakes.land_raw(lake, folder / "raw" / "source=databento")
    lakes.run_models(lake, "--select", *MODELS, surface_window=SURFACE_WINDOW)
    with duckdb.connect() as connection:
        attach_truth(connection, folder / "raw")
        connection.execute(f"attach '{lake.warehouse}' as lake (read_only)")
        found = [Approach(*row) for row in connection.execute(APPROACHES).fetchall()]
    return Approaches([a for a in found if a.dt != last], [a for a in found if a.dt == last])


APPROACHES = """
select
    planted.dt,
    planted.level_id,
    planted.level_tick,
    planted.direction,
    planted.decision_ts::timestamp,
    row(
        planted.realised_outcome,
        planted.x0_ticks,
        planted.reached_ts::varchar,
        planted.hit_ts::varchar
    ),
    row(
        labels.outcome_reached,
        labels.x0_ticks,
        labels.reached_ts::varchar,
        labels.reached_hit_ts::varchar,
        labels.label_reason
    ),
    if(decisions.level_id is not null, decisions, null),
    exists (
        from lake.gold.approach_episodes as episodes
        where
            episodes.episode_id = labels.episode_id
            and episodes.symbol = planted.symbol
            and episodes.level_id = planted.level_id
            and episodes.approach_dir = 'approach_' || planted.direction
            and planted.decision_ts between first_window_end_ts and last_window_end_ts
    ),
    exists (
        from lake.silver.level_decisions as others
        inner join lake.gold.approach_episodes as episodes
            on
                others.symbol = episodes.symbol
                and others.level_id = episodes.level_id
                and others.approach_dir = episodes.approach_dir
                and others.first_window_end_ts = episodes.first_window_end_ts
        where
            others.symbol = planted.symbol
            and others.window_end_ts = planted.decision_ts
            and others.level_tick = planted.level_tick
            and others.approach_dir = 'approach_' || planted.direction
            and others.is_eligible
    )
from truth.truth_approaches as planted
left join lake.gold.level_outcomes as labels
    on
        planted.symbol = labels.symbol
        and planted.level_id = labels.level_id
        and planted.decision_ts = labels.window_end_ts
        and labels.barrier_kind = 'fixed'
        and labels.horizon_id = 's240'
left join lake.silver.level_decisions as decisions
    on
        planted.symbol = decisions.symbol
        and planted.level_id = decisions.level_id
        and planted.decision_ts = decisions.window_end_ts
order by planted.decision_ts
"""


def reason_of(approach: Approach) -> Missing:
    """Return why an approach is not found.

    Raises:
        AssertionError: for none of the known reasons.
    """
    decision = approach.decision
    if decision is None:
        return Missing.NO_SECOND
    distance = (1 if approach.direction == "up" else -1) * decision["k_ticks"]
    known = {
        Missing.INVALID_WINDOW: not decision["window_valid"],
        Missing.NOT_ACTIVE: not decision["is_active"],
        Missing.STACKED: not decision["is_primary"],
        Missing.OTHER_SIDE: distance <= 0,
        Missing.NO_APPROACH: decision["approach_dir"] == "approach_none",
        Missing.BEYOND_BARRIER: distance >= 8,
    }
    reasons = [reason for reason, holds in known.items() if holds]
    assert reasons, approach
    return reasons[0]


def agrees(approach: Approach) -> bool:
    """Without eligibility in the generator there must be no label."""
    return (approach.label[0] or "INELIGIBLE") == approach.truth[0]


def test_labels_match_the_realised_outcomes(approaches: Approaches) -> None:
    whole = approaches.whole
    agree = [a for a in whole if agrees(a)]
    assert len(agree) >= LEAST_SHARE * len(whole), [a for a in whole if a not in agree]
    assert len(whole) >= 10 * DAYS
    outcomes = Counter(a.truth[0] for a in whole)
    assert min(outcomes[name] for name in ("BREAK", "REJECT", "CHOP")) >= 2 * DAYS
    # exact to the tick and the nanosecond
    labelled = [a for a in agree if a.label[0] is not None]
    assert [a.label[:4] for a in labelled] == [a.truth for a in labelled]


def test_planted_approaches_are_episodes(approaches: Approaches) -> None:
    whole = approaches.whole
    found = [a for a in whole if a.is_found or a.is_found_as_primary]
    assert len(found) >= LEAST_SHARE * len(whole)
    assert {a.direction for a in found} == {"up", "down"}
    assert len({a.level_id for a in found}) >= 5
    for approach in whole:
        if approach not in found:
            reason_of(approach)


def test_approaches_not_found_have_a_reason_and_no_label(approaches: Approaches) -> None:
    missing = [a for a in approaches.with_gap if not a.is_found]
    reasons = Counter(reason_of(a) for a in missing)
    assert reasons.total() >= 2, reasons
    assert len(missing) < len(approaches.with_gap)
    assert {a.label[0] for a in missing} == {None}


def test_a_gap_in_the_future_of_a_label_censors_it(approaches: Approaches) -> None:
    """A gap is known when recording resumes; labels that end before it do not know of it."""
    dt = approaches.with_gap[0].dt
    start = datetime.combine(dt, GAP.gap_start, ZoneInfo("America/New_York"))
    start = start.astimezone(UTC).replace(tzinfo=None)
    end = start + timedelta(seconds=GAP.gap_seconds)
    kinds = Counter()
    for a in approaches.with_gap:
        *_, reached, hit = a.truth
        horizon_end = (a.decision_ts if reached is None else _moment(reached)) + HORIZON
        if horizon_end <= start:
            assert agrees(a), a
            kinds["before"] += 1
        elif a.is_found and a.decision_ts <= start and horizon_end > end:
            is_before_gap = hit is not None and _moment(hit) < start
            assert a.label[0] == (a.truth[0] if is_before_gap else "CENSORED"), a
            kinds["hit" if is_before_gap else "cut"] += 1
    assert kinds["before"] >= 3, kinds
    assert kinds["cut"] >= 1, kinds


def _moment(text: str) -> datetime:
    """Return a time of the truth to the microsecond."""
    return datetime.fromisoformat(text[:26])
