"""A live run and the published file give the same alerts; 15 s beside the shared lake."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from itertools import pairwise

import jsonschema
import pytest
from click.testing import CliRunner, Result
from spymaster.alerts.alert import SCHEMA, Alert
from spymaster.alerts.outlet import alerts_outlet
from spymaster.alerts.past import past_alerts
from spymaster.cli import cli
from spymaster.published import NotPublishedError
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support.alert_rows import rules
from support.live_days import SECOND, SYMBOL, live_day
from support.synthetic_book import DAY

MIDNIGHT = dt.datetime.combine(DAY, dt.time())
# in the first minute of the surfaces
FIRST = MIDNIGHT + dt.timedelta(hours=13, minutes=30, seconds=22)
SINGLE_STEPS = [FIRST + second * SECOND for second in range(1, 7)]
LONG_STEPS = [FIRST + second * SECOND for second in range(18, 97, 13)]
WALL_ENDS = ("pulled", "eaten")
# limits of every kind that the small day passes
RULES = rules(
    near={"kind": "near", "ticks": 6, "margin": 1, "on": True},
    held={"kind": "held", "held_s": 1, "states": ["partial", "ahead_only", "none"], "ticks": 40},
    score={"kind": "score", "score_from": 30, "margin": 1, "ticks": 40},
    signal={"kind": "signal"},
    gamma_wall={"kind": "gamma_wall", "ticks": 100},
    wall={"kind": "wall", "ratio": 3, "events": ["appears", *WALL_ENDS]},
    iceberg={"kind": "iceberg", "contracts": 1, "ticks": 40},
)
SPAN = ("--start", "09:00:00", "--end", "09:35:00")
LIVE_KINDS = {"near", "held", "score", "gamma_wall", "wall", "iceberg"}


def past(lake: Lake, *span: dt.datetime) -> list[Alert]:
    return [*past_alerts(lake, SYMBOL, (span[0], span[1]), DAY, RULES, print)]


def test_live_and_past_alerts_are_the_same(explained: Lake) -> None:
    live: list[Alert] = []
    said: list[str] = []
    outlet = alerts_outlet(explained, SYMBOL, DAY, [live.append], RULES, said.append)
    lacking = Counter(line.split()[2] for line in said)
    # the lake has no signals
    assert lacking == {"signal": 1}
    assert all("not live" in line for line in said)
    said.clear()
    with live_day(explained) as day, day.fed(wanted=outlet.relations) as tables:
        tables.advance(MIDNIGHT, FIRST)
        outlet.stepped(tables, MIDNIGHT, FIRST)
        for from_ts, to_ts in pairwise([FIRST, *SINGLE_STEPS, *LONG_STEPS]):
            tables.advance(from_ts, to_ts)
            outlet.stepped(tables, from_ts, to_ts)
    outlet.ended(None)
    built = [
        alert for alert in past(explained, MIDNIGHT, LONG_STEPS[-1]) if alert.kind in LIVE_KINDS
    ]
    late = [alert for alert in built if alert.time < FIRST - dt.timedelta(seconds=60)]
    assert live == built[len(late) :]
    assert {alert.kind for alert in live} == LIVE_KINDS
    assert {alert.event for alert in live if alert.kind == "wall"} == {"appears", "pulled"}
    assert len({alert.time for alert in live}) > 5
    assert late
    assert said == [f"alerts: {len(late)} of before {late[-1].time:%H:%M:%S} UTC are not sent"]


def run(lake: Lake, *arguments: str) -> Result:
    return CliRunner().invoke(
        cli,
        ["alerts", "--symbol", SYMBOL, "--dt", str(DAY), *arguments],
        env={LAKE_VARIABLE: str(lake.root), "COLUMNS": "200"},
    )


def test_the_command_lists_what_the_rules_would_have_said(explained: Lake) -> None:
    result = run(explained, *SPAN, "--json")
    assert result.exit_code == 0, result.output
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    assert documents
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    for document in documents:
        validator.validate(document)
        assert f"{DAY}T13:00:00Z" < document["time"] <= f"{DAY}T13:35:00Z"
    assert f"{len(documents)} alerts (near, touch, held), 0 of them" in result.stderr
    only = run(explained, *SPAN, "--rule", "near")
    assert only.stdout.splitlines() == [
        f"[near] {document['text']}" for document in documents if document["rule"] == "near"
    ]


def test_what_cannot_be_listed_is_refused(explained: Lake) -> None:
    for arguments, words in (
        (["--rule", "nearer"], "is no alert rule that is on"),
        (["--start", "09:31:00", "--end", "09:31:00"], "not after the start"),
    ):
        result = run(explained, *arguments)
        assert isinstance(result.exception, SpymasterError), result.output
        assert words in str(result.exception)
    with pytest.raises(NotPublishedError, match="is not built"):
        alerts_outlet(explained, "ESH6", DAY, [], RULES)
