"""What an alert says it is worth: base rate, odds, support, verdict, words; two seconds in all."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import jsonschema
import pyarrow as pa
import pytest
from spymaster.alerts.alert import SCHEMA, Alert, Support
from spymaster.alerts.known import NO_FATES
from support.alert_rows import LEVEL_INT, TICK_INT, GivenRows, known, levels_at, rules, said

NEAR = rules(a={"kind": "near", "ticks": 4})
ANSWER = {
    "p_break": 0.34,
    "p_reject": 0.5,
    "p_chop": 0.16,
    "base_break": 0.3,
    "base_reject": 0.55,
    "base_chop": 0.15,
    "n_eff": 41.6,
    "neighbors_ok": True,
}
RECORD = {"n_reached": 24, "n_break": 6, "n_reject": 12}


def only(alerts: list[Alert]) -> Alert:
    """Return the alert that there is, whose JSON the schema describes."""
    [alert] = alerts
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(json.dumps(alert.as_json(), allow_nan=False))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document["evaluated"] == (document["base"] is not None)
    assert ("base rate not evaluated" in alert.text) != alert.is_evaluated
    return alert


def near(*, direction: str | None = "up", **answer: Any) -> GivenRows:
    """Return a level four ticks above price, with a course and an answer."""
    given = levels_at([4])
    if direction:
        given.add(
            "silver.approach_course_1s",
            1,
            level_id="pm_high",
            direction=direction,
            phase="approaching",
        )
    if answer:
        given.add_payload(1, **answer)
    return given


def test_base_rate_and_odds_are_those_of_the_payload() -> None:
    given = near(**ANSWER)
    given.add(
        "gold.conditions_in_use_1s",
        1,
        level_id="pm_high",
        state="ahead_only",
        level_side=1,
        held_s=1,
    )
    before = known(claims={"ahead_only": "not shown"}, records={("pm_high", "up"): RECORD})
    alert = only(said(NEAR, given, 1, before))
    assert alert.base == {"break": 0.3, "reject": 0.55, "chop": 0.15}
    assert alert.odds == {"break": 0.34, "reject": 0.5, "chop": 0.16}
    assert alert.support == Support("similar approaches", None, 41.6, True)
    assert alert.verdict == "not shown"
    assert (alert.level_price, alert.price, alert.distance_ticks) == (6731.25, 6730.25, 4)
    assert alert.time == dt.datetime(2025, 10, 16, 13, 45, 1)
    assert alert.text == (
        "13:45:01 UTC ESZ5 went up 3 ticks in the last minute, 4 ticks below pm_high 6731.25; "
        "break 34% (usually 30%), turn back 50% (usually 55%), neither 16% (usually 15%), worth 42 "
        "independent approaches; only the offers ahead withdraw, by the hypothesis price goes "
        "through (on this lake: not shown)"
    )


def test_usual_shares_without_odds_say_that_there_are_none_now() -> None:
    answer = {key: ANSWER[key] for key in ANSWER if not key.startswith("p_")}
    alert = only(said(NEAR, near(**answer | {"neighbors_ok": False}), 1))
    assert alert.odds is None
    assert alert.support == Support("similar approaches", None, 41.6, False)
    assert "usually break 30%, turn back 55%, neither 15%; no odds now" in alert.text


@pytest.mark.parametrize(
    ("direction", "n_reached", "is_evaluated"),
    [("up", 24, True), ("up", 19, False), ("down", 24, False), (None, 24, False)],
)
def test_without_an_answer_earlier_approaches_are_the_base_rate(
    direction: str | None, n_reached: int, is_evaluated: bool
) -> None:
    """Enough of them in the direction of the course under way; without a course there are none."""
    before = known(records={("pm_high", "up"): {**RECORD, "n_reached": n_reached}})
    alert = only(said(NEAR, near(direction=direction), 1, before))
    assert alert.is_evaluated == is_evaluated
    if is_evaluated:
        assert alert.base == {"break": 0.25, "reject": 0.5, "chop": 0.25}
        assert alert.support == Support("earlier approaches", 24)
        assert "of 24 such approaches that came to it on earlier days 6 broke, 12" in alert.text
    else:
        assert alert.support is None


def test_without_a_base_rate_it_says_not_evaluated() -> None:
    alert = only(said(NEAR, near(p_break=0.5, n_eff=3.0, neighbors_ok=False), 1))
    assert (alert.base, alert.odds, alert.support) == (None, None, None)
    assert alert.verdict == "not evaluated"
    assert alert.as_json()["evaluated"] is False


@pytest.mark.parametrize(("support", "is_evaluated"), [("enough", True), ("too few walls", False)])
def test_a_wall_is_worth_what_became_of_walls_like_it(support: str, is_evaluated: bool) -> None:
    given = levels_at([4])
    bands = {"ratio_from": 5.0, "age_from_s": 10, "distance_from_ticks": 3}
    wall = {"side": "A", "price_int": LEVEL_INT, "wall_ratio": 6.2, "depth_qty": 1180, "age_s": 12}
    given.add("silver.walls_1s", 1, **wall, **bands)
    shares = {
        "pulled_share": 0.5,
        "pulled_late_share": 0.1,
        "eaten_share": 0.15,
        "held_share": 0.25,
    }
    fates = pa.Table.from_pylist(
        [
            {**bands, "ratio_from": 3.0, "n_walls": 7, "support": "enough", **shares},
            {**bands, "n_walls": 80, "support": support, **shares},
        ],
        NO_FATES.schema,
    )
    alert = only(said(rules(a={"kind": "wall"}), given, 1, known(fates=fates)))
    assert alert.is_evaluated == is_evaluated
    assert "a wall of 1,180 asks stands at 6731.25, 6.2 times the usual" in alert.text
    if is_evaluated:
        assert alert.base == {"pulled": 0.5, "pulled_late": 0.1, "eaten": 0.15, "held": 0.25}
        assert alert.support == Support("walls like it", 80)
        assert "walls like this one: 50% pulled before price came" in alert.text
    assert alert.values == {
        "side": "A",
        "wall_price": 6731.25,
        "wall_ratio": 6.2,
        "contracts": 1180,
        "age_s": 12,
    }


@pytest.mark.parametrize(
    ("sign", "verdict"),
    [("long", "supported"), ("not shown", "not shown"), (None, "not evaluated")],
)
def test_a_gamma_wall_is_worth_what_gamma_walls_were(sign: str | None, verdict: str) -> None:
    given = GivenRows()
    given.add("silver.book_snapshot_1s", 1, spot_ref_price_int=LEVEL_INT)
    given.add(
        "silver.gex_summary_1s",
        1,
        put_wall_price_int=LEVEL_INT - 6 * TICK_INT,
        put_wall_ticks=-6,
    )
    row = {
        "n_episodes": 140,
        "held_share": 0.5,
        "broke_share": 0.3,
        "other_held_share": 0.4,
        "other_broke_share": 0.35,
        "preferred_sign": sign,
    }
    before = known(gamma_walls=None if sign is None else row)
    alert = only(said(rules(a={"kind": "gamma_wall"}), given, 1, before))
    assert alert.verdict == verdict
    assert alert.text.startswith("13:45:01 UTC ESZ5: put wall 6729.75, 6 ticks below spot 6731.25;")
    if sign is not None:
        assert alert.base == {"held": 0.4, "broke": 0.35}
        assert alert.odds == {"held": 0.5, "broke": 0.3}
        assert alert.support == Support("gamma walls", 140)
        assert "gamma walls held 50% of 140 approaches; other strikes 40%" in alert.text


def test_other_kinds_say_what_happened() -> None:
    given = near(**ANSWER)
    given.add(
        "gold.break_score_1s",
        1,
        level_id="pm_high",
        score_smooth=81.4,
        signal="BREAK",
        implied_dir="UP",
        confidence="HIGH",
    )
    given.add(
        "silver.iceberg_1s",
        1,
        side="A",
        price_int=LEVEL_INT,
        refill_count=3,
        refill_qty=60,
        hidden_fill_qty=0,
        window_valid=True,
    )
    given.add(
        "gold.conditions_in_use_1s",
        1,
        level_id="pm_high",
        state="partial",
        level_side=1,
        held_s=4,
    )
    settings = rules(
        score={"kind": "score", "signals": ["BREAK"]},
        ice={"kind": "iceberg"},
        part={"kind": "held", "states": ["partial"]},
    )
    texts = {alert.rule: alert.text for alert in said(settings, given, 1)}
    assert "; break score 81, BREAK up, confidence HIGH (a rule of thumb); break" in texts["score"]
    assert "; an iceberg: 60 contracts that were not displayed; break" in texts["ice"]
    assert "; some orders withdraw, but no side as a whole for 4 s; break" in texts["part"]
