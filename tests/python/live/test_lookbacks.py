"""A live model's declared look-back suffices, and a second less does not.

That it suffices, ``test_live_tables`` shows at every second.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest
from spymaster.live import tables as live_tables
from spymaster.live.models import LiveModel, live_models
from spymaster_ingest.lake import Lake
from support import lakes
from support.level_copies import BASE, VARIABLES, Built
from support.live_days import SECOND, LiveDay, differences, live_day
from support.live_runs import copied_lake
from support.mbp_lakes import ByPrice
from support.small_days import DAYS, symbol_of
from support.synthetic_book import DAY

MIDNIGHT = dt.datetime.combine(DAY, dt.time())
# late enough for a minute of the surfaces before
FIRST_S = {"orders": 13 * 3600 + 31 * 60 + 4, "price": 13 * 3600 + 29 * 60 + 30}
SECONDS, AT_ONCE = 60, 10
BY_PRICE = ("steps.turn_flows_mbp_1s", "steps.turn_states_mbp_1s")
BARS = "silver.market_by_price_10_bar5s"
QUIET_S = {
    # quotes grow too old after the market has gone quiet
    "silver.option_book_1s": 13 * 3600 + 34 * 60 + 25,
    # before the open some bars have no trade, others one in their first second
    BARS: 13 * 3600 + 24 * 60 + 30,
}
# model and seconds of a look-back that some of its inputs have in the test lakes
CASES = (
    ("silver.bars", 120),
    ("silver.level_offset_1s", 301),
    ("silver.approach_course_1s", 2),
    ("steps.level_side_changes", 2),
    ("silver.barrier_engine_1s", 50),
    ("silver.tape_engine_1s", 60),
    ("silver.fuel_engine_1s", 60),
    ("silver.fuel_engine_1s", 61),
    ("steps.usual_depth_1s", 60),
    ("steps.turn_flows_1s", 11),
    ("steps.turn_flows_mbp_1s", 11),
    ("steps.vacuum_cells_1s", 4),
    ("silver.level_ladder_1s", 5),
    ("silver.mbo_level_vacuum_5s", 20),
    ("silver.gex_surface_1s", 4),
    ("silver.option_book_1s", 31),
    ("silver.option_physics_1s", 60),
    ("silver.walls_1s", 2),
    ("silver.order_fingerprints_5s", 60),
    ("steps.turn_states_1s", 2),
    ("steps.turn_states_1s", 10),
    ("steps.approach_windows_5s", 5),
    (BARS, 5),
    (BARS, 6),
    (BARS, 305),
    ("gold.market_feature_vectors", 5),
    ("silver.option_market_5s", 5),
)
# of vectors, which two minutes of surfaces are too short for: a lake of short blocks has them
VECTORS, VECTOR_WINDOW_S, MOST_VECTORS = "gold.mbo_trigger_vectors", 5, 4
# of answers, which these lakes have none of: see test_live_answers
OF_ANSWERS = {("gold.course_odds_1s", 2), ("gold.level_signals", 5)}


@pytest.fixture(scope="module")
def days(explained: Lake, by_price: ByPrice) -> Iterator[dict[str, LiveDay]]:
    with live_day(explained) as orders, live_day(by_price.lake) as price:
        yield {"orders": orders, "price": price}


def shortened(model: LiveModel, lookback_s: int) -> LiveModel:
    """Return a model whose inputs of a look-back have a second less."""
    return replace(
        model,
        lookback_of_inputs={
            name: back_s - 1 if back_s == lookback_s else back_s
            for name, back_s in model.lookback_of_inputs.items()
        },
    )


def inputs_of(model: LiveModel) -> list[str]:
    """Return what a model reads, its own rows too."""
    return [*model.reads, *([model.relation] if model.goes_on else [])]


@pytest.mark.parametrize(("relation", "lookback_s"), CASES)
def test_a_shorter_lookback_gives_other_rows(
    days: dict[str, LiveDay], monkeypatch: pytest.MonkeyPatch, relation: str, lookback_s: int
) -> None:
    which = "price" if relation in BY_PRICE else "orders"
    day = days[which]
    models = live_models(day.published)
    monkeypatch.setattr(
        live_tables,
        "live_models",
        lambda _: {**models, relation: shortened(models[relation], lookback_s)},
    )
    at = MIDNIGHT + QUIET_S.get(relation, FIRST_S[which]) * SECOND
    fed = [name for name in models[relation].reads if day.clock(name)]
    with day.fed(fed, [relation]) as tables:
        if models[relation].goes_on:
            # from its own rows of the day so far
            tables.advance(MIDNIGHT, at)
        for _ in range(SECONDS // AT_ONCE):
            for _ in range(AT_ONCE):
                tables.advance(at, at + SECOND)
                at += SECOND
            from_ts = at - AT_ONCE * SECOND
            live = tables.rows(relation, from_ts, at)
            if differences(live, day.built(relation, from_ts, at)):
                return
    pytest.fail(f"{relation} has the same rows with look-backs of {lookback_s - 1} s")


@pytest.fixture(scope="module")
def of_vectors(level_copies: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveDay]:
    """A day with vectors, whose blocks are of a few windows."""
    lake = copied_lake(level_copies.lake.lake, tmp_path_factory.mktemp("vectors") / "lake")
    lakes.publish_untested(lake)
    with live_day(lake, DAYS[0], symbol_of(BASE)) as day:
        yield day


def test_a_shorter_lookback_gives_other_vectors(
    of_vectors: LiveDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the declared one gives those of the build."""
    models = live_models(of_vectors.published)
    model = models[VECTORS]
    lookback_s = VECTOR_WINDOW_S * (max(VARIABLES["vector_block_windows"]) - 1) + 1
    assert model.lookback_of_inputs["silver.mbo_level_vacuum_5s"] == lookback_s
    ends = of_vectors.rows(VECTORS)["window_end_ts"].to_pylist()
    assert ends
    fed = [name for name in model.reads if of_vectors.clock(name)]

    def differs(other: LiveModel, at: dt.datetime) -> bool:
        monkeypatch.setattr(live_tables, "live_models", lambda _: {**models, VECTORS: other})
        with of_vectors.fed(fed, [VECTORS]) as tables:
            tables.advance(at - SECOND, at)
            live = tables.rows(VECTORS, at - SECOND, at)
        return bool(differences(live, of_vectors.built(VECTORS, at - SECOND, at)))

    for at in sorted(set(ends))[:MOST_VECTORS]:
        assert not differs(model, at)
        assert differs(shortened(model, lookback_s), at)


def test_every_lookback_of_several_seconds_is_tested(days: dict[str, LiveDay]) -> None:
    """But for bounds; of one second there is no shorter one, and the day is a bound."""
    declared = {
        (model.relation, model.lookback_of_inputs[name])
        for which, day in days.items()
        for model in live_models(day.published).values()
        if (which == "price") == (model.relation in BY_PRICE)
        for name in inputs_of(model)
        if day.clock(name)
        if not (
            model.is_bound
            and (name == model.relation or model.lookback_of_inputs[name] == model.lookback_s)
        )
    }
    assert {case for case in declared if (case[1] or 1) > 1} == {*CASES, *OF_ANSWERS}
